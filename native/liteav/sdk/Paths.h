#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rtcroom::liteav {

std::filesystem::path toPath(const std::string &utf8);
std::string toUtf8(const std::filesystem::path &path);

/// Whether both name one file, however they are spelt.
bool sameFile(const std::string &one, const std::string &other);

/// Where the library may be. UTF-8; empty is "not given".
struct SdkPlaces {
    /// Options: the file or its folder. Where it names nothing, that is an error.
    std::string option;
    /// LITEAV_SDK_DIR, the same.
    std::string environment;
    /// Folders that are looked into without being asked for.
    std::vector<std::string> beside;
};

/// The absolute path of liteav.dll, by the order of the places. Throws EngineException SdkNotFound.
std::optional<std::string> findLibrary(const SdkPlaces &places);

} // namespace rtcroom::liteav
