#include <doctest/doctest.h>

#include "engine/Error.h"
#include "window/Viewport.h"

using namespace rtcroom::window;
using rtcroom::engine::EngineException;
using rtcroom::engine::ErrorCode;

namespace {

Viewport place(rtcroom::engine::Size picture, rtcroom::engine::Size window, Look look, double pixelAspect = 1) {
    return viewport(picture, pixelAspect, window, look);
}

constexpr Area whole(int width, int height) { return {0, 0, width, height}; }

} // namespace

TEST_CASE("a picture of the window's shape covers it in either mode") {
    for (const RenderMode mode : {RenderMode::Adapt, RenderMode::Fill}) {
        const Viewport view = place({1280, 720}, {640, 360}, {.mode = mode});
        CHECK(view.source == whole(1280, 720));
        CHECK(view.target == whole(640, 360));
    }
}

TEST_CASE("adapting shows the whole picture between two bars") {
    CHECK(place({640, 360}, {640, 640}, {}).target == Area{0, 140, 640, 360});
    CHECK(place({360, 640}, {640, 640}, {}).target == Area{140, 0, 360, 640});
    CHECK(place({640, 360}, {640, 640}, {}).source == whole(640, 360));
}

TEST_CASE("filling shows the picture's middle over the whole window") {
    const Viewport wide = place({640, 360}, {400, 400}, {.mode = RenderMode::Fill});
    CHECK(wide.target == whole(400, 400));
    CHECK(wide.source == Area{140, 0, 360, 360});
    const Viewport tall = place({360, 640}, {400, 400}, {.mode = RenderMode::Fill});
    CHECK(tall.source == Area{0, 140, 360, 360});
}

TEST_CASE("a quarter turn fits the turned picture: its area is the unturned one about the same middle") {
    // Seen 180 × 320 within 320 × 320: unturned 320 × 180.
    for (const int turns : {1, 3}) {
        const Viewport view = place({640, 360}, {320, 320}, {.quarterTurns = turns});
        CHECK(view.target == Area{0, 70, 320, 180});
    }
    CHECK(place({640, 360}, {320, 320}, {.quarterTurns = 2}).target == Area{0, 70, 320, 180});
    const Viewport upright = place({640, 360}, {360, 640}, {.quarterTurns = 1});
    CHECK(upright.target == Area{-140, 140, 640, 360});
}

TEST_CASE("filling with a quarter turn crops along the picture's own axes") {
    const Viewport view = place({640, 360}, {400, 400}, {.mode = RenderMode::Fill, .quarterTurns = 1});
    CHECK(view.source == Area{140, 0, 360, 360});
    CHECK(view.target == whole(400, 400));
}

TEST_CASE("a turned picture covers a window of any parity") {
    for (int width = 1; width < 40; ++width)
        for (int height = 1; height < 40; ++height) {
            const Viewport view = place({64, 36}, {width, height}, {.mode = RenderMode::Fill, .quarterTurns = 1});
            // Turned about its middle.
            const int left = view.target.left + (view.target.width - view.target.height) / 2;
            const int top = view.target.top + (view.target.height - view.target.width) / 2;
            CHECK((view.target.width - view.target.height) % 2 == 0);
            CHECK(left <= 0);
            CHECK(top <= 0);
            CHECK(left + view.target.height >= width);
            CHECK(top + view.target.width >= height);
        }
}

TEST_CASE("pixels that are not square widen the picture") {
    CHECK(place({352, 288}, {1024, 1024}, {}, 12.0 / 11).target.height == doctest::Approx(768).epsilon(0.002));
}

TEST_CASE("the smallest and the most extreme sizes give areas that can be drawn") {
    for (const RenderMode mode : {RenderMode::Adapt, RenderMode::Fill})
        for (int turns = 0; turns < 4; ++turns)
            for (const auto &picture : {rtcroom::engine::Size{2, 2}, {8192, 2}, {2, 8192}})
                for (const auto &window : {rtcroom::engine::Size{1, 1}, {16384, 1}, {1, 16384}}) {
                    const Viewport view = place(picture, window, {.mode = mode, .quarterTurns = turns});
                    CHECK(view.source.width >= 1);
                    CHECK(view.source.height >= 1);
                    CHECK(view.source.left + view.source.width <= picture.width);
                    CHECK(view.source.top + view.source.height <= picture.height);
                    CHECK(view.target.width >= 1);
                    CHECK(view.target.height >= 1);
                }
}

TEST_CASE("the SDK's numbers are taken and others refused") {
    CHECK(renderMode(1) == RenderMode::Adapt);
    CHECK(renderMode(2) == RenderMode::Fill);
    CHECK(quarterTurns(1) == 0);
    CHECK(quarterTurns(4) == 3);
    const auto codeOf = [](auto call) {
        try {
            call();
        } catch (const EngineException &failure) {
            return failure.error().code;
        }
        return ErrorCode::Internal;
    };
    for (const int wrong : {0, 3, -1})
        CHECK(codeOf([wrong] { renderMode(wrong); }) == ErrorCode::InvalidArgument);
    for (const int wrong : {0, 5, -1})
        CHECK(codeOf([wrong] { quarterTurns(wrong); }) == ErrorCode::InvalidArgument);
}
