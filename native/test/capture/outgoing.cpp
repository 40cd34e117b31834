#include "support.h"

#include <atomic>
#include <future>

using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;

namespace {

std::optional<rtcroom::engine::Error> snapshot(PushPipeline &pipeline, const std::string &path) {
    std::promise<std::optional<rtcroom::engine::Error>> result;
    pipeline.snapshot(path, [&](std::optional<rtcroom::engine::Error> error) { result.set_value(std::move(error)); });
    return result.get_future().get();
}

int nativeCodeOf(PushPipeline &pipeline, const std::string &path) {
    const auto error = snapshot(pipeline, path);
    return error ? error->nativeCode : 0;
}

/// The clock in a picture file, as ffmpeg reads it.
std::optional<ClockReading> clockIn(const TempFolder &folder, const std::string &file, int width, int height,
                                    const std::string &filter) {
    const std::string raw =
        folder.make("picture.gray", "-i '" + file + "' -vf '" + filter + "format=gray' -f rawvideo -pix_fmt gray");
    std::ifstream in(raw, std::ios::binary);
    std::vector<char> luma((std::istreambuf_iterator<char>(in)), {});
    REQUIRE(luma.size() == static_cast<size_t>(width * height));
    return ClockPattern::read(reinterpret_cast<const uint8_t *>(luma.data()), width, width, height);
}

} // namespace

TEST_CASE("the capture's volume is that of what is sent, and its level goes on while it is muted") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {}, {});
    pipeline.openAudio({});
    CHECK(pipeline.volume() == 65535);
    CHECK(pipeline.soundLevel() == 0);
    pipeline.start();
    // A beep a second.
    REQUIRE(sink.waitForPackets(MediaKind::Audio, 60));
    pipeline.setVolume(65535 / 2);
    const int64_t changedUs = rtcroom::engine::clockMicros();
    REQUIRE(sink.waitForPackets(MediaKind::Audio, 60));
    pipeline.setMute(true);
    int loudest = 0;
    CHECK(sink.waitFor([&] {
        loudest = std::max(loudest, pipeline.soundLevel());
        return loudest > 50;
    }));
    CHECK(loudest <= 100);
    pipeline.stop();
    const auto all = sink.of(MediaKind::Audio);
    std::vector<Arrival> loud, quiet;
    for (const Arrival &each : all) {
        if (each.packet.isConfig || each.atUs < changedUs)
            loud.push_back(each);
        // But for the block that goes over to it, and what the codec remembers.
        if (each.packet.isConfig || each.atUs > changedUs + 150'000)
            quiet.push_back(each);
    }
    const float before = decodeAudio(loud).peak();
    CHECK(before > 0.3F);
    CHECK(decodeAudio(quiet).peak() == doctest::Approx(before / 2).epsilon(0.15));
}

TEST_CASE("a mirrored picture goes out with its sides exchanged, and comes back as it was") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 30, 800, 1}, {});
    pipeline.openVideo({});
    pipeline.setMirrored(true);
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 20));
    pipeline.setMirrored(false);
    REQUIRE(sink.waitForPackets(MediaKind::Video, 20));
    pipeline.stop();
    const auto pictures = decodeVideo(sink.of(MediaKind::Video));
    REQUIRE(pictures.size() >= 40);
    for (size_t i = 0; i < 20; ++i) {
        CHECK_FALSE(pictures[i].clock);
        CHECK(pictures[i].mirroredClock);
    }
    CHECK(pictures.back().clock);
    CHECK_FALSE(pictures.back().mirroredClock);
}

TEST_CASE("a snapshot of a push is the picture that goes out") {
    const TempFolder folder;
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 30, 400, 1}, {});
    CHECK(nativeCodeOf(pipeline, folder.file("early.png")) == -4);
    pipeline.openVideo({});
    CHECK(nativeCodeOf(pipeline, folder.file("early.png")) == -4);
    pipeline.start();
    const int64_t askedUs = rtcroom::engine::clockMicros();
    REQUIRE(nativeCodeOf(pipeline, folder.file("a.png")) == 0);
    const auto clock = clockIn(folder, folder.file("a.png"), 320, 180, "");
    REQUIRE(clock);
    CHECK(clock->clockUs > askedUs - 100'000);
    CHECK(nativeCodeOf(pipeline, folder.file("a.png")) == -3);
    CHECK(nativeCodeOf(pipeline, folder.file("a.gif")) == -2);
    CHECK(nativeCodeOf(pipeline, folder.file("none/a.jpg")) == -2);
    pipeline.setMirrored(true);
    REQUIRE(sink.waitForPackets(MediaKind::Video, 3));
    REQUIRE(nativeCodeOf(pipeline, folder.file("b.jpg")) == 0);
    CHECK(clockIn(folder, folder.file("b.jpg"), 320, 180, "hflip,"));
    // The dark card is what goes out now.
    pipeline.setPauseVideo(true);
    REQUIRE(nativeCodeOf(pipeline, folder.file("c.png")) == 0);
    CHECK_FALSE(clockIn(folder, folder.file("c.png"), 320, 180, ""));
    pipeline.stop();
    CHECK(nativeCodeOf(pipeline, folder.file("late.png")) == -4);
    CHECK_FALSE(std::filesystem::exists(folder.file("late.png")));
}

TEST_CASE("a snapshot that waits for a picture ends with the push") {
    const TempFolder folder;
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 30, 400, 1}, {});
    pipeline.openAudio({});
    pipeline.start();
    std::promise<ErrorCode> result;
    pipeline.snapshot(folder.file("a.png"),
                      [&](std::optional<rtcroom::engine::Error> error) { result.set_value(error.value().code); });
    pipeline.stop();
    CHECK(result.get_future().get() == ErrorCode::Aborted);
}

TEST_CASE("a still picture goes out whole and at once, twice a second, at any size") {
    const TempFolder folder;
    // Half red, half blue, twice as wide as the stream, and with a name that is a pattern to FFmpeg.
    const std::string path = folder.make("picture.png", "-f lavfi -i color=red:size=320x180,format=rgb24 -f lavfi -i "
                                                        "color=blue:size=320x180,format=rgb24 -filter_complex hstack "
                                                        "-frames:v 1");
    const std::string named = folder.file("50%d of it.png");
    std::filesystem::rename(path, named);
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 30, 400, 1}, {});
    pipeline.openVideo({.kind = SourceKind::Image, .path = named});
    const int64_t startedUs = rtcroom::engine::clockMicros();
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 3));
    pipeline.setVideoSettings({480, 272, 30, 400, 1});
    REQUIRE(sink.waitForPackets(MediaKind::Video, 2));
    const std::string shot = folder.file("shot.png");
    REQUIRE(nativeCodeOf(pipeline, shot) == 0);
    // At once in the next push as well.
    pipeline.stop();
    const size_t before = sink.of(MediaKind::Video).size();
    const int64_t againUs = rtcroom::engine::clockMicros();
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 1));
    CHECK(sink.of(MediaKind::Video)[before + 1].atUs - againUs < 400'000);
    // Another source in the same stream.
    pipeline.openVideo({});
    REQUIRE(sink.waitForPackets(MediaKind::Video, 10));
    pipeline.stop();
    const auto arrivals = sink.of(MediaKind::Video);
    CHECK(arrivals[1].atUs - startedUs < 400'000);
    const auto pictures = decodeVideo(arrivals);
    for (size_t i = 1; i < 3; ++i)
        CHECK(pictures[i].ptsMs - pictures[i - 1].ptsMs == doctest::Approx(500).epsilon(0.1));
    CHECK(pictures[0].width == 320);
    CHECK(pictures[4].width == 480);
    CHECK(pictures.back().clock);
    // Bars above and below: 480x135 of 480x272.
    for (const auto &[x, y, colour] : {std::tuple{120, 136, "254 0 0"}, {360, 136, "0 0 254"}, {240, 20, "0 0 0"}}) {
        const std::string pixel = folder.make("pixel.rgb", "-i '" + shot + "' -vf crop=1:1:" + std::to_string(x) + ":" +
                                                               std::to_string(y) + " -f rawvideo -pix_fmt rgb24");
        std::ifstream in(pixel, std::ios::binary);
        int wanted[3] = {};
        REQUIRE(std::sscanf(colour, "%d %d %d", &wanted[0], &wanted[1], &wanted[2]) == 3);
        for (const int each : wanted)
            CHECK(std::abs(in.get() - each) <= 6);
    }
}

TEST_CASE("what is no picture is refused with its reason, and the old source stays") {
    const TempFolder folder;
    std::ofstream(folder.file("text.png")) << "this is no picture";
    const std::string sound = folder.make("sound.wav", "-f lavfi -i sine -t 0.2");
    const std::string whole = folder.make("whole.png", "-f lavfi -i testsrc2=size=320x180 -frames:v 1");
    std::filesystem::copy(whole, folder.file("cut.png"));
    std::filesystem::resize_file(folder.file("cut.png"), 60);
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 30, 400, 1}, {});
    pipeline.openVideo({});
    for (const auto &[name, code] : {std::pair{"text.png", ErrorCode::NotMedia},
                                     {"sound.wav", ErrorCode::NotMedia},
                                     {"cut.png", ErrorCode::NotMedia},
                                     {"absent.png", ErrorCode::FileOpenFailed},
                                     {"", ErrorCode::FileOpenFailed}}) {
        CAPTURE(name);
        const std::string path = folder.file(name);
        CHECK(codeOf([&] { pipeline.openVideo({.kind = SourceKind::Image, .path = path}); }) == code);
    }
    // An address may hold secrets.
    try {
        pipeline.openVideo({.kind = SourceKind::Image, .path = "file://" + folder.file("sound.wav")});
        FAIL("a sound is no picture");
    } catch (const EngineException &failure) {
        CHECK(failure.error().code == ErrorCode::NotMedia);
        CHECK(failure.error().message.find("sound.wav") == std::string::npos);
    }
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 5));
    pipeline.stop();
    CHECK(decodeVideo(sink.of(MediaKind::Video)).back().clock);
}
