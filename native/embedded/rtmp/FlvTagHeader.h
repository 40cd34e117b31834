#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// What stands before a packet's bytes in an FLV tag body: of H.264 and AAC as ever (Adobe, FLV 10.1, E.4.2 and E.4.3),
/// of other codecs an enhanced header (Veovera, E-RTMP v2).
class FlvTagHeader {
  public:
    static constexpr size_t maxSize = 8;

    explicit FlvTagHeader(const EncodedPacket &packet);
    std::span<const uint8_t> bytes() const { return {bytes_.data(), size_}; }

  private:
    void writeLegacy(const EncodedPacket &packet);
    void writeEnhanced(const EncodedPacket &packet);

    std::array<uint8_t, maxSize> bytes_{};
    size_t size_ = 0;
};

} // namespace rtcroom::embedded
