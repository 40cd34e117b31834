#include "liteav/sdk/Library.h"

#include <mutex>

#include "engine/Error.h"
#include "liteav/sdk/PeFile.h"

#ifdef _WIN32
#include <windows.h>

#include <cstdlib>
#endif

namespace rtcroom::liteav {

using engine::EngineException;
using engine::ErrorCode;

#ifdef _WIN32

namespace {

std::string folderOf(HMODULE module) {
    // The longest path that Windows has.
    std::wstring name(32768, L'\0');
    name.resize(GetModuleFileNameW(module, name.data(), static_cast<DWORD>(name.size())));
    return name.empty() ? std::string() : toUtf8(std::filesystem::path(name).parent_path());
}

HMODULE ownModule() {
    HMODULE module = nullptr;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                       reinterpret_cast<LPCWSTR>(&loadLibrary), &module);
    return module;
}

bool inSystem(const std::string &name) {
    // Sets of the system's functions, not files.
    if (name.starts_with("api-ms-") || name.starts_with("ext-ms-"))
        return true;
    const std::filesystem::path file = toPath(name);
    if (GetModuleHandleW(file.c_str()) != nullptr)
        return true;
    std::wstring folder(MAX_PATH + 1, L'\0');
    folder.resize(GetSystemDirectoryW(folder.data(), static_cast<UINT>(folder.size())));
    std::error_code ignored;
    return std::filesystem::exists(std::filesystem::path(folder) / file, ignored) ||
           std::filesystem::exists(toPath(folderOf(nullptr)) / file, ignored);
}

constexpr uint16_t thisMachine() {
#if defined(_M_ARM64) || defined(__aarch64__)
    return MACHINE_ARM64;
#elif defined(_WIN64)
    return MACHINE_X64;
#else
    return MACHINE_X86;
#endif
}

EngineException loadError(DWORD error) {
    const std::string number = " (Windows error " + std::to_string(error) + ")";
    switch (error) {
    case ERROR_MOD_NOT_FOUND:
        return {ErrorCode::SdkDependencyMissing,
                "a DLL that the LiteAV SDK needs is missing" + number + "; put the whole SDK's DLLs into one folder"};
    case ERROR_BAD_EXE_FORMAT:
        return {ErrorCode::SdkCorrupt, "Windows does not take the LiteAV SDK's file" + number + "; unpack it again"};
    default:
        return {ErrorCode::SdkFailed, "Windows could not load the LiteAV SDK" + number +
                                          "; check that the folder may be read and no virus scanner blocks it"};
    }
}

} // namespace

SdkPlaces sdkPlaces(const engine::EngineOptions &options) {
    const wchar_t *const variable = _wgetenv(L"LITEAV_SDK_DIR");
    return {options.sdkPath,
            variable ? toUtf8(std::filesystem::path(variable)) : std::string(),
            {folderOf(nullptr), folderOf(ownModule())}};
}

Symbol loadLibrary(const std::string &path) {
    static std::mutex mutex;
    static HMODULE module = nullptr;
    static std::string loadedPath;
    const std::lock_guard lock(mutex);
    if (module == nullptr) {
        checkLibrary(path, thisMachine(), inSystem);
        const HMODULE loaded = LoadLibraryExW(toPath(path).c_str(), nullptr,
                                              LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
        if (loaded == nullptr)
            throw loadError(GetLastError());
        // For good: the SDK's threads do not end with its objects.
        HMODULE pinned = nullptr;
        GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN, toPath(path).c_str(), &pinned);
        module = loaded;
        loadedPath = path;
    } else if (!sameFile(loadedPath, path)) {
        throw EngineException(ErrorCode::InvalidState, "this process has loaded the LiteAV SDK from " + loadedPath +
                                                           " already; one process takes one");
    }
    return [](const char *name) { return reinterpret_cast<void *>(GetProcAddress(module, name)); };
}

#else

SdkPlaces sdkPlaces(const engine::EngineOptions &) { return {}; }

Symbol loadLibrary(const std::string &) {
    throw EngineException(ErrorCode::Unsupported,
                          "the LiteAV SDK is a Windows library; use the engine 'embedded' here");
}

#endif

} // namespace rtcroom::liteav
