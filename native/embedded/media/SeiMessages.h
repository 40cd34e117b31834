#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// Messages of the application that travel in a stream with a picture, as supplemental enhancement information of H.264
/// (ISO/IEC 14496-10, 7.3.2.3.1) and HEVC (ISO/IEC 23008-2, 7.3.2.4). Other codecs have none. The type is LiteAV's own:
/// 242, of those that the standard reserves.
constexpr int messageSeiType = 242;

bool hasSei(CodecId codec);

/// One NAL unit with the messages, in their order.
Bytes seiUnit(CodecId codec, std::span<const Bytes> messages);

/// The messages before the picture in a coded unit: those of type 242, and of type 5 (user_data_unregistered, without
/// its UUID) but for x264's, which is about the encoder. What is broken is left out.
std::vector<Bytes> seiMessages(CodecId codec, std::span<const uint8_t> unit);

} // namespace rtcroom::embedded
