#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "embedded/EmbeddedEngine.h"
#include "test/support/RecordingListener.h"

namespace rtcroom::test {

inline engine::PusherOptions quickPusher() {
    engine::PusherOptions options;
    options.network = {
        .connectRetryCount = 3, .connectRetryIntervalMs = 50, .connectTimeoutMs = 1000, .dataTimeoutMs = 2000};
    options.statusIntervalMs = 200;
    return options;
}

inline engine::PlayerOptions quickPlayer() {
    engine::PlayerOptions options;
    options.network = quickPusher().network;
    options.videoFormat = engine::OutputVideoFormat::I420;
    options.audioOutput = true;
    options.statusIntervalMs = 200;
    return options;
}

struct Pushing {
    explicit Pushing(engine::PusherOptions options = quickPusher())
        : pusher(embedded::createEmbeddedEngine()->createPusher(options, listener)) {}

    void openSynthetic() {
        Outcome preview;
        pusher->startPreview({}, preview.completion());
        REQUIRE_FALSE(preview.code());
        Outcome audio;
        pusher->startAudioCapture({}, audio.completion());
        REQUIRE_FALSE(audio.code());
    }
    void push(const std::string &url) {
        Outcome started;
        pusher->startPush(url, started.completion());
        REQUIRE_FALSE(started.code());
    }

    RecordingListener listener;
    std::unique_ptr<engine::Pusher> pusher;
};

struct Playing {
    explicit Playing(engine::PlayerOptions options = quickPlayer())
        : player(embedded::createEmbeddedEngine()->createPlayer(options, listener)) {}

    void play(const std::string &url) {
        Outcome started;
        player->startPlay(url, engine::PlayType::LiveRtmpAcc, started.completion());
        REQUIRE_FALSE(started.code());
    }

    RecordingListener listener;
    std::unique_ptr<engine::Player> player;
};

} // namespace rtcroom::test
