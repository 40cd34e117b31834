#include "support.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "embedded/media/SoundBuffer.h"

namespace engine = rtcroom::engine;
using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;

namespace {

const engine::VideoSourceOptions USER_VIDEO{SourceKind::User, "", false};
const engine::AudioSourceOptions USER_AUDIO{SourceKind::User, "", false};

std::vector<uint8_t> picture(int width, int height, uint32_t number) {
    std::vector<uint8_t> bytes(engine::pictureSize(engine::PixelFormat::I420, width, height), 128);
    ClockPattern::draw(bytes.data(), width, width, height, {engine::clockMicros(), number});
    return bytes;
}

void waitUntilUs(int64_t clockUs) {
    std::this_thread::sleep_for(std::chrono::microseconds(std::max<int64_t>(0, clockUs - engine::clockMicros())));
}

} // namespace

TEST_CASE("pictures of the application go out as they come, each once") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {640, 360, 30, 1000, 1}, {});
    pipeline.openVideo(USER_VIDEO);
    pipeline.start();
    for (uint32_t i = 0; i < 45; ++i) {
        // Not faster after the machine stood still: what comes faster is thinned out.
        waitUntilUs(engine::clockMicros() + 1'000'000 / 30);
        const auto bytes = picture(640, 360, i);
        pipeline.sendUserVideo({bytes.data(), bytes.size(), 640, 360, -1});
    }
    REQUIRE(sink.waitFor([&] { return sink.count(MediaKind::Video) >= 44; }));
    pipeline.stop();
    const auto arrivals = sink.of(MediaKind::Video);
    const auto pictures = decodeVideo(arrivals);
    std::vector<double> latencyMs;
    for (size_t i = 0; i < pictures.size(); ++i) {
        REQUIRE(pictures[i].clock);
        latencyMs.push_back(static_cast<double>(arrivals[i + 1].atUs - pictures[i].clock->clockUs) / 1000);
    }
    MESSAGE("user 640x360 send to packet: p50 " << percentile(latencyMs, 0.5) << " ms, p95 "
                                                << percentile(latencyMs, 0.95) << " ms");
    CHECK(percentile(latencyMs, 0.5) < 20);
    CHECK(pipeline.stats().framesDropped <= 2);
}

TEST_CASE("faster pictures than the frame rate are thinned out, the newest wins") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 15, 400, 1}, {});
    pipeline.openVideo(USER_VIDEO);
    pipeline.start();
    const int64_t beginUs = engine::clockMicros();
    for (uint32_t i = 0; i < 120; ++i) {
        waitUntilUs(beginUs + i * 1'000'000 / 60);
        const auto bytes = picture(320, 180, i);
        pipeline.sendUserVideo({bytes.data(), bytes.size(), 320, 180, -1});
    }
    REQUIRE(sink.waitFor([&] { return sink.count(MediaKind::Video) >= 28; }));
    pipeline.stop();
    const auto stats = pipeline.stats();
    CHECK(stats.framesEncoded <= 32);
    CHECK(stats.framesDropped >= 85);
    for (const DecodedPicture &each : decodeVideo(sink.of(MediaKind::Video)))
        CHECK(each.clock);
}

TEST_CASE("one picture is enough for a living stream, and another size is fitted") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 15, 400, 1}, {});
    pipeline.openVideo(USER_VIDEO);
    const auto small = picture(160, 90, 7);
    pipeline.sendUserVideo({small.data(), small.size(), 160, 90, -1});
    pipeline.start();
    REQUIRE(sink.waitFor([&] { return sink.count(MediaKind::Video) >= 3; }));
    const std::vector<uint8_t> odd(engine::pictureSize(engine::PixelFormat::I420, 641, 361), 128);
    pipeline.sendUserVideo({odd.data(), odd.size(), 641, 361, -1});
    REQUIRE(sink.waitForPackets(MediaKind::Video, 1));
    pipeline.stop();
    const auto pictures = decodeVideo(sink.of(MediaKind::Video));
    for (size_t i = 0; i < 3; ++i) {
        REQUIRE(pictures[i].clock);
        CHECK(pictures[i].clock->frame == 7);
    }
    // A busy machine only ever adds to a wait.
    CHECK(std::min(pictures[1].ptsMs - pictures[0].ptsMs, pictures[2].ptsMs - pictures[1].ptsMs) ==
          doctest::Approx(500).epsilon(0.1));
    CHECK_FALSE(pictures.back().clock);
}

TEST_CASE("pictures and sound of a wrong size are refused") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {}, {});
    std::vector<uint8_t> bytes(100'000);
    CHECK(codeOf([&] {
              pipeline.sendUserVideo({bytes.data(), 57600 * 3 / 2, 320, 180, -1});
          }) == ErrorCode::InvalidState);
    CHECK(codeOf([&] { pipeline.sendUserAudio({bytes.data(), 960, 48000, 1, -1}); }) == ErrorCode::InvalidState);
    pipeline.openVideo(USER_VIDEO);
    pipeline.openAudio(USER_AUDIO);
    const auto video = [&](const uint8_t *data, size_t size, int width, int height, int64_t time = -1) {
        return codeOf([&] { pipeline.sendUserVideo({data, size, width, height, time}); });
    };
    CHECK(video(bytes.data(), 86400, 320, 180) == std::nullopt);
    CHECK(video(bytes.data(), 86399, 320, 180) == ErrorCode::InvalidArgument);
    CHECK(video(bytes.data(), 0, 0, 0) == ErrorCode::InvalidArgument);
    CHECK(video(bytes.data(), 86400, -320, -180) == ErrorCode::InvalidArgument);
    CHECK(video(nullptr, 86400, 320, 180) == ErrorCode::InvalidArgument);
    CHECK(video(bytes.data(), 86400, 1 << 30, 1 << 30) == ErrorCode::InvalidArgument);
    CHECK(video(bytes.data(), 86400, 320, 180, INT64_MAX) == ErrorCode::InvalidArgument);
    const auto audio = [&](const uint8_t *data, size_t size, int rate, int channels, int64_t time = -1) {
        return codeOf([&] { pipeline.sendUserAudio({data, size, rate, channels, time}); });
    };
    CHECK(audio(bytes.data(), 960, 48000, 1) == std::nullopt);
    CHECK(audio(bytes.data(), 961, 48000, 1) == ErrorCode::InvalidArgument);
    CHECK(audio(bytes.data(), 962, 48000, 2) == ErrorCode::InvalidArgument);
    CHECK(audio(bytes.data(), 960, 48000, 3) == ErrorCode::InvalidArgument);
    CHECK(audio(bytes.data(), 960, 48000, 0) == ErrorCode::InvalidArgument);
    CHECK(audio(bytes.data(), 960, 0, 1) == ErrorCode::InvalidArgument);
    CHECK(audio(bytes.data(), 0, 48000, 1) == ErrorCode::InvalidArgument);
    CHECK(audio(nullptr, 960, 48000, 1) == ErrorCode::InvalidArgument);
    CHECK(audio(bytes.data(), 96'002, 48000, 1) == ErrorCode::InvalidArgument);
    CHECK(audio(bytes.data(), 960, 48000, 1, INT64_MAX) == ErrorCode::InvalidArgument);
}

TEST_CASE("sound of the application arrives at its time, whatever its rate and its timestamps") {
    struct Way {
        int rate;
        int channels;
        bool stamped;
    };
    for (const Way &way : {Way{48000, 1, false}, Way{16000, 1, true}, Way{44100, 2, false}}) {
        CAPTURE(way.rate);
        Sink sink;
        PushPipeline pipeline(sink.callbacks(), {320, 180, 15, 400, 1}, {48000, 1, 64});
        pipeline.openVideo({});
        pipeline.openAudio(USER_AUDIO);
        pipeline.start();
        const int64_t beginUs = engine::clockMicros();
        const auto perPiece = static_cast<size_t>(way.rate / 50);
        std::vector<int16_t> piece(perPiece * static_cast<size_t>(way.channels));
        size_t sample = 0;
        int64_t worstLateUs = 0;
        for (int i = 0; i < 110; ++i) {
            for (size_t n = 0; n < perPiece; ++n, ++sample) {
                // Beeps at 0.5 s and 1.5 s from the first piece.
                const double t = static_cast<double>(sample) / way.rate;
                const double inSecond = std::fmod(t + 0.5, 1.0);
                const double value = inSecond < 0.06 ? 16000 * std::sin(6283.185307 * inSecond) : 0;
                for (int c = 0; c < way.channels; ++c)
                    piece[n * static_cast<size_t>(way.channels) + static_cast<size_t>(c)] = static_cast<int16_t>(value);
            }
            waitUntilUs(beginUs + int64_t{i} * 20'000);
            worstLateUs = std::max(worstLateUs, engine::clockMicros() - beginUs - int64_t{i} * 20'000);
            pipeline.sendUserAudio({reinterpret_cast<const uint8_t *>(piece.data()), piece.size() * 2, way.rate,
                                    way.channels, way.stamped ? 5000 + int64_t{i} * 20 : -1});
        }
        REQUIRE(sink.waitForPackets(MediaKind::Audio, 4));
        pipeline.stop();
        const auto pictures = decodeVideo(sink.of(MediaKind::Video));
        REQUIRE(pictures.front().clock);
        const double epochMs =
            static_cast<double>(pictures.front().clock->clockUs) / 1000 - static_cast<double>(pictures.front().ptsMs);
        const DecodedSound sound = decodeAudio(sink.of(MediaKind::Audio));
        const auto beeps = sound.beeps();
        if (worstLateUs > 100'000) {
            // What was not sent in time is silence, of which the beeps are cut.
            MESSAGE("not judged: the machine did not run for ", worstLateUs / 1000, " ms");
            continue;
        }
        const double lateMs = static_cast<double>(worstLateUs) / 1000;
        REQUIRE(beeps.size() == 2);
        CHECK(std::abs(beeps[0] + epochMs - static_cast<double>(beginUs) / 1000 - 500) < 10 + lateMs);
        CHECK(std::abs(beeps[1] - beeps[0] - 1000) < 10 + lateMs);
    }
}

TEST_CASE("no sound of the application is silence, not a gap") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {}, {});
    pipeline.openAudio(USER_AUDIO);
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Audio, 30));
    pipeline.stop();
    const auto arrivals = sink.of(MediaKind::Audio);
    CHECK(decodeAudio(arrivals).peak() < 0.001F);
    for (size_t i = 2; i < arrivals.size(); ++i)
        CHECK(follows(arrivals[i], arrivals[i - 1], 0, 22));
}

TEST_CASE("senders, settings, stops and closes may race") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 30, 400, 1}, {});
    std::atomic<bool> over{false};
    std::thread sender([&] {
        const auto bytes = picture(320, 180, 1);
        const std::vector<uint8_t> sound(1920);
        while (!over) {
            codeOf([&] { pipeline.sendUserVideo({bytes.data(), bytes.size(), 320, 180, -1}); });
            codeOf([&] { pipeline.sendUserAudio({sound.data(), sound.size(), 48000, 1, -1}); });
            pipeline.requestKeyFrame();
            pipeline.stats();
            pipeline.setMute(pipeline.hasVideo());
            std::this_thread::yield();
        }
    });
    for (int i = 0; i < 30; ++i) {
        pipeline.openVideo(i % 3 ? USER_VIDEO : engine::VideoSourceOptions{});
        pipeline.openAudio(i % 2 ? USER_AUDIO : engine::AudioSourceOptions{});
        pipeline.start();
        pipeline.setVideoSettings({i % 2 ? 320 : 160, i % 2 ? 180 : 90, 15 + i, 300 + i, 1});
        pipeline.setPauseVideo(i % 5 == 0);
        if (i % 4 == 0)
            CHECK(sink.waitForPackets(MediaKind::Video, 1));
        if (i % 2)
            pipeline.closeVideo();
        pipeline.stop();
        if (i % 3)
            pipeline.closeAudio();
    }
    over = true;
    sender.join();
    CHECK(sink.errors.empty());
}

TEST_CASE("a sound buffer fills gaps, cuts overlaps and forgets what is far away") {
    SoundBuffer buffer(2);
    const std::vector<float> four{1, 1, 2, 2, 3, 3, 4, 4};
    buffer.append(0, four, 100);
    buffer.append(6, four, 100);
    CHECK(buffer.end() == 10);
    buffer.append(8, four, 100);
    CHECK(buffer.end() == 12);
    std::vector<float> out(24);
    CHECK(buffer.copy(0, out));
    CHECK(out == std::vector<float>{1, 1, 2, 2, 3, 3, 4, 4, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4});
    buffer.discardBefore(9);
    CHECK(buffer.begin() == 9);
    CHECK_FALSE(buffer.copy(8, out));
    CHECK(out[0] == 0);
    CHECK(out[2] == 4);
    CHECK(out[8] == 0);
    CHECK_FALSE(buffer.copy(50, out));
    buffer.append(500, four, 100);
    CHECK(buffer.begin() == 500);
    CHECK(buffer.samples() == 4);
    buffer.append(100, four, 100);
    CHECK(buffer.samples() == 4);
    buffer.discardBefore(1000);
    CHECK(buffer.samples() == 0);
    CHECK(buffer.end() == 1000);
}
