#include "liteav/sdk/Paths.h"

#include "engine/Error.h"

namespace rtcroom::liteav {
namespace {

namespace fs = std::filesystem;

constexpr const char *LIBRARY = "liteav.dll";

/// The library at `place`, which is the file or a folder that has it.
std::optional<std::string> libraryAt(const std::string &place) {
    std::error_code error;
    fs::path path = fs::absolute(toPath(place), error);
    if (!error && fs::is_directory(path, error))
        path /= LIBRARY;
    if (error || !fs::is_regular_file(path, error))
        return std::nullopt;
    return toUtf8(path.lexically_normal().make_preferred());
}

std::string required(const std::string &place, const char *what) {
    if (const auto found = libraryAt(place))
        return *found;
    throw engine::EngineException(engine::ErrorCode::SdkNotFound,
                                  std::string(what) + " names " + place +
                                      ", where there is no liteav.dll: let it name the file or its folder");
}

} // namespace

fs::path toPath(const std::string &utf8) {
    return fs::path(std::u8string(reinterpret_cast<const char8_t *>(utf8.data()), utf8.size()));
}

std::string toUtf8(const fs::path &path) {
    const std::u8string text = path.u8string();
    return {reinterpret_cast<const char *>(text.data()), text.size()};
}

bool sameFile(const std::string &one, const std::string &other) {
    std::error_code ignored;
    return one == other || fs::equivalent(toPath(one), toPath(other), ignored);
}

std::optional<std::string> findLibrary(const SdkPlaces &places) {
    if (!places.option.empty())
        return required(places.option, "the engine's option sdkPath");
    if (!places.environment.empty())
        return required(places.environment, "the variable LITEAV_SDK_DIR");
    for (const std::string &folder : places.beside)
        if (const auto found = folder.empty() ? std::nullopt : libraryAt(folder))
            return found;
    return std::nullopt;
}

} // namespace rtcroom::liteav
