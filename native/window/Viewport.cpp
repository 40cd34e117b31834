#include "window/Viewport.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/Error.h"

namespace rtcroom::window {

using engine::EngineException;
using engine::ErrorCode;
using engine::Size;

RenderMode renderMode(int mode) {
    if (mode != 1 && mode != 2)
        throw EngineException(ErrorCode::InvalidArgument,
                              "no render mode has the value " + std::to_string(mode) + "; 1 adapts, 2 fills");
    return static_cast<RenderMode>(mode);
}

int quarterTurns(int rotation) {
    if (rotation < 1 || rotation > 4)
        throw EngineException(ErrorCode::InvalidArgument, "no rotation has the value " + std::to_string(rotation) +
                                                              "; 1 is none, 2, 3 and 4 are 90°, 180° and 270°");
    return rotation - 1;
}

namespace {

int pixels(double length, int limit) { return std::clamp(static_cast<int>(std::lround(length)), 1, limit); }

} // namespace

Viewport viewport(Size picture, double pixelAspect, Size window, const Look &look) {
    const bool turned = look.quarterTurns % 2 != 0;
    // As it is seen: after the rotation.
    double width = picture.width * pixelAspect;
    double height = picture.height;
    if (turned)
        std::swap(width, height);
    const double toWidth = window.width / width;
    const double toHeight = window.height / height;
    const bool fill = look.mode == RenderMode::Fill;
    const double scale = fill ? std::max(toWidth, toHeight) : std::min(toWidth, toHeight);

    Viewport result{{0, 0, picture.width, picture.height}, {0, 0, window.width, window.height}};
    if (fill) {
        double across = std::min(1.0, window.width / (width * scale));
        double down = std::min(1.0, window.height / (height * scale));
        if (turned)
            std::swap(across, down);
        result.source.width = pixels(picture.width * across, picture.width);
        result.source.height = pixels(picture.height * down, picture.height);
        result.source.left = (picture.width - result.source.width) / 2;
        result.source.top = (picture.height - result.source.height) / 2;
    } else {
        result.target.width = pixels(width * scale, window.width);
        result.target.height = pixels(height * scale, window.height);
        result.target.left = (window.width - result.target.width) / 2;
        result.target.top = (window.height - result.target.height) / 2;
    }
    if (turned) {
        Area &target = result.target;
        // The middles of both must fall on the same pixel edge; the window cuts a column that is too much.
        if ((target.width + target.height) % 2 != 0)
            ++target.width;
        const int shift = (target.width - target.height) / 2;
        target = {target.left + shift, target.top - shift, target.height, target.width};
    }
    return result;
}

} // namespace rtcroom::window
