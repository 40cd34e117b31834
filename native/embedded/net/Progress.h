#pragma once

#include <cstddef>

namespace rtcroom::embedded {

/// What a peer must take, or bring of a message that is not complete yet, within dataTimeoutMs to count as alive. Less
/// is no stream: at the default of 5 s it is 1.6 kbit/s.
constexpr size_t minProgressBytes = 1024;

} // namespace rtcroom::embedded
