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
