#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "liteav/classic/Methods.h"
#include "liteav/v2/Slots.h"
#include "liteav/v2/Types.h"

namespace rtcroom::liteav {

/// What a loaded library offers.
struct Sdk {
    std::string version;
    /// Of the library, where it came from a file.
    std::string path;
    /// Exactly one of them.
    std::optional<v2::Exports> v2;
    std::optional<classic::Exports> classic;
    v2::Revision revision = v2::Revision::Unknown;
};

/// The address of an export, null for none.
using Symbol = std::function<void *(const char *name)>;

/// Tells the generation by the exports. Throws SdkIncompatible when one is missing (and names it), or for a revision
/// that is not known unless `allowUnknown`. `pointerBytes` is the process's.
Sdk readSdk(const Symbol &symbol, bool allowUnknown, size_t pointerBytes = sizeof(void *));

/// The revision of a version such as "12.2.0.17000"; Unknown for those whose slots nobody has seen.
v2::Revision revisionOf(const std::string &version);

} // namespace rtcroom::liteav
