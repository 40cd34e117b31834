#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// One message of the supplemental enhancement information of H.264 (ISO/IEC 14496-10, 7.3.2.3.1) and HEVC (ISO/IEC
/// 23008-2, 7.3.2.4). Other codecs have none.
struct SeiPayload {
    size_t type = 0;
    Bytes data;
};

/// user_data_unregistered: a UUID, and what its owner likes.
constexpr size_t userDataSeiType = 5;
constexpr size_t seiUuidSize = 16;

bool hasSei(CodecId codec);

/// One NAL unit with the payloads, in their order.
Bytes seiUnit(CodecId codec, std::span<const SeiPayload> payloads);

/// The payloads before the picture in a coded unit, 256 of them at most. What is broken is left out.
std::vector<SeiPayload> seiPayloads(CodecId codec, std::span<const uint8_t> unit);

/// Puts them before a coded picture.
void attachSei(EncodedPacket &picture, std::span<const SeiPayload> payloads);

} // namespace rtcroom::embedded
