#pragma once

#include <cstddef>
#include <cstdint>

/// Numbers of FLV tags (Adobe, FLV 10.1, E.4.2 and E.4.3).
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

} // namespace rtcroom::embedded::flv
