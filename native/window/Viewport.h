#pragma once

#include "engine/Options.h"

namespace rtcroom::window {

/// Pixels of a window; the origin is its top left.
struct Area {
    int left = 0;
    int top = 0;
    int width = 0;
    int height = 0;
    bool operator==(const Area &) const = default;
};

/// The SDK's render modes.
enum class RenderMode { Adapt = 1, Fill = 2 };

/// How a picture is shown. Mirroring (left and right) comes before the rotation, clockwise by quarters.
struct Look {
    RenderMode mode = RenderMode::Adapt;
    int quarterTurns = 0;
    bool mirror = false;
    bool operator==(const Look &) const = default;
};

/// The SDK's numbers: mode 1 or 2, rotation 1 (none) to 4 (270° clockwise). Throw EngineException(InvalidArgument).
RenderMode renderMode(int mode);
int quarterTurns(int rotation);

/// Where a picture lies in a window.
struct Viewport {
    /// The part of the picture that is seen, px of the picture.
    Area source;
    /// Where that part lies before it is rotated about the middle of this area, px of the window.
    Area target;
    bool operator==(const Viewport &) const = default;
};

/// `pixelAspect` is width : height of one pixel. All sizes are at least 1.
Viewport viewport(engine::Size picture, double pixelAspect, engine::Size window, const Look &look);

} // namespace rtcroom::window
