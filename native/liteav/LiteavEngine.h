#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/Engine.h"
#include "engine/Options.h"
#include "liteav/sdk/Generation.h"

namespace rtcroom::liteav {

/// Where the SDK's library is: `options.sdkPath` (the file or its folder), else LITEAV_SDK_DIR, else beside the
/// application and beside the addon. Absolute, UTF-8; nothing where there is none. Throws EngineException(SdkNotFound)
/// when `sdkPath` or LITEAV_SDK_DIR names a place that has none: what was asked for is not passed over in silence.
std::optional<std::string> findSdk(const engine::EngineOptions &options);

/// The engine on Tencent's LiteAV SDK. The library is loaded once a process and never unloaded. Throws EngineException:
/// SdkNotFound, SdkWrongArchitecture, SdkCorrupt, SdkDependencyMissing (names it), SdkIncompatible, LicenceRefused; and
/// Unsupported where there is no such SDK (other systems than Windows).
std::shared_ptr<engine::Engine> createLiteavEngine(const engine::EngineOptions &options);

/// The engine on a library that is loaded, or on functions that stand in for one. Throws LicenceRefused when a licence
/// is given and the SDK has no way to take it.
std::shared_ptr<engine::Engine> createLiteavEngine(const Sdk &sdk, const engine::EngineOptions &options);

} // namespace rtcroom::liteav
