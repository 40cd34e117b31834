#pragma once

#include <filesystem>
#include <optional>
#include <string>

#ifdef _WIN32
#include <process.h>
#else
#include <unistd.h>
#endif

#include "../support/Gate.h"
#include "engine/Error.h"

namespace rtcroom::test {

/// The code of what `call` throws; nothing when it returns.
template <typename Call> std::optional<engine::ErrorCode> codeOf(Call call) {
    try {
        call();
        return std::nullopt;
    } catch (const engine::EngineException &failure) {
        return failure.error().code;
    }
}

/// A path in the temporary folder that no other call and no other process gives.
inline std::filesystem::path ownPath(const std::string &name, const std::string &ending = {}) {
    static int number = 0;
#ifdef _WIN32
    const auto process = _getpid();
#else
    const auto process = getpid();
#endif
    return std::filesystem::temp_directory_path() /
           (name + "-" + std::to_string(process) + "-" + std::to_string(++number) + ending);
}

} // namespace rtcroom::test
