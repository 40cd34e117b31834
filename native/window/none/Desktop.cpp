#include "window/Desktop.h"

#include "engine/Error.h"
#include "window/Unsupported.h"

namespace rtcroom::window {

std::unique_ptr<Desktop> Desktop::open() {
    throw engine::EngineException(engine::ErrorCode::Unsupported, captureUnsupported());
}

} // namespace rtcroom::window
