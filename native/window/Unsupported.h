#pragma once

#include "engine/System.h"

namespace rtcroom::window {

/// Why pictures cannot be shown in windows on that system; null when they can.
const char *windowsUnsupported(engine::System system = engine::thisSystem);
/// Why its screens and windows cannot be captured; null when they can.
const char *captureUnsupported(engine::System system = engine::thisSystem);

} // namespace rtcroom::window
