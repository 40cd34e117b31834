#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// Messages of the application that travel in an H.264 stream with a picture, as supplemental enhancement information
/// (ISO/IEC 14496-10, 7.3.2.3.1). The type is LiteAV's own: 242, of those that the standard reserves.
constexpr int messageSeiType = 242;

/// One NAL unit with the messages, in their order.
Bytes seiUnit(std::span<const Bytes> messages);

/// The messages before the picture in a coded unit: those of type 242, and of type 5 (user_data_unregistered, without
/// its UUID) but for x264's, which is about the encoder. What is broken is left out.
std::vector<Bytes> seiMessages(std::span<const uint8_t> unit);

} // namespace rtcroom::embedded
