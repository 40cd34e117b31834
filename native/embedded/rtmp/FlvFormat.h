#pragma once

#include <cstddef>
#include <cstdint>

#include "embedded/media/ByteOrder.h"

/// Numbers of FLV tags (Adobe, FLV 10.1, E.4.1 to E.4.3).
namespace rtcroom::embedded::flv {

constexpr uint8_t avcCodec = 7;
/// Of no standard: HEVC with AVC's header, as CDNs in China have it.
constexpr uint8_t hevcCodec = 12;
constexpr uint8_t aacFormat = 10;
constexpr uint8_t keyFrame = 1;
constexpr uint8_t interFrame = 2;
constexpr size_t videoHeaderSize = 5;
constexpr size_t audioHeaderSize = 2;
enum PacketType : uint8_t { SequenceHeader = 0, CodedUnit = 1 };

/// Timestamp and TimestampExtended of a tag (E.4.1): 3 bytes, behind them the upper one.
inline uint32_t readTimestamp(const uint8_t *from) {
    return static_cast<uint32_t>(readBigEndian(from, 3)) | static_cast<uint32_t>(from[3]) << 24;
}

} // namespace rtcroom::embedded::flv
