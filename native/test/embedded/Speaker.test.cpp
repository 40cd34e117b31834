#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <vector>

#include "embedded/capture/ClockPattern.h"
#include "engine/Frame.h"
#include "sound/SoundDevices.h"
#include "test/embedded/Sides.h"
#include "test/support/Await.h"
#include "test/support/CodeOf.h"
#include "test/support/NginxRtmp.h"
#include "test/support/PulseServer.h"
#include "test/support/Tone.h"
#include "test/support/Xvfb.h"
#include "test/window/Eye.h"

using namespace rtcroom;
using namespace rtcroom::test;
namespace event = engine::event;
using sound::DeviceKind;

namespace {

/// Hears what a loudspeaker plays, and when its beeps (1000 Hz, at each whole second of the pusher's clock) begin.
struct Listener {
    explicit Listener(const std::string &speaker)
        : stream(sound::SoundDevices::share()->open(DeviceKind::SystemSound, "Monitor of " + speaker, 1,
                                                    [this](std::span<float> block) { hear(block); })) {}

    void hear(std::span<const float> block) {
        const std::lock_guard lock(mutex);
        const int64_t beginUs = engine::clockMicros() - sound::DEVICE_DELAY_US;
        for (size_t i = 0; i < block.size(); ++i) {
            if (std::abs(block[i]) > 0.1F) {
                if (quiet > 4800)
                    beepsUs.push_back(beginUs + static_cast<int64_t>(i) * 1'000'000 / sound::DEVICE_RATE);
                quiet = 0;
            } else {
                ++quiet;
            }
        }
    }
    size_t beeps() {
        const std::lock_guard lock(mutex);
        return beepsUs.size();
    }
    bool hearsMore(size_t count) {
        const size_t before = beeps();
        return await([&] { return beeps() >= before + count; });
    }

    /// How long after its second each of the last `count` beeps began.
    std::vector<double> lateMs(size_t count) {
        const std::lock_guard lock(mutex);
        std::vector<double> late;
        for (auto beep = beepsUs.end() - static_cast<ptrdiff_t>(count); beep != beepsUs.end(); ++beep)
            late.push_back(static_cast<double>(*beep % 1'000'000) / 1000);
        return late;
    }
    int64_t quietForMs() {
        const std::lock_guard lock(mutex);
        return quiet * 1000 / sound::DEVICE_RATE;
    }

    std::mutex mutex;
    int64_t quiet = 0;
    std::vector<int64_t> beepsUs;
    std::unique_ptr<sound::SoundStream> stream;
};

engine::PlayerOptions withSpeaker() {
    engine::PlayerOptions options = quickPlayer();
    options.audioOutput = false;
    options.speaker = true;
    return options;
}

double median(std::vector<double> values) {
    std::ranges::nth_element(values, values.begin() + static_cast<ptrdiff_t>(values.size() / 2));
    return values[values.size() / 2];
}

} // namespace

TEST_CASE("a player's sound is heard in the loudspeaker, with its picture") {
    const PulseServer pulse;
    NginxRtmp server;
    Pushing pushing;
    pushing.openSynthetic();
    pushing.pusher->setVideoFPS(30);
    pushing.push(server.url("speaker"));
    Listener ear("One");
    Playing playing(withSpeaker());
    playing.play(server.url("speaker"));
    CHECK(playing.listener.waitForEvent(event::PLAY_EVT_SPEAKER_AVAILABLE));
    REQUIRE(ear.hearsMore(5));
    // How late pictures are shown and beeps are heard, after the clock in the picture and the whole second.
    const std::vector<engine::VideoFrame> pictures = playing.listener.video();
    REQUIRE(pictures.size() > 60);
    std::vector<double> shownMs;
    for (auto frame = pictures.end() - 45; frame != pictures.end(); ++frame) {
        const auto clock =
            embedded::ClockPattern::read(frame->buffer->data(), frame->width, frame->width, frame->height);
        REQUIRE(clock);
        shownMs.push_back(static_cast<double>(frame->decodedAtUs - clock->clockUs) / 1000);
    }
    // A single beep may be told late, since the ear is a stream of the same sound server.
    const double heard = median(ear.lateMs(5));
    const double shown = median(shownMs);
    MESSAGE("picture ", shown, " ms, sound ", heard, " ms after the pusher's clock");
    CHECK(heard - shown <= 40);
    CHECK(heard - shown >= -40);
    CHECK(playing.listener.count(event::PLAY_WARNING_SPEAKER_LOST) == 0);
}

TEST_CASE("a loudspeaker is chosen, goes, comes back and is let go while a player plays") {
    const PulseServer pulse;
    NginxRtmp server;
    Pushing pushing;
    pushing.openSynthetic();
    pushing.push(server.url("chosen"));
    engine::PlayerOptions options = withSpeaker();
    options.speaker = false;
    Playing playing(options);
    playing.play(server.url("chosen"));
    Listener two("Two");
    const std::vector<engine::Device> speakers = playing.player->enumSpeakers();
    REQUIRE(speakers.size() == 3);
    CHECK(speakers[1].name == "Two");
    for (const int wrong : {3, 99})
        CHECK(codeOf([&] { playing.player->selectSpeakerDevice(wrong); }) == engine::ErrorCode::DeviceNotFound);
    CHECK(codeOf([&] { playing.player->selectSpeakerDevice(-2); }) == engine::ErrorCode::InvalidArgument);
    CHECK(playing.listener.count(event::PLAY_EVT_SPEAKER_AVAILABLE) == 0);
    CHECK(two.beeps() == 0);

    playing.player->selectSpeakerDevice(1);
    CHECK(playing.listener.waitForEvent(event::PLAY_EVT_SPEAKER_AVAILABLE));
    CHECK(two.hearsMore(2));

    // Its own volume, which the application's sound does not have.
    CHECK(playing.player->speakerVolume() == 65535);
    CHECK(codeOf([&] { playing.player->setSpeakerVolume(65536); }) == engine::ErrorCode::InvalidArgument);
    CHECK(codeOf([&] { playing.player->setSpeakerVolume(-1); }) == engine::ErrorCode::InvalidArgument);
    CHECK(playing.player->speakerVolume() == 65535);
    playing.player->setSpeakerVolume(0);
    CHECK(playing.player->speakerVolume() == 0);
    CHECK(await([&] { return two.quietForMs() > 2500; }));
    CHECK(
        playing.listener.waitFor([&](RecordingListener &) { return playing.player->speakerVolumeIndication() > 50; }));
    playing.player->setSpeakerVolume(65535);
    CHECK(two.hearsMore(1));

    two.stream.reset();
    pulse.unplugAll();
    CHECK(playing.listener.waitForEvent(event::PLAY_WARNING_SPEAKER_LOST));
    pulse.plug("Two");
    CHECK(playing.listener.waitForEvent(event::PLAY_EVT_SPEAKER_AVAILABLE, 2));
    CHECK(playing.listener.count(event::PLAY_WARNING_SPEAKER_LOST) == 1);
    REQUIRE(await([] {
        const auto monitors = sound::SoundDevices::share()->list(DeviceKind::SystemSound);
        return std::ranges::any_of(monitors, [](const auto &device) { return device.name == "Monitor of Two"; });
    }));
    Listener again("Two");
    CHECK(again.hearsMore(2));

    playing.player->selectSpeakerDevice(-1);
    CHECK(await([&] { return again.quietForMs() > 2500; }));
}

TEST_CASE("a playback without a working loudspeaker goes on, and says so once") {
    setenv("SDL_AUDIODRIVER", "pulseaudio", 1);
    setenv("PULSE_SERVER", "unix:/nowhere", 1);
    NginxRtmp server;
    Pushing pushing;
    pushing.openSynthetic();
    pushing.push(server.url("silent"));
    Playing playing(withSpeaker());
    playing.play(server.url("silent"));
    CHECK(playing.listener.waitForEvent(event::PLAY_WARNING_SPEAKER_LOST));
    CHECK(playing.listener.waitForVideo(60));
    CHECK(playing.listener.count(event::PLAY_WARNING_SPEAKER_LOST) == 1);
    CHECK(playing.listener.count(event::PLAY_EVT_SPEAKER_AVAILABLE) == 0);
    CHECK(codeOf([&] { playing.player->enumSpeakers(); }) == engine::ErrorCode::DeviceNotFound);
    unsetenv("PULSE_SERVER");
    unsetenv("SDL_AUDIODRIVER");
}

TEST_CASE("stop and close end with a loudspeaker that is open or being opened") {
    const PulseServer pulse;
    NginxRtmp server;
    Pushing pushing;
    pushing.openSynthetic();
    pushing.push(server.url("ends"));
    for (int i = 0; i < 6; ++i) {
        Playing playing(withSpeaker());
        Outcome started;
        playing.player->startPlay(server.url("ends"), engine::PlayType::LiveRtmpAcc, started.completion());
        if (i % 2)
            CHECK_FALSE(started.code());
        const auto begin = std::chrono::steady_clock::now();
        Outcome stopped;
        playing.player->stopPlay(stopped.completion());
        CHECK_FALSE(stopped.code());
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(500));
        Outcome closed;
        playing.player->close(closed.completion());
        CHECK_FALSE(closed.code());
        CHECK(codeOf([&] { playing.player->selectSpeakerDevice(0); }) == engine::ErrorCode::Closed);
    }
}

TEST_CASE("a window and its end leave the loudspeaker as it is") {
    const PulseServer pulse;
    const Xvfb screen;
    NginxRtmp server;
    Pushing pushing;
    pushing.openSynthetic();
    pushing.push(server.url("window"));
    Playing playing(withSpeaker());
    playing.play(server.url("window"));
    Listener ear("One");
    REQUIRE(ear.hearsMore(1));
    {
        const Eye eye;
        playing.player->setRenderFrame(eye.foreign(160, 120));
        CHECK(ear.hearsMore(2));
        playing.player->closeRenderFrame();
        settleWindows();
    }
    CHECK(ear.hearsMore(2));
    CHECK(playing.listener.count(event::PLAY_WARNING_SPEAKER_LOST) == 0);
}
