#include "support.h"

#include <thread>

#include "embedded/capture/DeviceVideoSource.h"
#include "test/support/StandInCameras.h"

namespace engine = rtcroom::engine;
using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;
using rtcroom::test::StandInCameras;

namespace {

engine::VideoSourceOptions camera(int number) {
    engine::VideoSourceOptions options;
    options.kind = SourceKind::Camera;
    options.camera = number;
    return options;
}

std::shared_ptr<StandInCameras> whiteBlackAndClock() {
    return std::make_shared<StandInCameras>(std::vector<StandInCameras::Camera>{
        {{"White", "/dev/white"}, "white"}, {{"Black", "/dev/black"}, "black"}, {{"Clock", "/dev/clock"}, ""}});
}

std::vector<DecodedPicture> pictures(Sink &sink) { return decodeVideo(sink.of(MediaKind::Video)); }

} // namespace

TEST_CASE("the mode is the one that lacks least, then the smallest and the least compressed") {
    const std::vector<CameraMode> modes{{"yuyv422", {640, 480}, 30},  {"yuyv422", {1280, 720}, 10},
                                        {"mjpeg", {640, 480}, 30},    {"mjpeg", {1280, 720}, 30},
                                        {"mjpeg", {1920, 1080}, 30},  {"yuyv422", {320, 240}, 60},
                                        {"yuyv422", {1920, 1080}, 5}, {"yuyv422", {640, 480}, 15}};
    const auto chosen = [&](int width, int height, int fps) {
        return chooseMode(modes, {width, height}, fps).value_or(CameraMode{});
    };
    CHECK(chosen(1280, 720, 30) == CameraMode{"mjpeg", {1280, 720}, 30});
    CHECK(chosen(1280, 720, 10) == CameraMode{"yuyv422", {1280, 720}, 10});
    CHECK(chosen(640, 480, 30) == CameraMode{"yuyv422", {640, 480}, 30});
    CHECK(chosen(640, 480, 15) == CameraMode{"yuyv422", {640, 480}, 15});
    CHECK(chosen(640, 360, 15) == CameraMode{"yuyv422", {640, 480}, 15});
    CHECK(chosen(320, 240, 60) == CameraMode{"yuyv422", {320, 240}, 60});
    CHECK(chosen(3840, 2160, 30) == CameraMode{"mjpeg", {1920, 1080}, 30});
    CHECK(chooseMode({{"mjpeg", {640, 480}, 29.97}, {"yuyv422", {640, 480}, 25}}, {640, 480}, 30)->fps == 29.97);
    CHECK_FALSE(chooseMode({}, {640, 480}, 30));
}

TEST_CASE("a machine without cameras has an empty list, and no number of it") {
    const auto cameras = systemCameras()->list();
    // On a machine with one this is what it says as well.
    CHECK(codeOf([&] { cameraAt(cameras, static_cast<int>(cameras.size())); }) == ErrorCode::InvalidArgument);
    CHECK(codeOf([&] { cameraAt(cameras, -1); }) == ErrorCode::InvalidArgument);
}

TEST_CASE("a camera's file that is not there is not found") {
    CHECK(codeOf([] {
              systemCameras()->open({"none", "/dev/video-none"}, {640, 480}, 30,
                                    std::make_shared<std::atomic<bool>>(false));
          }) == ErrorCode::DeviceNotFound);
}

TEST_CASE("a file that is no camera fails") {
    CHECK(codeOf([] {
              systemCameras()->open({"none", "/dev/null"}, {640, 480}, 30, std::make_shared<std::atomic<bool>>(false));
          }) == ErrorCode::DeviceFailed);
}

TEST_CASE("a camera is pushed, and another one in its place with a key frame at the seam") {
    const auto cameras = whiteBlackAndClock();
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 30, 400, 1}, {}, cameras);
    pipeline.openVideo(camera(0));
    CHECK(cameras->lastSize() == engine::Size{320, 180});
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 10));
    pipeline.openVideo(camera(1));
    REQUIRE(sink.waitForPackets(MediaKind::Video, 10));
    pipeline.stop();
    CHECK(sink.errors.empty());
    const auto arrivals = sink.of(MediaKind::Video);
    const auto shown = decodeVideo(arrivals);
    REQUIRE(arrivals.size() == shown.size() + 1);
    CHECK(shown.front().meanLuma > 225);
    CHECK(shown.back().meanLuma < 26);
    for (size_t i = 1; i < shown.size(); ++i) {
        CAPTURE(i);
        // Either of the two, never anything in between.
        CHECK((shown[i].meanLuma > 225 || shown[i].meanLuma < 26));
        if (shown[i].meanLuma < 26 && shown[i - 1].meanLuma > 225)
            CHECK(arrivals[i + 1].packet.keyFrame);
        CHECK(shown[i].ptsMs > shown[i - 1].ptsMs);
        // No gap that a player would call a freeze.
        CHECK(shown[i].ptsMs - shown[i - 1].ptsMs < 400);
    }
}

TEST_CASE("sound and picture stay together over a switch of the source") {
    const auto cameras = whiteBlackAndClock();
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {640, 360, 30, 1000, 1}, {}, cameras);
    pipeline.openVideo({});
    pipeline.openAudio({});
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 20));
    pipeline.openVideo(camera(2));
    const auto switchedMs = [&] { return sink.of(MediaKind::Video).back().packet.dtsMs; }();
    REQUIRE(sink.waitForPackets(MediaKind::Audio, 110));
    pipeline.stop();
    const auto shown = pictures(sink);
    std::vector<double> epochs;
    for (const DecodedPicture &each : shown)
        if (each.ptsMs > switchedMs && each.clock)
            epochs.push_back(static_cast<double>(each.clock->clockUs) / 1000 - static_cast<double>(each.ptsMs));
    REQUIRE(epochs.size() > 20);
    // Each picture's time is that of its taking, but for the few that a busy machine takes late, and the sound's beeps
    // are at the seconds of the same clock.
    CHECK(percentile(epochs, 0.9) - percentile(epochs, 0.1) < 40);
    checkBeeps(decodeAudio(sink.of(MediaKind::Audio)), percentile(epochs, 0.5));
}

TEST_CASE("a camera that is occupied or broken leaves the source as it was") {
    const auto cameras = whiteBlackAndClock();
    cameras->change("/dev/black", [](auto &each) { each.occupied = true; });
    cameras->change("/dev/clock", [](auto &each) { each.broken = true; });
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 30, 400, 1}, {}, cameras);
    pipeline.openVideo(camera(0));
    pipeline.start();
    CHECK(codeOf([&] { pipeline.openVideo(camera(1)); }) == ErrorCode::DeviceOccupied);
    CHECK(codeOf([&] { pipeline.openVideo(camera(2)); }) == ErrorCode::DeviceFailed);
    CHECK(codeOf([&] { pipeline.openVideo(camera(3)); }) == ErrorCode::InvalidArgument);
    REQUIRE(sink.waitForPackets(MediaKind::Video, 10));
    pipeline.stop();
    for (const DecodedPicture &each : pictures(sink))
        CHECK(each.meanLuma > 225);
}

TEST_CASE("a camera that is unplugged leaves its last picture, and goes on when it is back under another file") {
    const auto cameras = whiteBlackAndClock();
    Sink sink;
    std::atomic<int> gone{0};
    std::atomic<int> back{0};
    auto callbacks = sink.callbacks();
    callbacks.onDeviceGone = [&](SourceKind kind, const std::string &why) {
        gone += kind == SourceKind::Camera && !why.empty();
    };
    callbacks.onCameraBack = [&] { ++back; };
    PushPipeline pipeline(callbacks, {320, 180, 30, 400, 1}, {}, cameras);
    pipeline.openVideo(camera(2));
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 10));
    cameras->change("/dev/clock", [](auto &each) { each.plugged = false; });
    // Twice a second, so that the stream lives.
    REQUIRE(sink.waitForPackets(MediaKind::Video, 3));
    CHECK(gone == 1);
    CHECK(back == 0);
    cameras->change("/dev/clock", [](auto &each) {
        each.device.id = "/dev/other";
        each.plugged = true;
    });
    REQUIRE(sink.waitForPackets(MediaKind::Video, 20));
    CHECK(back == 1);
    CHECK(gone == 1);
    pipeline.stop();
    CHECK(sink.errors.empty());
    const auto shown = pictures(sink);
    REQUIRE(shown.back().clock);
    CHECK(shown.back().clock->clockUs > shown.front().clock->clockUs);
}

TEST_CASE("stops and closes do not wait for a camera that has stopped giving pictures") {
    class Silent final : public DeviceInput {
      public:
        Reading read(AVFrame &picture, int64_t &captureUs) override {
            if (std::exchange(given_, true))
                return Reading::Nothing;
            captureUs = engine::clockMicros();
            picture.format = AV_PIX_FMT_GRAY8;
            picture.width = picture.height = 64;
            return av_frame_get_buffer(&picture, 0) < 0 ? Reading::Nothing : Reading::Picture;
        }
        Reading skip() override { return Reading::Nothing; }
        bool onDemand() const override { return false; }
        std::string whyGone() const override { return {}; }

      private:
        bool given_ = false;
    };
    for (const bool running : {true, false}) {
        const auto abort = std::make_shared<std::atomic<bool>>(false);
        auto source = std::make_unique<DeviceVideoSource>(
            std::make_unique<Silent>(), DeviceVideoSource::Callbacks{.onGone = [](const std::string &) {}},
            DeviceWait{abort});
        source->setRunning(running);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        const int64_t beginUs = engine::clockMicros();
        source.reset();
        CHECK(engine::clockMicros() - beginUs < stopLimitUs);
    }
}

TEST_CASE("a camera that never gives a picture fails, at once when it is stopped") {
    class Dead final : public DeviceInput {
      public:
        Reading read(AVFrame &, int64_t &) override { return Reading::Nothing; }
        Reading skip() override { return Reading::Nothing; }
        bool onDemand() const override { return false; }
        std::string whyGone() const override { return {}; }
    };
    const auto abort = std::make_shared<std::atomic<bool>>(false);
    std::thread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        *abort = true;
    });
    const int64_t beginUs = engine::clockMicros();
    CHECK(codeOf([&] {
              DeviceVideoSource(std::make_unique<Dead>(), {.onGone = [](const std::string &) {}}, {abort});
          }) == ErrorCode::Aborted);
    CHECK(engine::clockMicros() - beginUs < 2'000'000);
    stopper.join();
}
