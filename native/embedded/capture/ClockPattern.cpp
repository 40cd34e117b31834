#include "embedded/capture/ClockPattern.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace rtcroom::embedded::ClockPattern {

namespace {

constexpr uint8_t LUMA_ONE = 210;
constexpr uint8_t LUMA_ZERO = 40;
constexpr int THRESHOLD = 125;
constexpr int BITS = ROWS * COLUMNS;

using Block = std::array<uint8_t, BITS / 8>;

// CRC-16/CCITT-FALSE: polynomial 0x1021, initial 0xffff, not reflected.
uint16_t crc16(const uint8_t *data, size_t size) {
    uint16_t crc = 0xffff;
    for (size_t i = 0; i < size; ++i) {
        crc = static_cast<uint16_t>(crc ^ (data[i] << 8));
        for (int bit = 0; bit < 8; ++bit)
            crc = static_cast<uint16_t>((crc & 0x8000) ? (crc << 1) ^ 0x1021 : crc << 1);
    }
    return crc;
}

Block pack(const ClockReading &reading) {
    const auto clock = static_cast<uint64_t>(reading.clockUs) & ((uint64_t{1} << 52) - 1);
    const uint32_t frame = reading.frame & 0x0fffffff;
    Block block{};
    // 80 bits: the clock's 52, then the frame's 28; the seam is in the middle of byte 6.
    for (int i = 0; i < 6; ++i)
        block[static_cast<size_t>(i)] = static_cast<uint8_t>(clock >> (44 - 8 * i));
    block[6] = static_cast<uint8_t>(((clock & 0xf) << 4) | (frame >> 24));
    block[7] = static_cast<uint8_t>(frame >> 16);
    block[8] = static_cast<uint8_t>(frame >> 8);
    block[9] = static_cast<uint8_t>(frame);
    const uint16_t crc = crc16(block.data(), 10);
    block[10] = static_cast<uint8_t>(crc >> 8);
    block[11] = static_cast<uint8_t>(crc);
    return block;
}

int rowTop(int row, int height) { return row * (height / 3) / ROWS; }
int columnLeft(int column, int width) { return column * width / COLUMNS; }

int innerMean(const uint8_t *luma, int stride, int x0, int x1, int y0, int y1) {
    const int marginX = (x1 - x0) / 4;
    const int marginY = (y1 - y0) / 4;
    int sum = 0;
    int count = 0;
    for (int y = y0 + marginY; y < y1 - marginY; ++y)
        for (int x = x0 + marginX; x < x1 - marginX; ++x) {
            sum += luma[static_cast<ptrdiff_t>(y) * stride + x];
            ++count;
        }
    return count ? sum / count : 0;
}

} // namespace

void draw(uint8_t *luma, int stride, int width, int height, const ClockReading &reading) {
    if (width < MIN_SIZE || height < MIN_SIZE)
        return;
    const Block block = pack(reading);
    for (int row = 0; row < ROWS; ++row) {
        const int top = rowTop(row, height);
        uint8_t *first = luma + static_cast<ptrdiff_t>(top) * stride;
        for (int column = 0; column < COLUMNS; ++column) {
            const int index = row * COLUMNS + column;
            const bool bit = block[static_cast<size_t>(index / 8)] >> (7 - index % 8) & 1;
            const int left = columnLeft(column, width);
            std::memset(first + left, bit ? LUMA_ONE : LUMA_ZERO,
                        static_cast<size_t>(columnLeft(column + 1, width) - left));
        }
        for (int y = top + 1; y < rowTop(row + 1, height); ++y)
            std::memcpy(luma + static_cast<ptrdiff_t>(y) * stride, first, static_cast<size_t>(width));
    }
}

std::optional<ClockReading> read(const uint8_t *luma, int stride, int width, int height) {
    if (width < MIN_SIZE || height < MIN_SIZE)
        return std::nullopt;
    Block block{};
    for (int index = 0; index < BITS; ++index) {
        const int row = index / COLUMNS;
        const int column = index % COLUMNS;
        const int mean = innerMean(luma, stride, columnLeft(column, width), columnLeft(column + 1, width),
                                   rowTop(row, height), rowTop(row + 1, height));
        if (mean > THRESHOLD)
            block[static_cast<size_t>(index / 8)] |= static_cast<uint8_t>(0x80 >> index % 8);
    }
    if (crc16(block.data(), 10) != (block[10] << 8 | block[11]))
        return std::nullopt;
    uint64_t clock = 0;
    for (size_t i = 0; i < 6; ++i)
        clock = clock << 8 | block[i];
    clock = clock << 4 | block[6] >> 4;
    const uint32_t frame = static_cast<uint32_t>(block[6] & 0xf) << 24 | static_cast<uint32_t>(block[7]) << 16 |
                           static_cast<uint32_t>(block[8]) << 8 | block[9];
    return ClockReading{static_cast<int64_t>(clock), frame};
}

} // namespace rtcroom::embedded::ClockPattern
