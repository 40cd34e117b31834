#include "support.h"

#include <optional>

#include "embedded/capture/I420Frame.h"
#include "embedded/capture/ScreenInput.h"
#include "test/support/Painter.h"
#include "test/support/Xvfb.h"

namespace engine = rtcroom::engine;
using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;
using engine::Rect;
using rtcroom::test::Painter;
using rtcroom::test::Xvfb;
using Kind = engine::ScreenCaptureSource::Kind;
using Reading = DeviceInput::Reading;

namespace {

constexpr unsigned WHITE = 0xffffff;

engine::VideoSourceOptions screenSource() {
    engine::VideoSourceOptions options;
    options.kind = SourceKind::Screen;
    return options;
}

std::shared_ptr<std::atomic<bool>> never() { return std::make_shared<std::atomic<bool>>(false); }

ScreenTarget window(uint64_t handle, const Rect &region = {}) {
    ScreenTarget target;
    target.window = handle;
    target.region = region;
    target.cursor = false;
    return target;
}

/// Red, green and blue (0xRRGGBB) of a picture of the screen.
unsigned colourAt(const AVFrame &picture, int x, int y) {
    const uint8_t *pixel = picture.data[0] + static_cast<ptrdiff_t>(y) * picture.linesize[0] + x * 4;
    return static_cast<unsigned>(pixel[2] << 16 | pixel[1] << 8 | pixel[0]);
}

/// The next picture; a frame that is empty when there is none within 5 s.
FramePtr nextPicture(ScreenInput &input) {
    FramePtr picture = makeEmptyFrame();
    int64_t captureUs = 0;
    const int64_t deadlineUs = engine::clockMicros() + 5'000'000;
    while (engine::clockMicros() < deadlineUs) {
        const Reading reading = input.read(*picture, captureUs);
        if (reading == Reading::Picture) {
            CHECK(engine::clockMicros() - captureUs < 1'000'000);
            return picture;
        }
        if (reading == Reading::Gone)
            break;
    }
    return picture;
}

std::string sizeOf(const AVFrame &picture) {
    return std::to_string(picture.width) + "x" + std::to_string(picture.height);
}

} // namespace

TEST_CASE("what of a window or a screen is read") {
    const Rect desktop{0, 0, 1280, 800};
    const auto view = [&](ScreenTarget target, Rect place) { return ScreenInput::viewOf(target, place, desktop); };
    using View = ScreenInput::View;
    CHECK(view({}, desktop) == View{0, desktop});
    // The second of two screens.
    CHECK(view({}, {640, 0, 1280, 800}) == View{0, {640, 0, 1280, 800}});
    CHECK(view({.region = {10, 20, 110, 220}}, {640, 0, 1280, 800}) == View{0, {650, 20, 750, 220}});
    CHECK(view({.region = {600, 700, 900, 900}}, {640, 0, 1280, 800}) == View{0, {1240, 700, 1280, 800}});
    CHECK(view({.window = 5}, {100, 50, 300, 250}) == View{5, {0, 0, 200, 200}});
    CHECK(view({.window = 5}, {-100, -50, 100, 150}) == View{5, {100, 50, 200, 200}});
    CHECK(view({.window = 5}, {1200, 700, 1400, 900}) == View{5, {0, 0, 80, 100}});
    CHECK(view({.window = 5, .region = {10, 10, 50, 60}}, {100, 50, 300, 250}) == View{5, {10, 10, 50, 60}});
    CHECK(view({.window = 5, .atItsPlace = true}, {100, 50, 300, 250}) == View{0, {100, 50, 300, 250}});
    const Rect outside = view({.window = 5}, {1300, 50, 1400, 250}).area;
    CHECK(outside.right <= outside.left);
}

TEST_CASE("without a display there is nothing to list or capture") {
    unsetenv("DISPLAY");
    CHECK(codeOf([] { listScreenSources(); }) == ErrorCode::WindowFailed);
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {}, {});
    CHECK(codeOf([&] { pipeline.openVideo(screenSource()); }) == ErrorCode::WindowFailed);
}

TEST_CASE("screens and windows are listed, each with an id that chooses it") {
    const Xvfb server;
    const Painter painter;
    const uint64_t first = painter.open("First window", WHITE, 0, 0, 100, 100);
    painter.open("", WHITE, 200, 0, 100, 100);
    // Latin-1, as old programs give their titles.
    const uint64_t second = painter.open("Stra\xdf"
                                         "e",
                                         WHITE, 400, 0, 100, 100);
    auto sources = listScreenSources();
    REQUIRE(sources.size() == 3);
    CHECK(sources[0].kind == Kind::Screen);
    CHECK(sources[0].mainScreen);
    CHECK(sources[1].name == "First window");
    CHECK(sources[1].kind == Kind::Window);
    CHECK_FALSE(sources[1].minimized);
    CHECK(sources[2].name == "Stra\xc3\x9f"
                             "e");
    CHECK(screenTargetOf(sources[0].id, {}).window == 0);
    CHECK(screenTargetOf(sources[1].id, {}).window == first);
    CHECK(screenTargetOf(sources[2].id, {1, 2, 3, 4}).region == Rect{1, 2, 3, 4});
    painter.close(second);
    for (const std::string &wrong :
         {sources[2].id, std::string("window:"), std::string("window:0"), std::string("window:-1"),
          std::string("window:99999999999999999999999"), std::string("screen:none"), std::string("1")}) {
        CAPTURE(wrong);
        CHECK(codeOf([&] { screenTargetOf(wrong, {}); }) == ErrorCode::InvalidArgument);
    }
}

TEST_CASE("thumbnails keep the shape of what they show, and what is smaller stays as it is") {
    const Xvfb server;
    const Painter painter;
    painter.open("red", 0xff0000, 640, 0, 640, 800);
    painter.open("small", 0x0000ff, 0, 0, 40, 20);
    const auto sources = listScreenSources({160, 160});
    REQUIRE(sources.size() == 3);
    const auto at = [](const engine::Thumbnail &thumbnail, int x, int y) {
        const uint8_t *pixel = thumbnail.rgba.data() + (y * thumbnail.size.width + x) * 4;
        return static_cast<unsigned>(pixel[0] << 16 | pixel[1] << 8 | pixel[2]);
    };
    const engine::Thumbnail &screen = sources[0].thumbnail;
    CHECK(screen.size == engine::Size{160, 100});
    CHECK(screen.rgba.size() == 160 * 100 * 4);
    CHECK(screen.rgba[3] == 255);
    CHECK(at(screen, 120, 50) == 0xff0000);
    CHECK(at(screen, 40, 50) == 0);
    CHECK(at(screen, 2, 1) == 0x0000ff);
    CHECK(sources[1].thumbnail.size == engine::Size{128, 160});
    CHECK(at(sources[1].thumbnail, 127, 159) == 0xff0000);
    CHECK(sources[2].thumbnail.size == engine::Size{40, 20});
    CHECK(at(sources[2].thumbnail, 39, 19) == 0x0000ff);
    CHECK(listScreenSources()[0].thumbnail.rgba.empty());
    CHECK(codeOf([] { engine::checkThumbnail({8, 100}); }) == ErrorCode::InvalidArgument);
    CHECK(codeOf([] { engine::checkThumbnail({100, 2000}); }) == ErrorCode::InvalidArgument);
}

TEST_CASE("several screens are captured one by one") {
    const Xvfb server;
    const Painter painter;
    painter.addMonitor("left", 0, 0, 640, 800, true);
    painter.addMonitor("right", 640, 0, 640, 800, false);
    painter.open("left", 0x0000ff, 0, 0, 640, 800);
    painter.open("right", 0xff0000, 640, 0, 640, 800);
    const auto sources = listScreenSources();
    std::vector<std::string> names;
    for (const auto &each : sources)
        if (each.kind == Kind::Screen)
            names.push_back(each.name);
    REQUIRE(names == std::vector<std::string>{"left", "right"});
    ScreenInput right(screenTargetOf(sources[1].id, {}), never());
    const FramePtr picture = nextPicture(right);
    CHECK(sizeOf(*picture) == "640x800");
    CHECK(colourAt(*picture, 0, 0) == 0xff0000);
    CHECK(colourAt(*picture, 639, 799) == 0xff0000);
}

TEST_CASE("a screen is pushed, as it is decoded, and a region of it") {
    const Xvfb server;
    const Painter painter;
    painter.open("white", WHITE, 640, 0, 640, 400);
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {640, 400, 15, 800, 1}, {});
    ScreenTarget target;
    target.cursor = false;
    pipeline.openVideo(screenSource(), target);
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 10));
    target.region = {640, 200, 1280, 600};
    pipeline.openVideo(screenSource(), target);
    REQUIRE(sink.waitForPackets(MediaKind::Video, 10));
    pipeline.stop();
    CHECK(sink.errors.empty());
    const auto shown = decodeVideo(sink.of(MediaKind::Video));
    const DecodedPicture &whole = shown[5];
    CHECK(whole.lumaAt(0.75, 0.25) > 225);
    CHECK(whole.lumaAt(0.25, 0.25) < 26);
    CHECK(whole.lumaAt(0.75, 0.75) < 26);
    const DecodedPicture &region = shown.back();
    CHECK(region.lumaAt(0.25, 0.25) > 225);
    CHECK(region.lumaAt(0.75, 0.25) > 225);
    CHECK(region.lumaAt(0.25, 0.75) < 26);
    // At the asked rate.
    const double span = static_cast<double>(shown.back().ptsMs - shown.front().ptsMs);
    CHECK(span / static_cast<double>(shown.size() - 1) == doctest::Approx(66.7).epsilon(0.25));
    CHECK(codeOf([&] {
              target.region = {1300, 0, 1400, 100};
              pipeline.openVideo(screenSource(), target);
          }) == ErrorCode::InvalidArgument);
}

TEST_CASE("a window is followed where it goes and however large it becomes") {
    const Xvfb server;
    const Painter painter;
    painter.open("under it", 0x123456, 0, 0, 1280, 800);
    const uint64_t target = painter.open("target", 0xff0000, 100, 100, 300, 200);
    ScreenInput input(window(target), never());
    FramePtr picture = nextPicture(input);
    CHECK(sizeOf(*picture) == "300x200");
    CHECK(colourAt(*picture, 0, 0) == 0xff0000);
    CHECK(colourAt(*picture, 299, 199) == 0xff0000);
    painter.place(target, 700, 300, 300, 200);
    painter.paint(target, 0x00ff00);
    picture = nextPicture(input);
    CHECK(colourAt(*picture, 0, 0) == 0x00ff00);
    CHECK(colourAt(*picture, 299, 199) == 0x00ff00);
    painter.place(target, 700, 300, 123, 457);
    picture = nextPicture(input);
    CHECK(sizeOf(*picture) == "123x457");
    CHECK(colourAt(*picture, 122, 456) == 0x00ff00);
    // Partly outside the screen: what is left of it.
    painter.place(target, -100, 600, 300, 457);
    picture = nextPicture(input);
    CHECK(sizeOf(*picture) == "200x200");
    CHECK(colourAt(*picture, 0, 0) == 0x00ff00);
    CHECK(colourAt(*picture, 199, 199) == 0x00ff00);
    painter.place(target, 2000, 0, 300, 200);
    int64_t captureUs = 0;
    CHECK(input.read(*picture, captureUs) == Reading::Nothing);
    painter.place(target, 0, 0, 300, 200);
    CHECK(sizeOf(*nextPicture(input)) == "300x200");
}

TEST_CASE("a part of a window goes with it, and what is above it is seen at its place alone") {
    const Xvfb server;
    const Painter painter;
    const uint64_t target = painter.open("target", 0xff0000, 100, 100, 300, 200);
    ScreenInput part(window(target, {250, 150, 400, 400}), never());
    CHECK(sizeOf(*nextPicture(part)) == "50x50");
    ScreenTarget there = window(target);
    there.atItsPlace = true;
    ScreenInput placed(there, never());
    painter.place(target, 500, 400, 320, 240);
    painter.open("above", 0x0000ff, 500, 400, 100, 100);
    const FramePtr picture = nextPicture(placed);
    CHECK(sizeOf(*picture) == "320x240");
    CHECK(colourAt(*picture, 0, 0) == 0x0000ff);
    CHECK(colourAt(*picture, 319, 239) == 0xff0000);
    CHECK(sizeOf(*nextPicture(part)) == "70x90");
}

TEST_CASE("a window that is hidden leaves its last picture; one that is closed is gone, once") {
    const Xvfb server;
    const Painter painter;
    const uint64_t target = painter.open("target", WHITE, 100, 100, 320, 180);
    Sink sink;
    std::atomic<int> gone{0};
    auto callbacks = sink.callbacks();
    callbacks.onDeviceGone = [&](SourceKind kind, const std::string &) { gone += kind == SourceKind::Screen; };
    PushPipeline pipeline(callbacks, {320, 180, 15, 400, 1}, {});
    pipeline.openVideo(screenSource(), window(target));
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 5));
    painter.hide(target);
    REQUIRE(sink.waitForPackets(MediaKind::Video, 3));
    CHECK(gone == 0);
    painter.show(target);
    REQUIRE(sink.waitForPackets(MediaKind::Video, 8));
    painter.close(target);
    REQUIRE(sink.waitForPackets(MediaKind::Video, 3));
    CHECK(gone == 1);
    pipeline.stop();
    CHECK(sink.errors.empty());
    for (const DecodedPicture &each : decodeVideo(sink.of(MediaKind::Video)))
        CHECK(each.meanLuma > 225);
    CHECK(codeOf([&] { pipeline.openVideo(screenSource(), window(target)); }) == ErrorCode::WindowFailed);
}

TEST_CASE("the mouse pointer is shown or left out") {
    const Xvfb server;
    const Painter painter;
    painter.open("white", WHITE, 0, 0, 200, 200);
    painter.point(100, 100);
    const auto darkest = [&](bool cursor) {
        ScreenTarget target;
        target.region = {0, 0, 200, 200};
        target.cursor = cursor;
        ScreenInput input(target, never());
        const FramePtr picture = nextPicture(input);
        unsigned found = WHITE;
        for (int y = 80; y < 120; ++y)
            for (int x = 80; x < 120; ++x)
                found = std::min(found, colourAt(*picture, x, y) & 0xff);
        return found;
    };
    CHECK(darkest(true) < 0x40);
    CHECK(darkest(false) == 0xff);
}

TEST_CASE("the end of the X server ends the capture, not the process") {
    for (const bool cursor : {true, false}) {
        CAPTURE(cursor);
        Sink sink;
        std::atomic<int> gone{0};
        auto callbacks = sink.callbacks();
        callbacks.onDeviceGone = [&](SourceKind, const std::string &) { ++gone; };
        std::optional<Xvfb> own;
        own.emplace();
        PushPipeline pipeline(callbacks, {320, 180, 30, 400, 1}, {});
        ScreenTarget target;
        target.cursor = cursor;
        pipeline.openVideo(screenSource(), target);
        pipeline.start();
        REQUIRE(sink.waitForPackets(MediaKind::Video, 5));
        own->kill();
        REQUIRE(sink.waitForPackets(MediaKind::Video, 3));
        CHECK(gone == 1);
        pipeline.stop();
        own.reset();
    }
}
