#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace rtcroom::liteav {

/// IMAGE_FILE_HEADER's machine.
inline constexpr uint16_t MACHINE_X86 = 0x14C;
inline constexpr uint16_t MACHINE_X64 = 0x8664;
inline constexpr uint16_t MACHINE_ARM64 = 0xAA64;

/// What of a Windows library is read before Windows is asked to load it.
struct PeFile {
    uint16_t machine = 0;
    bool library = false;
    /// Names of the DLLs that it needs at once, as written in it.
    std::vector<std::string> imports;
};

/// Throws EngineException SdkCorrupt for what is no whole PE file; never reads outside of `bytes`.
PeFile parsePe(std::span<const uint8_t> bytes);
/// The same of a file, of which the headers and the import table are read. `path` is UTF-8. Throws SdkNotFound when it
/// cannot be opened, SdkCorrupt as parsePe.
PeFile readPe(const std::string &path);

/// Checks the library and all that it needs from its own folder, so that an error can name what is wrong, which
/// Windows does not: SdkCorrupt, SdkWrongArchitecture (of `machine`), SdkDependencyMissing. `inSystem` tells whether
/// Windows has a DLL of that name (small letters).
void checkLibrary(const std::string &path, uint16_t machine, const std::function<bool(const std::string &)> &inSystem);

} // namespace rtcroom::liteav
