#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "sound/SoundDevices.h"
#include "test/embedded/Sides.h"
#include "test/support/Await.h"
#include "test/support/CodeOf.h"
#include "test/support/NginxRtmp.h"
#include "test/support/PulseServer.h"
#include "test/support/Watch.h"

// A sound server that hangs (it is stopped by SIGSTOP) keeps whoever asks it waiting for as long as it likes.

using namespace rtcroom;
using namespace rtcroom::test;
using engine::ErrorCode;
using std::chrono::milliseconds;
namespace event = engine::event;

namespace {

constexpr milliseconds AT_ONCE{1000};

void startMicrophone(engine::Pusher &pusher, Outcome &outcome) {
    engine::AudioSourceOptions options;
    options.kind = engine::SourceKind::Microphone;
    pusher.startAudioCapture(options, outcome.completion());
}

/// That the server answers again.
bool opens() {
    return await([] {
        Pushing pushing;
        Outcome started;
        startMicrophone(*pushing.pusher, started);
        return !started.code();
    });
}

} // namespace

TEST_CASE("a microphone whose sound server hangs is an error after a while, and holds up nothing else") {
    const PulseServer pulse;
    NginxRtmp server;
    pulse.pause();
    Pushing pushing;
    Outcome microphone;
    const Watch opening;
    startMicrophone(*pushing.pusher, microphone);
    {
        const Watch meanwhile;
        Outcome preview, stopped;
        pushing.pusher->startPreview({}, preview.completion());
        CHECK_FALSE(preview.code());
        pushing.push(server.url("hung"));
        pushing.pusher->stopPush(stopped.completion());
        CHECK_FALSE(stopped.code());
        CHECK(codeOf([&] { pushing.pusher->setAudioChannels(2); }) == ErrorCode::InvalidState);
        CHECK(meanwhile.passed() < 2 * AT_ONCE);
    }
    CHECK_FALSE(microphone.done(0));
    CHECK(microphone.code() == ErrorCode::DeviceFailed);
    CHECK(opening.passed() > milliseconds(4500));
    CHECK(opening.passed() < milliseconds(7000));
    CHECK(pushing.listener.waitForEvent(event::PUSH_ERR_OPEN_MIC_FAIL));
    CHECK(microphone.message().find("the sound server (pulseaudio) does not answer") != std::string::npos);

    // It was silent for long enough: what is asked of it now fails at once.
    const Watch again;
    Outcome second;
    startMicrophone(*pushing.pusher, second);
    CHECK(second.code() == ErrorCode::DeviceFailed);
    CHECK(codeOf([&] { pushing.pusher->enumMics(); }) == ErrorCode::DeviceFailed);
    // Nothing is open, so that this is free again.
    pushing.pusher->setAudioChannels(2);
    CHECK(again.passed() < AT_ONCE);

    pulse.resume();
    CHECK(opens());
}

TEST_CASE("a stop and a close end with a microphone whose sound server hangs") {
    const PulseServer pulse;
    pulse.pause();
    {
        Pushing pushing;
        Outcome started, stopped, closed;
        startMicrophone(*pushing.pusher, started);
        const Watch watch;
        pushing.pusher->stopAudioCapture(stopped.completion());
        CHECK_FALSE(stopped.code());
        CHECK(started.code() == ErrorCode::Aborted);
        Outcome another;
        startMicrophone(*pushing.pusher, another);
        pushing.pusher->openSystemVoiceInput("");
        pushing.pusher->openMicTest();
        pushing.pusher->close(closed.completion());
        CHECK_FALSE(closed.code());
        CHECK(another.code() == ErrorCode::Aborted);
        CHECK(watch.passed() < 2 * AT_ONCE);
    }
    pulse.resume();
    CHECK(opens());
}

TEST_CASE("a stop during an opening takes no choice back") {
    const PulseServer pulse;
    pulse.pause();
    Pushing pushing;
    Outcome opening, stopped, disabled;
    startMicrophone(*pushing.pusher, opening);
    pushing.pusher->enableMic(false);
    pushing.pusher->stopAudioCapture(stopped.completion());
    CHECK_FALSE(stopped.code());
    CHECK(opening.code() == ErrorCode::Aborted);
    // It is off, and so nothing is opened.
    const Watch watch;
    startMicrophone(*pushing.pusher, disabled);
    CHECK_FALSE(disabled.code());
    CHECK(watch.passed() < AT_ONCE);

    // Turned on, which the server holds up; and it stays so.
    Outcome closed, enabled;
    pushing.pusher->enableMic(true);
    pushing.pusher->stopAudioCapture(closed.completion());
    CHECK_FALSE(closed.code());
    startMicrophone(*pushing.pusher, enabled);
    CHECK(enabled.code() == ErrorCode::DeviceFailed);
}

TEST_CASE("a close ends with devices that are open when the sound server begins to hang") {
    const PulseServer pulse;
    NginxRtmp server;
    Pushing pushing;
    pushing.openSynthetic();
    Outcome microphone;
    startMicrophone(*pushing.pusher, microphone);
    CHECK_FALSE(microphone.code());
    pushing.push(server.url("hangs"));
    engine::PlayerOptions options = quickPlayer();
    options.speaker = true;
    Playing playing(options);
    playing.play(server.url("hangs"));
    CHECK(playing.listener.waitForEvent(event::PLAY_EVT_SPEAKER_AVAILABLE));
    pulse.pause();
    const Watch watch;
    Outcome pusher, player;
    playing.player->close(player.completion());
    CHECK_FALSE(player.code());
    pushing.pusher->close(pusher.completion());
    CHECK_FALSE(pusher.code());
    CHECK(watch.passed() < 2 * AT_ONCE);
    pulse.resume();
    CHECK(opens());
}

TEST_CASE("a loudspeaker whose sound server hangs is told once, the playback goes on, and it is heard when it can be") {
    const PulseServer pulse;
    NginxRtmp server;
    Pushing pushing;
    pushing.openSynthetic();
    pushing.push(server.url("mute"));
    pulse.pause();
    engine::PlayerOptions options = quickPlayer();
    options.speaker = true;
    Playing playing(options);
    playing.play(server.url("mute"));
    CHECK(playing.listener.waitForEvent(event::PLAY_WARNING_SPEAKER_LOST));
    CHECK(playing.listener.waitForVideo(60));
    CHECK(playing.listener.count(event::PLAY_WARNING_SPEAKER_LOST) == 1);
    CHECK(playing.listener.count(event::PLAY_EVT_SPEAKER_AVAILABLE) == 0);
    pulse.resume();
    CHECK(playing.listener.waitForEvent(event::PLAY_EVT_SPEAKER_AVAILABLE));
    CHECK(playing.listener.count(event::PLAY_WARNING_SPEAKER_LOST) == 1);
}

TEST_CASE("devices that are open when their sound server begins to hang are told as lost, and are used again when it "
          "is back") {
    const PulseServer pulse;
    NginxRtmp server;
    Pushing pushing;
    pushing.openSynthetic();
    Outcome microphone;
    startMicrophone(*pushing.pusher, microphone);
    CHECK_FALSE(microphone.code());
    pushing.push(server.url("stands"));
    engine::PlayerOptions options = quickPlayer();
    options.speaker = true;
    Playing playing(options);
    playing.play(server.url("stands"));
    CHECK(playing.listener.waitForEvent(event::PLAY_EVT_SPEAKER_AVAILABLE));
    CHECK(playing.listener.waitForVideo(30));
    CHECK(playing.listener.count(event::PLAY_WARNING_SPEAKER_LOST) == 0);
    CHECK(pushing.listener.count(event::PUSH_WARNING_MICROPHONE_LOST) == 0);

    pulse.pause();
    CHECK(pushing.listener.waitForEvent(event::PUSH_WARNING_MICROPHONE_LOST));
    CHECK(playing.listener.waitForEvent(event::PLAY_WARNING_SPEAKER_LOST));
    // The stream goes on, the microphone's part of it is silent.
    CHECK(playing.listener.waitForVideo(60));
    CHECK(playing.listener.count(event::PLAY_EVT_SPEAKER_AVAILABLE) == 1);
    CHECK(pushing.listener.count(event::PUSH_EVT_MICROPHONE_AVAILABLE) == 0);

    pulse.resume();
    CHECK(pushing.listener.waitForEvent(event::PUSH_EVT_MICROPHONE_AVAILABLE));
    CHECK(await([&] { return playing.listener.count(event::PLAY_EVT_SPEAKER_AVAILABLE) == 2; }));
    // Once each, however long it took.
    CHECK(pushing.listener.count(event::PUSH_WARNING_MICROPHONE_LOST) == 1);
    CHECK(playing.listener.count(event::PLAY_WARNING_SPEAKER_LOST) == 1);
    CHECK(playing.listener.waitForVideo(30));
}
