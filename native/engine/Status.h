#pragma once

#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rtcroom::engine {

struct StatusKey {
    const char *name;
    /// "kbps", "frames/s", "px", "percent", "s", "ms", "frames", "packets", "factor" or "text".
    const char *unit;
};

/// The SDK's NET_STATUS keys that the contract knows, with units.
std::span<const StatusKey> statusTable();

/// One report, about every 2 s while pushing or playing. Keys are the SDK's.
using Status = std::vector<std::pair<const char *, std::variant<double, std::string>>>;

} // namespace rtcroom::engine
