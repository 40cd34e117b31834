#include "support.h"

#include <algorithm>

#include "embedded/media/Av1Config.h"
#include "embedded/media/HevcConfig.h"
#include "embedded/media/OpusConfig.h"

using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;

namespace {

std::ptrdiff_t keyFrames(const std::vector<Arrival> &arrivals) {
    return std::ranges::count_if(arrivals, [](const Arrival &each) { return each.packet.keyFrame; });
}

/// Each captured picture came out, once and in order.
void checkClock(const std::vector<DecodedPicture> &pictures, size_t count) {
    REQUIRE(pictures.size() == count);
    for (size_t i = 0; i < pictures.size(); ++i) {
        CAPTURE(i);
        REQUIRE(pictures[i].clock);
        CHECK(pictures[i].clock->frame == i);
    }
}

} // namespace

TEST_CASE("HEVC and AV1 carry the clock: each picture once, with its own packet, a key frame a GOP") {
    for (const CodecId codec : {CodecId::Hevc, CodecId::Av1}) {
        const std::string name = codecName(codec);
        CAPTURE(name);
        requireEncoder(codec);
        Sink sink;
        PushPipeline pipeline(sink.callbacks(), {320, 180, 15, 300, 1, codec}, {});
        pipeline.openVideo({});
        pipeline.start();
        REQUIRE(sink.waitForPackets(MediaKind::Video, 24, 30'000));
        CHECK(sink.errors.empty());
        pipeline.requestKeyFrame();
        REQUIRE(sink.waitForPackets(MediaKind::Video, 6, 30'000));
        pipeline.stop();
        const auto arrivals = sink.of(MediaKind::Video);
        REQUIRE(arrivals.front().packet.isConfig);
        const Bytes &config = *arrivals.front().packet.data;
        const auto size = codec == CodecId::Hevc ? hevcPictureSize(config) : av1PictureSize(config);
        REQUIRE(size);
        CHECK(size->width == 320);
        CHECK(size->height == 180);
        CHECK(arrivals[1].packet.keyFrame);
        CHECK(keyFrames(arrivals) >= 3);
        // One is asked for, and the others come by time, of which a busy machine takes more.
        CHECK(keyFrames(arrivals) <= 3 + (arrivals.back().packet.dtsMs - arrivals[1].packet.dtsMs) / 1000);
        CHECK(std::ranges::all_of(arrivals, [&](const Arrival &each) { return each.packet.codec == codec; }));
        CHECK(std::ranges::all_of(arrivals, [](const Arrival &each) { return each.packet.ctsMs == 0; }));
        const auto pictures = decodeVideo(arrivals);
        checkClock(pictures, sink.count(MediaKind::Video));
        // Nothing is held back: a packet leaves before the next picture is taken.
        std::vector<double> latencyMs;
        for (size_t i = 0; i < pictures.size(); ++i)
            latencyMs.push_back(static_cast<double>(arrivals[i + 1].atUs - pictures[i].clock->clockUs) / 1000);
        MESSAGE(name << " capture to packet: p50 " << percentile(latencyMs, 0.5) << " ms, p95 "
                     << percentile(latencyMs, 0.95) << " ms");
        CHECK(percentile(latencyMs, 0) < 30);
        CHECK(pipeline.stats().videoBytes * 8 / 2 < 500'000);
    }
}

TEST_CASE("HEVC and AV1 follow a bitrate: a large change at once with a key frame of its own") {
    for (const CodecId codec : {CodecId::Hevc, CodecId::Av1}) {
        const std::string name = codecName(codec);
        CAPTURE(name);
        Sink sink;
        VideoSettings settings{640, 360, 30, 2000, 60, codec};
        PushPipeline pipeline(sink.callbacks(), settings, {});
        pipeline.openVideo({});
        pipeline.start();
        REQUIRE(sink.waitForPackets(MediaKind::Video, 30, 30'000));
        settings.bitrateKbps = 200;
        pipeline.setVideoSettings(settings);
        REQUIRE(sink.waitForPackets(MediaKind::Video, 15, 30'000));
        const auto settled = pipeline.stats().videoBytes;
        REQUIRE(sink.waitForPackets(MediaKind::Video, 30, 30'000));
        pipeline.stop();
        const double kbps = static_cast<double>(pipeline.stats().videoBytes - settled) * 8 / 1000;
        CAPTURE(kbps);
        CHECK(kbps < 320);
        const auto arrivals = sink.of(MediaKind::Video);
        CHECK(keyFrames(arrivals) == 2);
        CHECK(std::ranges::count_if(arrivals, [](const Arrival &each) { return each.packet.isConfig; }) == 1);
        CHECK(sink.errors.empty());
        checkClock(decodeVideo(arrivals), sink.count(MediaKind::Video));
    }
}

TEST_CASE("beeps of Opus begin where the picture's clock crosses a second") {
    requireEncoder(CodecId::Opus);
    for (const AudioSettings &audio :
         {AudioSettings{48000, 1, 64, CodecId::Opus}, AudioSettings{16000, 2, 48, CodecId::Opus}}) {
        CAPTURE(audio.sampleRate);
        Sink sink;
        PushPipeline pipeline(sink.callbacks(), {320, 180, 15, 300, 1}, audio);
        pipeline.openVideo({});
        pipeline.openAudio({});
        pipeline.start();
        REQUIRE(sink.waitForPackets(MediaKind::Video, 38, 30'000));
        pipeline.stop();
        const auto pictures = decodeVideo(sink.of(MediaKind::Video));
        REQUIRE(pictures.front().clock);
        const double epochMs =
            static_cast<double>(pictures.front().clock->clockUs) / 1000 - static_cast<double>(pictures.front().ptsMs);
        const auto arrivals = sink.of(MediaKind::Audio);
        REQUIRE(arrivals.front().packet.isConfig);
        const auto head = readOpusHead(*arrivals.front().packet.data);
        REQUIRE(head);
        CHECK(head->channels == audio.channels);
        for (size_t i = 1; i < arrivals.size(); ++i) {
            CHECK(opusUnitSamples(*arrivals[i].packet.data) == 960);
            if (i > 1)
                CHECK(follows(arrivals[i], arrivals[i - 1], 19, 21));
        }
        const DecodedSound sound = decodeAudio(arrivals);
        CHECK(sound.rate == opusSampleRate);
        checkBeeps(sound, epochMs);
    }
}

TEST_CASE("an FFmpeg without a codec's encoder is refused with what to install") {
    const auto none = [](const char *) -> const AVCodec * { return nullptr; };
    for (const auto &[codec, library] : std::vector<std::pair<CodecId, std::string>>{
             {CodecId::Hevc, "libx265"}, {CodecId::Av1, "libaom-av1"}, {CodecId::Opus, "libopus"}}) {
        CHECK_NOTHROW(requireEncoder(codec));
        try {
            requireEncoder(codec, none);
            FAIL("nothing was thrown");
        } catch (const EngineException &error) {
            CHECK(error.error().code == ErrorCode::Unsupported);
            CHECK(error.error().message.find(library) != std::string::npos);
            CHECK(error.error().message.find(codecName(codec)) != std::string::npos);
        }
    }
}

TEST_CASE("where no hardware opens software encodes, told once a start, and while it runs as well") {
    Sink sink;
    int failed = 0;
    auto callbacks = sink.callbacks();
    callbacks.onHardwareFailed = [&](const std::string &reason) {
        const std::lock_guard lock(sink.mutex);
        CHECK(reason.find("on hardware") != std::string::npos);
        ++failed;
    };
    VideoSettings settings{320, 180, 30, 400, 1};
    PushPipeline pipeline(std::move(callbacks), settings, {});
    pipeline.openVideo({});
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 5));
    const std::string software = sink.encoderName;
    CHECK(failed == 0);
    settings.hardware = true;
    pipeline.setVideoSettings(settings);
    REQUIRE(sink.waitForPackets(MediaKind::Video, 10));
    if (sink.encoderName != software) {
        MESSAGE("this machine has an encoder on hardware: " << sink.encoderName);
        pipeline.stop();
        CHECK(decodeVideo(sink.of(MediaKind::Video)).back().clock);
        return;
    }
    CHECK(failed == 1);
    // Another size is no new try.
    settings.width = 640;
    settings.height = 360;
    pipeline.setVideoSettings(settings);
    REQUIRE(sink.waitForPackets(MediaKind::Video, 10));
    CHECK(failed == 1);
    pipeline.stop();
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 5));
    pipeline.stop();
    CHECK(failed == 2);
    CHECK(sink.errors.empty());
    const auto pictures = decodeVideo(sink.of(MediaKind::Video));
    REQUIRE(pictures.size() >= 30);
    for (const DecodedPicture &each : pictures)
        CHECK(each.clock);
}
