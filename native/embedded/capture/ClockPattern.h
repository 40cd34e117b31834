#pragma once

#include <cstdint>
#include <optional>

namespace rtcroom::embedded {

/// What the machine-readable block of a picture says.
struct ClockReading {
    /// µs of engine::clockMicros(), 52 bits.
    int64_t clockUs = 0;
    /// 28 bits.
    uint32_t frame = 0;
    bool operator==(const ClockReading &) const = default;
};

/// A block of 6 rows × 16 columns over the full width and the top third of a luma plane that carries 96 bits, most
/// significant first, row by row: 52 bits clock, 28 bits frame counter, 16 bits CRC-16/CCITT-FALSE of the first 80 bits
/// (10 bytes). A 1 has luma 210, a 0 has luma 40. Survives scaling and compression.
namespace ClockPattern {

inline constexpr int ROWS = 6;
inline constexpr int COLUMNS = 16;
inline constexpr int MIN_SIZE = 64; // px, either way

/// Draws into the top third of a plane of at least 64 × 64; smaller ones are left alone.
void draw(uint8_t *luma, int stride, int width, int height, const ClockReading &reading);

/// Nothing when the block is damaged, is not there, or the picture is below 64 × 64.
std::optional<ClockReading> read(const uint8_t *luma, int stride, int width, int height);

} // namespace ClockPattern
} // namespace rtcroom::embedded
