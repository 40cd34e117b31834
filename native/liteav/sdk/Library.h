#pragma once

#include <optional>
#include <string>

#include "engine/Options.h"
#include "liteav/sdk/Generation.h"
#include "liteav/sdk/Paths.h"

namespace rtcroom::liteav {

/// The places of this process: the option, LITEAV_SDK_DIR, the application's folder, the addon's. Windows only;
/// elsewhere all are empty.
SdkPlaces sdkPlaces(const engine::EngineOptions &options);

/// Checks and loads the library, once a process and for good; a second path is refused with InvalidState. Throws the
/// SDK's errors; Unsupported elsewhere than on Windows.
Symbol loadLibrary(const std::string &path);

} // namespace rtcroom::liteav
