#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "embedded/capture/ClockPattern.h"
#include "test/embedded/Sides.h"
#include "test/support/NginxRtmp.h"
#include "test/support/ScriptedServer.h"

using namespace rtcroom;
using embedded::createEmbeddedEngine;
using engine::AudioSourceOptions;
using engine::ErrorCode;
using engine::PlayerOptions;
using engine::PlayType;
using engine::PusherOptions;
using engine::SourceKind;
using engine::VideoSourceOptions;
using test::NginxRtmp;
using test::Outcome;
using test::Playing;
using test::Pushing;
using test::quickPlayer;
using test::quickPusher;
using test::RecordingListener;
namespace event = engine::event;

namespace {

/// The codes of `wanted` in the order in which they first came.
std::vector<int> firstTimes(RecordingListener &listener, const std::vector<int> &wanted) {
    std::vector<int> order;
    for (const int code : listener.codes())
        if (std::find(wanted.begin(), wanted.end(), code) != wanted.end() &&
            std::find(order.begin(), order.end(), code) == order.end())
            order.push_back(code);
    return order;
}

std::optional<embedded::ClockReading> clockOf(const engine::VideoFrame &frame) {
    return embedded::ClockPattern::read(frame.buffer->data(), frame.width, frame.width, frame.height);
}

} // namespace

TEST_CASE("a pushed clock arrives complete, in order and soon, with the events in the SDK's order") {
    NginxRtmp server;
    Pushing a;
    a.openSynthetic();
    a.pusher->setVideoResolution(103);
    a.pusher->setVideoFPS(30);
    a.push(server.url("clock"));
    Playing b;
    b.play(server.url("clock"));
    REQUIRE(b.listener.waitForVideo(90, 20));

    uint32_t last = 0;
    std::vector<double> latencyMs;
    for (const engine::VideoFrame &frame : b.listener.video()) {
        CHECK(frame.width == 640);
        CHECK(frame.height == 360);
        const auto clock = clockOf(frame);
        REQUIRE(clock);
        if (last != 0)
            CHECK(clock->frame == last + 1);
        last = clock->frame;
        latencyMs.push_back(static_cast<double>(frame.decodedAtUs - clock->clockUs) / 1000);
    }
    std::sort(latencyMs.begin(), latencyMs.end());
    MESSAGE("latency p50 ", latencyMs[latencyMs.size() / 2], " ms");
    // A bound against seconds of buffering, not a benchmark.
    CHECK(latencyMs[latencyMs.size() / 2] < 500);
    CHECK(b.listener.audio().size() > 50);

    CHECK(firstTimes(a.listener, {1001, 1002, 1007, 1008}) == std::vector{1001, 1002, 1007, 1008});
    CHECK(firstTimes(b.listener, {2001, 2002, 2003, 2004, 2009}) == std::vector{2001, 2002, 2003, 2004, 2009});
}

TEST_CASE("both sides report their status with the SDK's keys") {
    NginxRtmp server;
    Pushing a;
    a.openSynthetic();
    a.push(server.url("status"));
    Playing b;
    b.play(server.url("status"));
    REQUIRE(b.listener.waitFor([](RecordingListener &l) { return l.statusCountLocked() >= 6; }));
    const auto value = [](const engine::Status &status, const std::string &key) {
        for (const auto &[name, entry] : status)
            if (key == name && std::holds_alternative<double>(entry))
                return std::get<double>(entry);
        return -1.0;
    };
    for (RecordingListener *listener : {&a.listener, &b.listener}) {
        const engine::Status status = listener->statuses().back();
        CHECK(value(status, "VIDEO_WIDTH") == 640);
        CHECK(value(status, "VIDEO_HEIGHT") == 360);
        CHECK(value(status, "VIDEO_BITRATE") > 20);
        CHECK(value(status, "NET_SPEED") > 20);
        CHECK(value(status, "AUDIO_BITRATE") >= 0);
        CHECK(value(status, "VIDEO_FPS") > 3);
        for (const auto &[name, entry] : status) {
            const auto table = engine::statusTable();
            CAPTURE(name);
            CHECK(std::any_of(table.begin(), table.end(),
                              [&](const engine::StatusKey &key) { return std::string(key.name) == name; }));
        }
    }
}

TEST_CASE("a push without a preview has sound only, and it plays") {
    NginxRtmp server;
    Pushing a;
    Outcome audio;
    a.pusher->startAudioCapture({}, audio.completion());
    REQUIRE_FALSE(audio.code());
    a.push(server.url("sound"));
    Playing b;
    b.play(server.url("sound"));
    CHECK(b.listener.waitFor([](RecordingListener &l) { return l.audioCountLocked() > 30; }));
    CHECK(b.listener.video().empty());
    CHECK(b.listener.count(event::PLAY_EVT_PLAY_BEGIN) == 1);
}

TEST_CASE("both sides come back after the media server was killed") {
    NginxRtmp server;
    PusherOptions pusherOptions = quickPusher();
    pusherOptions.network.connectRetryCount = 200;
    PlayerOptions playerOptions = quickPlayer();
    playerOptions.network.connectRetryCount = 200;
    Pushing a(pusherOptions);
    a.openSynthetic();
    a.push(server.url("phoenix"));
    Playing b(playerOptions);
    b.play(server.url("phoenix"));
    REQUIRE(b.listener.waitForVideo(20));
    server.stop();
    REQUIRE(a.listener.waitForEvent(event::PUSH_WARNING_RECONNECT));
    REQUIRE(b.listener.waitForEvent(event::PLAY_WARNING_RECONNECT));
    server.start();
    REQUIRE(a.listener.waitForEvent(event::PUSH_EVT_PUSH_BEGIN, 2));
    REQUIRE(b.listener.waitForEvent(event::PLAY_EVT_PLAY_BEGIN, 2));
    b.listener.clearFrames();
    REQUIRE(b.listener.waitForVideo(20));
    int64_t lastMs = -1;
    for (const engine::VideoFrame &frame : b.listener.video()) {
        CHECK(clockOf(frame));
        CHECK(frame.timestampMs > lastMs);
        lastMs = frame.timestampMs;
    }
    CHECK(a.listener.count(event::PUSH_ERR_NET_DISCONNECT) == 0);
    CHECK(b.listener.count(event::PLAY_ERR_NET_DISCONNECT) == 0);
}

TEST_CASE("a port that nobody listens on ends with -1307 and -2301 after the retries") {
    const std::string url = "rtmp://127.0.0.1:" + std::to_string(test::freePort()) + "/live/x?txSecret=geheim";
    Pushing a;
    Outcome pushed;
    a.pusher->startPush(url, pushed.completion());
    CHECK(pushed.code() == ErrorCode::ConnectFailed);
    CHECK(pushed.nativeCode() == -1307);
    CHECK(pushed.message().find("geheim") == std::string::npos);
    CHECK(a.listener.count(event::WARNING_SEVER_CONN_FAIL) == 4);
    CHECK(a.listener.count(event::PUSH_WARNING_RECONNECT) == 3);
    CHECK(a.listener.count(event::PUSH_ERR_NET_DISCONNECT) == 1);
    CHECK_FALSE(a.pusher->isPushing());

    Playing b;
    Outcome played;
    b.player->startPlay(url, PlayType::LiveRtmp, played.completion());
    CHECK(played.code() == ErrorCode::ConnectFailed);
    CHECK(played.nativeCode() == -2301);
    CHECK(b.listener.count(event::PLAY_WARNING_RECONNECT) == 3);
    CHECK(b.listener.count(event::PLAY_ERR_NET_DISCONNECT) == 1);
}

TEST_CASE("a second publisher on a taken stream is refused for good") {
    NginxRtmp server;
    Pushing first;
    first.openSynthetic();
    first.push(server.url("taken"));
    Pushing second;
    second.openSynthetic();
    Outcome pushed;
    second.pusher->startPush(server.url("taken"), pushed.completion());
    CHECK(pushed.code() == ErrorCode::PublishRefused);
    CHECK(second.listener.count(event::PUSH_ERR_SERVER_REFUSED) == 1);
    CHECK(second.listener.count(event::PUSH_WARNING_RECONNECT) == 0);
    CHECK(first.pusher->isPushing());
}

TEST_CASE("a push whose name is held by its own lost connection comes back when the server lets go") {
    std::atomic<int> clients{0};
    test::ScriptedServer server([&](test::Peer &peer) {
        const int client = ++clients;
        peer.acceptConnect();
        peer.readCommand("publish");
        const bool taken = client == 2 || client == 3;
        peer.sendStatus(1, taken ? "error" : "status", taken ? "NetStream.Publish.BadName" : "NetStream.Publish.Start");
        if (client == 1)
            peer.readMessage();
        else
            peer.stayUntilClientGoes();
    });
    Pushing a;
    a.openSynthetic();
    a.push(server.url());
    REQUIRE(a.listener.waitForEvent(event::PUSH_EVT_PUSH_BEGIN, 2));
    CHECK(clients == 4);
    CHECK(a.listener.count(event::PUSH_WARNING_RECONNECT) == 3);
    CHECK(a.listener.count(event::PUSH_ERR_SERVER_REFUSED) == 0);
    CHECK(a.pusher->isPushing());
}

TEST_CASE("a push whose name stays taken after its connection was lost ends as refused") {
    std::atomic<int> clients{0};
    test::ScriptedServer server([&](test::Peer &peer) {
        const bool first = ++clients == 1;
        peer.acceptConnect();
        peer.readCommand("publish");
        peer.sendStatus(1, first ? "status" : "error", first ? "NetStream.Publish.Start" : "NetStream.Publish.BadName");
        if (!first)
            peer.stayUntilClientGoes();
    });
    Pushing a;
    a.openSynthetic();
    a.push(server.url());
    REQUIRE(a.listener.waitForEvent(event::PUSH_ERR_NET_DISCONNECT));
    CHECK(clients == 4);
    CHECK(a.listener.count(event::PUSH_WARNING_RECONNECT) == 3);
    CHECK(a.listener.count(event::PUSH_ERR_SERVER_REFUSED) == 1);
    CHECK_FALSE(a.pusher->isPushing());
}

TEST_CASE("addresses that are not RTMP are refused at once, without an event") {
    for (const char *url : {"", "http://host/live/x", "rtmp://", "rtmp:///live/x", "rtmp://host",
                            "rtmp://host:99999/a/b", "nonsense", "rtmp://host:port/live/x"}) {
        CAPTURE(url);
        Pushing a;
        Outcome pushed;
        a.pusher->startPush(url, pushed.completion());
        CHECK(pushed.code() == ErrorCode::InvalidUrl);
        CHECK(a.listener.codes().empty());
    }
}

TEST_CASE("stop, close and a second start are legal at any time") {
    NginxRtmp server;
    for (int round = 0; round < 30; ++round) {
        Pushing a;
        Playing b;
        Outcome preview;
        a.pusher->startPreview({}, preview.completion());
        Outcome pushed;
        a.pusher->startPush(server.url("hasty"), pushed.completion());
        Outcome played;
        b.player->startPlay(server.url("hasty"), PlayType::LiveRtmpAcc, played.completion());
        CHECK_THROWS_AS(a.pusher->startPush(server.url("hasty"), {}), engine::EngineException);
        std::this_thread::sleep_for(std::chrono::microseconds(round * 700));
        Outcome stopped;
        a.pusher->stopPush(stopped.completion());
        Outcome playStopped;
        b.player->stopPlay(playStopped.completion());
        Outcome again;
        a.pusher->startPush(server.url("hasty"), again.completion());
        Outcome closed;
        Outcome closedTwice;
        a.pusher->close(closed.completion());
        a.pusher->close(closedTwice.completion());
        CHECK_FALSE(closed.code());
        CHECK_FALSE(closedTwice.code());
        CHECK(pushed.done());
        CHECK(again.done());
        CHECK_FALSE(stopped.code());
        CHECK_FALSE(playStopped.code());
        CHECK(played.done());
        CHECK_THROWS_AS(a.pusher->setMute(true), engine::EngineException);
    }
}

TEST_CASE("an object that is destroyed while it works ends its calls") {
    NginxRtmp server;
    Outcome pushed;
    Outcome preview;
    {
        Pushing a;
        a.pusher->startPreview({}, preview.completion());
        a.pusher->startPush(server.url("gone"), pushed.completion());
    }
    CHECK(pushed.done(0));
    CHECK(preview.done(0));
}

TEST_CASE("a snapshot and a recording are taken of what is played") {
    NginxRtmp server;
    Pushing a;
    a.openSynthetic();
    a.push(server.url("kept"));
    Playing b;
    b.play(server.url("kept"));
    std::string pattern = (std::filesystem::temp_directory_path() / "rtcroom-kept-XXXXXX").string();
    const std::filesystem::path folder = mkdtemp(pattern.data());
    Outcome snapshot;
    b.player->captureVideoSnapShot(folder / "picture.png", snapshot.completion());
    CHECK_FALSE(snapshot.code());
    CHECK(std::filesystem::file_size(folder / "picture.png") > 1000);
    CHECK(b.listener.waitForEvent(event::PLAY_EVT_SNAPSHOT_RESULT));
    Outcome bad;
    b.player->captureVideoSnapShot(folder / "picture.png", bad.completion());
    CHECK(bad.code() == ErrorCode::SnapshotFailed);
    CHECK(bad.nativeCode() == -3);

    Outcome record;
    b.player->startLocalRecord(folder / "call.mp4", 0, record.completion());
    REQUIRE_FALSE(record.code());
    b.listener.clearFrames();
    REQUIRE(b.listener.waitForVideo(30));
    Outcome recorded;
    b.player->stopLocalRecord(recorded.completion());
    CHECK_FALSE(recorded.code());
    CHECK(std::filesystem::file_size(folder / "call.mp4") > 10'000);
    CHECK(b.listener.waitForEvent(event::PLAY_EVT_LOCAL_RECORD_RESULT));
    Outcome none;
    b.player->stopLocalRecord(none.completion());
    CHECK(none.code() == ErrorCode::InvalidState);
    std::filesystem::remove_all(folder);
}

TEST_CASE("options out of range are refused with the option's name") {
    RecordingListener listener;
    PusherOptions options;
    options.audioSampleRate = 12345;
    try {
        (void)createEmbeddedEngine()->createPusher(options, listener);
        FAIL("accepted");
    } catch (const engine::EngineException &failure) {
        CHECK(failure.error().code == ErrorCode::InvalidArgument);
        CHECK(failure.error().message.find("audioSampleRate") != std::string::npos);
    }
    Pushing a;
    CHECK_THROWS_AS(a.pusher->setVideoFPS(0), engine::EngineException);
    CHECK_THROWS_AS(a.pusher->setVideoBitRate(-1), engine::EngineException);
    CHECK_THROWS_AS(a.pusher->setVideoResolution(7), engine::EngineException);
}

TEST_CASE("a picture of the application arrives") {
    NginxRtmp server;
    Pushing a;
    Outcome preview;
    a.pusher->startPreview({SourceKind::User, {}, false}, preview.completion());
    REQUIRE_FALSE(preview.code());
    a.push(server.url("user"));
    Playing b;
    Outcome played;
    b.player->startPlay(server.url("user"), PlayType::LiveRtmpAcc, played.completion());
    std::vector<uint8_t> picture(640 * 360 * 3 / 2, 128);
    std::fill_n(picture.begin(), 640 * 360, static_cast<uint8_t>(90));
    for (int i = 0; i < 400 && b.listener.video().size() < 5; ++i) {
        a.pusher->sendCustomVideoData({picture.data(), picture.size(), 640, 360, -1});
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
    }
    REQUIRE(b.listener.video().size() >= 5);
    CHECK(std::abs(b.listener.video().back().buffer->data()[640 * 100 + 320] - 90) <= 4);
    CHECK_THROWS_AS(a.pusher->sendCustomVideoData({picture.data(), 100, 640, 360, -1}), engine::EngineException);
    CHECK_FALSE(played.code());
}
