#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>

namespace rtcroom::embedded {

/// What a BitReader throws at the end of its bytes, and at numbers that no stream has.
class Truncated : public std::exception {};

/// Bits of a header, the highest first.
class BitReader {
  public:
    explicit BitReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

    /// The last 32 of `count` bits.
    uint32_t bits(int count) {
        uint32_t value = 0;
        while (count-- > 0) {
            if (at_ >= bytes_.size() * 8)
                throw Truncated();
            value = value << 1 | (bytes_[at_ / 8] >> (7 - at_ % 8) & 1);
            ++at_;
        }
        return value;
    }
    bool flag() { return bits(1) != 0; }
    void skip(int count) { bits(count); }

    /// ue(v), ISO/IEC 14496-10, 9.1.
    uint32_t ue() {
        int zeros = 0;
        while (!flag())
            if (++zeros > 31)
                throw Truncated();
        return (1u << zeros) - 1 + bits(zeros);
    }
    int32_t se() {
        const uint32_t code = ue();
        const auto half = static_cast<int32_t>(code / 2);
        return code % 2 ? half + 1 : -half;
    }

  private:
    std::span<const uint8_t> bytes_;
    size_t at_ = 0;
};

} // namespace rtcroom::embedded
