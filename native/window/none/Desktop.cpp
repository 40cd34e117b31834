#include "window/Desktop.h"

#include "engine/Error.h"

namespace rtcroom::window {

std::unique_ptr<Desktop> Desktop::open() {
    throw engine::EngineException(engine::ErrorCode::Unsupported,
                                  "screens and windows cannot be captured on this system yet; Linux with X11 and "
                                  "Windows can");
}

} // namespace rtcroom::window
