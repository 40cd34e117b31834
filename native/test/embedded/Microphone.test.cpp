#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <vector>

#include "embedded/capture/SoundInputs.h"
#include "engine/Frame.h"
#include "sound/SoundDevices.h"
#include "test/embedded/Sides.h"
#include "test/support/Await.h"
#include "test/support/CodeOf.h"
#include "test/support/NginxRtmp.h"
#include "test/support/PulseServer.h"
#include "test/support/Tone.h"

using namespace rtcroom;
using namespace rtcroom::test;
namespace event = engine::event;
using sound::DeviceKind;

namespace {

/// A tone in a loudspeaker.
struct Whistle {
    Whistle(const std::string &speaker, double hz, double amplitude = 0.4)
        : tone(hz, amplitude, sound::DEVICE_RATE),
          stream(sound::SoundDevices::share()->open(DeviceKind::Speaker, speaker, 1, [this](std::span<float> block) {
              std::ranges::fill(block, 0.0F);
              tone.add(block);
          })) {}
    Tone tone;
    std::unique_ptr<sound::SoundStream> stream;
};

/// Decoded sound of the last half second, of the left channel.
std::vector<float> lastHeard(Playing &playing) {
    const std::vector<engine::AudioFrame> frames = playing.listener.audio();
    std::vector<float> heard;
    for (const engine::AudioFrame &frame : frames) {
        const auto *samples = reinterpret_cast<const int16_t *>(frame.buffer->data());
        for (int i = 0; i < frame.samples; ++i)
            heard.push_back(static_cast<float>(samples[i * frame.channels]) / 32768);
    }
    const size_t wanted = frames.empty() ? 0 : static_cast<size_t>(frames.back().sampleRate) / 2;
    if (heard.size() > wanted)
        heard.erase(heard.begin(), heard.end() - static_cast<ptrdiff_t>(wanted));
    return heard;
}

double amplitude(Playing &playing, double hz, int rate = 48000) { return amplitudeAt(lastHeard(playing), hz, rate); }

/// Without what would take a steady tone for noise.
void plain(engine::Pusher &pusher) {
    for (const int type : {1, 2, 4})
        pusher.enableAudioPreprocess(type, false);
}

std::optional<engine::ErrorCode> startMicrophone(engine::Pusher &pusher) {
    engine::AudioSourceOptions options;
    options.kind = engine::SourceKind::Microphone;
    Outcome started;
    pusher.startAudioCapture(options, started.completion());
    return started.code();
}

} // namespace

TEST_CASE("a microphone is pushed; its volume and the capture's scale it") {
    const PulseServer pulse;
    NginxRtmp server;
    const Whistle whistle("Mouth", 700);
    Pushing pushing;
    plain(*pushing.pusher);
    const std::vector<engine::Device> mics = pushing.pusher->enumMics();
    REQUIRE(mics.size() == 1);
    CHECK(mics[0].name == "Micro");
    CHECK_FALSE(startMicrophone(*pushing.pusher));
    pushing.push(server.url("mic"));
    Playing playing;
    playing.play(server.url("mic"));
    CHECK(await([&] { return std::abs(amplitude(playing, 700) - 0.4) < 0.05; }));
    CHECK(await([&] { return pushing.pusher->micVolumeIndication() > 50; }));

    CHECK(pushing.pusher->micVolume() == 65535);
    for (const int wrong : {-1, 65536})
        CHECK(codeOf([&] { pushing.pusher->setMicVolume(wrong); }) == engine::ErrorCode::InvalidArgument);
    pushing.pusher->setMicVolume(65535 / 4);
    CHECK(pushing.pusher->micVolume() == 65535 / 4);
    CHECK(await([&] { return std::abs(amplitude(playing, 700) - 0.1) < 0.02; }));
    pushing.pusher->setMicVolume(65535);

    pushing.pusher->enableMic(false);
    CHECK(await([&] { return rms(lastHeard(playing)) < 0.001; }));
    pushing.pusher->enableMic(true);
    CHECK(await([&] { return std::abs(amplitude(playing, 700) - 0.4) < 0.05; }));
    CHECK(codeOf([&] { pushing.pusher->selectMicDevice(1); }) == engine::ErrorCode::DeviceNotFound);
    CHECK(codeOf([&] { pushing.pusher->selectMicDevice(-1); }) == engine::ErrorCode::DeviceNotFound);
    pushing.pusher->selectMicDevice(0);
    CHECK(await([&] { return std::abs(amplitude(playing, 700) - 0.4) < 0.05; }));
    CHECK(codeOf([&] { pushing.pusher->setAudioChannels(2); }) == engine::ErrorCode::InvalidState);
}

TEST_CASE("system sound is mixed with the microphone, alone when there is none, and let go") {
    const PulseServer pulse;
    NginxRtmp server;
    const Whistle mouth("Mouth", 700, 0.3), music("One", 1900, 0.3);
    Pushing pushing;
    plain(*pushing.pusher);
    CHECK(codeOf([&] { pushing.pusher->openSystemVoiceInput("/bin/true"); }) == engine::ErrorCode::InvalidArgument);
    pushing.pusher->openSystemVoiceInput("");
    pushing.push(server.url("mix"));
    Playing playing;
    playing.play(server.url("mix"));
    CHECK(await([&] { return std::abs(amplitude(playing, 1900) - 0.3) < 0.05; }));
    CHECK(amplitude(playing, 700) < 0.01);
    CHECK_FALSE(startMicrophone(*pushing.pusher));
    CHECK(await([&] {
        return std::abs(amplitude(playing, 1900) - 0.3) < 0.05 && std::abs(amplitude(playing, 700) - 0.3) < 0.05;
    }));
    for (const int wrong : {-1, 101})
        CHECK(codeOf([&] { pushing.pusher->setSystemVoiceInputVolume(wrong); }) == engine::ErrorCode::InvalidArgument);
    pushing.pusher->setSystemVoiceInputVolume(50);
    CHECK(await([&] { return std::abs(amplitude(playing, 1900) - 0.15) < 0.03; }));
    pushing.pusher->enableMic(false);
    CHECK(await([&] { return amplitude(playing, 700) < 0.01 && amplitude(playing, 1900) > 0.1; }));
    pushing.pusher->enableMic(true);
    pushing.pusher->closeSystemVoiceInput();
    CHECK(await([&] { return amplitude(playing, 1900) < 0.01 && amplitude(playing, 700) > 0.2; }));
}

TEST_CASE("a microphone that is unplugged is told, and back when it is") {
    const PulseServer pulse;
    NginxRtmp server;
    Pushing pushing;
    plain(*pushing.pusher);
    CHECK_FALSE(startMicrophone(*pushing.pusher));
    pushing.push(server.url("unplugged"));
    Playing playing;
    playing.play(server.url("unplugged"));
    pulse.unplugAll("module-remap-source");
    CHECK(pushing.listener.waitForEvent(event::PUSH_WARNING_MICROPHONE_LOST));
    CHECK(pushing.pusher->isPushing());
    pulse.plugMicrophone();
    CHECK(pushing.listener.waitForEvent(event::PUSH_EVT_MICROPHONE_AVAILABLE));
    CHECK(pushing.listener.count(event::PUSH_WARNING_MICROPHONE_LOST) == 1);
    const Whistle whistle("Mouth", 700);
    CHECK(await([&] { return amplitude(playing, 700) > 0.3; }));
}

TEST_CASE("without a microphone the capture is refused and told, and what was captured goes on") {
    setenv("SDL_AUDIODRIVER", "pulseaudio", 1);
    setenv("PULSE_SERVER", "unix:/nowhere", 1);
    Pushing pushing;
    pushing.openSynthetic();
    CHECK(startMicrophone(*pushing.pusher) == engine::ErrorCode::DeviceNotFound);
    CHECK(pushing.listener.waitForEvent(event::PUSH_ERR_OPEN_MIC_FAIL));
    NginxRtmp server;
    pushing.push(server.url("refused"));
    Playing playing;
    playing.play(server.url("refused"));
    CHECK(await([&] { return amplitude(playing, 1000) > 0.02; }));
    unsetenv("PULSE_SERVER");
    unsetenv("SDL_AUDIODRIVER");
}

TEST_CASE("an occupied microphone has an event of its own") {
    CHECK(embedded::openFailureEvent(engine::ErrorCode::DeviceOccupied) == event::PUSH_ERR_MICROPHONE_OCCUPY);
    CHECK(embedded::openFailureEvent(engine::ErrorCode::DeviceFailed) == event::PUSH_ERR_OPEN_MIC_FAIL);
    CHECK(embedded::openFailureEvent(engine::ErrorCode::DeviceNotFound) == event::PUSH_ERR_OPEN_MIC_FAIL);
}

TEST_CASE("a microphone test shows its level without a push") {
    const PulseServer pulse;
    const Whistle whistle("Mouth", 700);
    Pushing pushing;
    plain(*pushing.pusher);
    CHECK(pushing.pusher->micVolumeIndication() == 0);
    pushing.pusher->openMicTest();
    pushing.pusher->openMicTest();
    CHECK(await([&] { return pushing.pusher->micVolumeIndication() > 70; }));
    pushing.pusher->closeMicTest();
    CHECK(await([&] { return pushing.pusher->micVolumeIndication() == 0; }));
    pushing.pusher->closeMicTest();
}

TEST_CASE("stereo and low rates are pushed as they were set") {
    const PulseServer pulse;
    NginxRtmp server;
    const Whistle whistle("Mouth", 700);
    for (const int rate : {8000, 44100}) {
        CAPTURE(rate);
        engine::PusherOptions options = quickPusher();
        options.audioSampleRate = rate;
        options.audioBitrateKbps = 32;
        Pushing pushing(options);
        plain(*pushing.pusher);
        for (const int wrong : {0, 3})
            CHECK(codeOf([&] { pushing.pusher->setAudioChannels(wrong); }) == engine::ErrorCode::InvalidArgument);
        pushing.pusher->setAudioChannels(2);
        CHECK_FALSE(startMicrophone(*pushing.pusher));
        pushing.push(server.url("rate"));
        Playing playing;
        playing.play(server.url("rate"));
        CHECK(await([&] { return amplitude(playing, 700, rate) > 0.3; }));
        CHECK(playing.listener.audio().back().channels == 2);
        CHECK(playing.listener.audio().back().sampleRate == rate);
    }
}

TEST_CASE("a close ends with a microphone that is open or being opened") {
    const PulseServer pulse;
    for (int i = 0; i < 6; ++i) {
        Pushing pushing;
        engine::AudioSourceOptions options;
        options.kind = engine::SourceKind::Microphone;
        Outcome started, closed;
        pushing.pusher->startAudioCapture(options, started.completion());
        if (i % 2)
            CHECK_FALSE(started.code());
        pushing.pusher->openSystemVoiceInput("");
        pushing.pusher->close(closed.completion());
        CHECK_FALSE(closed.code());
        CHECK(started.done());
        CHECK(codeOf([&] { pushing.pusher->enumMics(); }) == engine::ErrorCode::Closed);
    }
}
