#pragma once

#include <cstddef>
#include <cstdint>

namespace rtcroom::embedded {

/// `bytes` (1 to 8) bytes, most significant first.
inline uint64_t readBigEndian(const uint8_t *from, size_t bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i)
        value = value << 8 | from[i];
    return value;
}

inline void writeBigEndian(uint8_t *to, uint64_t value, size_t bytes) {
    for (size_t i = bytes; i-- > 0; value >>= 8)
        to[i] = static_cast<uint8_t>(value);
}

} // namespace rtcroom::embedded
