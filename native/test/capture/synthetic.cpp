#include "support.h"

#include <algorithm>

using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;

TEST_CASE("the clock survives encoding at the presets and agrees with the packets' times") {
    for (const VideoSettings &settings :
         {VideoSettings{320, 180, 15, 250, 1}, VideoSettings{480, 272, 15, 350, 1}, VideoSettings{640, 360, 30, 800, 1},
          VideoSettings{1280, 720, 30, 1500, 1}, VideoSettings{360, 640, 30, 800, 1}}) {
        CAPTURE(settings.width);
        Sink sink;
        PushPipeline pipeline(sink.callbacks(), settings, {});
        pipeline.openVideo({});
        pipeline.start();
        REQUIRE(sink.waitForPackets(MediaKind::Video, static_cast<size_t>(settings.fps) * 2));
        pipeline.stop();

        const auto arrivals = sink.of(MediaKind::Video);
        REQUIRE(arrivals.front().packet.isConfig);
        REQUIRE(arrivals[1].packet.keyFrame);
        CHECK(arrivals.front().packet.dtsMs < 100);
        CHECK(sink.firstFrames == 1);
        CHECK(sink.encoders.size() == 1);
        CHECK(sink.encoderName == pipeline.stats().encoderName);

        const auto pictures = decodeVideo(arrivals);
        REQUIRE(pictures.size() == sink.count(MediaKind::Video));
        REQUIRE(pictures.front().clock);
        const int64_t epochMs = pictures.front().clock->clockUs / 1000 - pictures.front().ptsMs;
        size_t unread = 0;
        std::vector<double> latencyMs;
        for (size_t i = 0; i < pictures.size(); ++i) {
            CHECK(pictures[i].width == settings.width);
            CHECK(pictures[i].height == settings.height);
            if (!pictures[i].clock) {
                ++unread;
                continue;
            }
            CHECK(pictures[i].clock->frame == i);
            CHECK(std::abs(pictures[i].clock->clockUs / 1000 - pictures[i].ptsMs - epochMs) <= 1);
            latencyMs.push_back(static_cast<double>(arrivals[i + 1].atUs - pictures[i].clock->clockUs) / 1000);
        }
        CHECK(unread == 0);
        MESSAGE(settings.width << "x" << settings.height << "@" << settings.fps << " capture to packet: p50 "
                               << percentile(latencyMs, 0.5) << " ms, p95 " << percentile(latencyMs, 0.95)
                               << " ms, bytes a second " << pipeline.stats().videoBytes / 2);

        // Even pacing: no burst, no drift against the clock. A busy machine leaves pictures out, and adds none.
        std::vector<double> stepsMs;
        for (size_t i = 1; i < pictures.size(); ++i)
            stepsMs.push_back(static_cast<double>(pictures[i].ptsMs - pictures[i - 1].ptsMs));
        const int64_t spanMs = pictures.back().ptsMs - pictures.front().ptsMs;
        CHECK(percentile(stepsMs, 0.5) == doctest::Approx(1000.0 / settings.fps).epsilon(0.1));
        CHECK(static_cast<double>(spanMs) > 900.0 * static_cast<double>(stepsMs.size()) / settings.fps);
        // A key frame a second.
        const auto keys =
            std::count_if(arrivals.begin(), arrivals.end(), [](const Arrival &a) { return a.packet.keyFrame; });
        CHECK(keys >= 2);
        CHECK(keys <= 2 + spanMs / 1000);
    }
}

TEST_CASE("beeps begin where the picture's clock crosses a second") {
    for (const AudioSettings &audio :
         {AudioSettings{48000, 1, 64}, AudioSettings{44100, 2, 128}, AudioSettings{16000, 1, 32}}) {
        CAPTURE(audio.sampleRate);
        Sink sink;
        PushPipeline pipeline(sink.callbacks(), {320, 180, 15, 300, 1}, audio);
        pipeline.openVideo({});
        pipeline.openAudio({});
        pipeline.start();
        REQUIRE(sink.waitForPackets(MediaKind::Video, 38));
        pipeline.stop();
        const auto pictures = decodeVideo(sink.of(MediaKind::Video));
        REQUIRE(pictures.front().clock);
        const double epochMs =
            static_cast<double>(pictures.front().clock->clockUs) / 1000 - static_cast<double>(pictures.front().ptsMs);
        const auto arrivals = sink.of(MediaKind::Audio);
        REQUIRE(arrivals.front().packet.isConfig);
        for (size_t i = 1; i < arrivals.size(); ++i) {
            CAPTURE(arrivals[i].packet.dtsMs - arrivals[i - 1].packet.dtsMs);
            CHECK(follows(arrivals[i], arrivals[i - 1], 0, 1024 * 1000 / audio.sampleRate + 1));
        }
        const DecodedSound sound = decodeAudio(arrivals);
        CHECK(sound.rate == audio.sampleRate);
        checkBeeps(sound, epochMs);
    }
}

TEST_CASE("the bitrate changes at once and without a key frame") {
    Sink sink;
    VideoSettings settings{640, 360, 30, 1500, 60};
    PushPipeline pipeline(sink.callbacks(), settings, {});
    pipeline.openVideo({});
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 60));
    const auto before = pipeline.stats().videoBytes;
    settings.bitrateKbps = 200;
    pipeline.setVideoSettings(settings);
    REQUIRE(sink.waitForPackets(MediaKind::Video, 15)); // what the rate control had saved up
    const auto settled = pipeline.stats().videoBytes;
    REQUIRE(sink.waitForPackets(MediaKind::Video, 45));
    pipeline.stop();
    const double kbps = static_cast<double>(pipeline.stats().videoBytes - settled) * 8 / 1000 / 1.5;
    CHECK(static_cast<double>(before) * 8 / 1000 / 2 > 700);
    CHECK(kbps < 320);
    const auto arrivals = sink.of(MediaKind::Video);
    CHECK(std::count_if(arrivals.begin(), arrivals.end(), [](const Arrival &a) { return a.packet.keyFrame; }) == 1);
    CHECK(std::count_if(arrivals.begin(), arrivals.end(), [](const Arrival &a) { return a.packet.isConfig; }) == 1);
}

TEST_CASE("a new size or rate comes with a new config and a key frame") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 30, 400, 10}, {});
    pipeline.openVideo({});
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 10));
    pipeline.setVideoSettings({640, 360, 30, 400, 10});
    REQUIRE(sink.waitFor([&] { return sink.encoders.size() == 2; }));
    REQUIRE(sink.waitForPackets(MediaKind::Video, 10));
    pipeline.setVideoSettings({640, 360, 15, 400, 10});
    REQUIRE(sink.waitFor([&] { return sink.encoders.size() == 3; }));
    REQUIRE(sink.waitForPackets(MediaKind::Video, 10));
    pipeline.stop();
    const auto arrivals = sink.of(MediaKind::Video);
    int configs = 0;
    for (size_t i = 0; i + 1 < arrivals.size(); ++i) {
        CHECK(arrivals[i + 1].packet.dtsMs >= arrivals[i].packet.dtsMs);
        if (arrivals[i].packet.isConfig) {
            ++configs;
            CHECK(arrivals[i + 1].packet.keyFrame);
        }
    }
    CHECK(configs == 3);
    const auto pictures = decodeVideo(arrivals);
    CHECK(pictures.front().width == 320);
    CHECK(pictures.back().width == 640);
    CHECK(pictures.back().clock);
    CHECK(pictures.back().ptsMs - pictures[pictures.size() - 2].ptsMs >= 60);
}

TEST_CASE("settings that no encoder takes are refused and change nothing") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {}, {});
    for (const VideoSettings &bad :
         {VideoSettings{0, 360}, VideoSettings{641, 360}, VideoSettings{640, 5000}, VideoSettings{640, 360, 0},
          VideoSettings{640, 360, 15, 0}, VideoSettings{640, 360, 15, 800, 0}})
        CHECK(codeOf([&] { pipeline.setVideoSettings(bad); }) == ErrorCode::InvalidArgument);
    CHECK(pipeline.videoSettings().width == 640);
    CHECK(codeOf([&] { PushPipeline(sink.callbacks(), {}, {12345, 1, 64}); }) == ErrorCode::InvalidArgument);
    CHECK(codeOf([&] { PushPipeline(sink.callbacks(), {}, {48000, 3, 64}); }) == ErrorCode::InvalidArgument);
}

TEST_CASE("muted sound is silent, a paused picture is dark and comes twice a second") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 30, 400, 1}, {});
    pipeline.openVideo({});
    pipeline.openAudio({});
    pipeline.setMute(true);
    pipeline.setPauseVideo(true);
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 3));
    pipeline.setMute(false);
    pipeline.setPauseVideo(false);
    const int64_t resumedUs = rtcroom::engine::clockMicros();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 60));
    pipeline.stop();
    const auto pictures = decodeVideo(sink.of(MediaKind::Video));
    REQUIRE(pictures.size() >= 63);
    int64_t shortestMs = INT64_MAX;
    for (size_t i = 0; i < 3; ++i) {
        CHECK(pictures[i].meanLuma < 30);
        if (i)
            shortestMs = std::min(shortestMs, pictures[i].ptsMs - pictures[i - 1].ptsMs);
    }
    // A busy machine only ever adds to a wait.
    CHECK(shortestMs == doctest::Approx(500).epsilon(0.05));
    REQUIRE(pictures[4].clock);
    // Sooner than what comes twice a second.
    CHECK(pictures[4].clock->clockUs - resumedUs < 450'000);
    std::vector<Arrival> early;
    std::vector<Arrival> all = sink.of(MediaKind::Audio);
    for (const Arrival &each : all)
        if (each.atUs < resumedUs)
            early.push_back(each);
    CHECK(decodeAudio(early).peak() < 0.01F);
    CHECK(decodeAudio(all).peak() > 0.3F);
}

TEST_CASE("the GOP that is told is the one that was encoded, not the one that was asked for") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 30, 400, 30}, {});
    pipeline.openVideo({});
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 3));
    CHECK(pipeline.stats().gopSeconds == 0);
    pipeline.requestKeyFrame();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 20));
    pipeline.requestKeyFrame();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 25));
    pipeline.stop();
    std::vector<int64_t> keys;
    for (const Arrival &each : sink.of(MediaKind::Video))
        if (each.packet.keyFrame && !each.packet.isConfig)
            keys.push_back(each.packet.dtsMs);
    REQUIRE(keys.size() == 3);
    CHECK(pipeline.stats().gopSeconds == doctest::Approx(static_cast<double>(keys[2] - keys[1]) / 1000));
}

TEST_CASE("a key frame comes when it is asked for, from a callback too") {
    Sink sink;
    PushPipeline *self = nullptr;
    int packets = 0;
    auto callbacks = sink.callbacks();
    callbacks.onPacket = [&, inner = callbacks.onPacket](EncodedPacket packet) {
        if (packet.kind == MediaKind::Video && ++packets == 10) {
            self->requestKeyFrame();
            CHECK(self->stats().framesEncoded > 0);
            CHECK(self->videoSettings().width == 320);
        }
        inner(std::move(packet));
    };
    PushPipeline pipeline(callbacks, {320, 180, 30, 400, 30}, {});
    self = &pipeline;
    pipeline.openVideo({});
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 20));
    pipeline.stop();
    const auto arrivals = sink.of(MediaKind::Video);
    CHECK(std::count_if(arrivals.begin(), arrivals.end(), [](const Arrival &a) { return a.packet.keyFrame; }) == 2);
    CHECK(arrivals[10].packet.keyFrame);
}

TEST_CASE("times go on over stops and starts, and each start begins with config and key frame") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 30, 400, 1}, {});
    pipeline.openVideo({});
    pipeline.openAudio({});
    const int64_t beginUs = rtcroom::engine::clockMicros();
    int64_t quickestUs = INT64_MAX;
    for (int round = 0; round < 4; ++round) {
        size_t seen = 0;
        {
            const std::lock_guard lock(sink.mutex);
            seen = sink.arrivals.size();
        }
        pipeline.start();
        pipeline.start();
        REQUIRE(sink.waitForPackets(MediaKind::Video, 5));
        REQUIRE(sink.waitForPackets(MediaKind::Audio, 5));
        const int64_t stopUs = rtcroom::engine::clockMicros();
        pipeline.stop();
        pipeline.stop();
        const int64_t tookUs = rtcroom::engine::clockMicros() - stopUs;
        CHECK(tookUs < stopLimitUs);
        quickestUs = std::min(quickestUs, tookUs);
        bool videoSeen = false;
        bool audioSeen = false;
        const size_t end = sink.arrivals.size();
        for (size_t i = seen; i < end; ++i) {
            const EncodedPacket &packet = sink.arrivals[i].packet;
            bool &kindSeen = packet.kind == MediaKind::Video ? videoSeen : audioSeen;
            if (!kindSeen)
                CHECK(packet.isConfig);
            kindSeen = true;
        }
        CHECK(sink.firstFrames == round + 1);
    }
    CHECK(quickestUs < stopGoalUs);
    for (const MediaKind kind : {MediaKind::Video, MediaKind::Audio}) {
        const auto arrivals = sink.of(kind);
        for (size_t i = 1; i < arrivals.size(); ++i)
            CHECK(arrivals[i].packet.dtsMs >= arrivals[i - 1].packet.dtsMs);
        const int64_t elapsedMs = (arrivals.back().atUs - beginUs) / 1000;
        CHECK(std::abs(arrivals.back().packet.dtsMs - elapsedMs) < 120);
    }
    const auto pictures = decodeVideo(sink.of(MediaKind::Video));
    CHECK(pictures.back().clock);
}

TEST_CASE("sources open and close while the pipeline runs") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 30, 400, 1}, {});
    pipeline.start();
    CHECK_FALSE(pipeline.hasVideo());
    for (int round = 0; round < 3; ++round) {
        pipeline.openVideo({});
        pipeline.openAudio({});
        CHECK(pipeline.hasVideo());
        REQUIRE(sink.waitForPackets(MediaKind::Video, 3));
        REQUIRE(sink.waitForPackets(MediaKind::Audio, 3));
        pipeline.closeVideo();
        pipeline.closeAudio();
        CHECK_FALSE(pipeline.hasAudio());
    }
    pipeline.openVideo({});
    CHECK(sink.waitForPackets(MediaKind::Video, 3));
}
