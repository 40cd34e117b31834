#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "embedded/media/SeiPayloads.h"

namespace rtcroom::embedded {

/// Of messages of the application that travel in a stream with a picture: LiteAV's own type, of those that the standard
/// reserves.
constexpr size_t messageSeiType = 242;

/// One NAL unit with the messages, in their order.
Bytes seiUnit(CodecId codec, std::span<const Bytes> messages);

/// The text of a payload of type 242, or of type 5 without its UUID, but for x264's, which is about the encoder, and
/// the time stamp. Nothing for others.
std::optional<Bytes> messageOf(CodecId codec, const SeiPayload &payload);

/// The messages before the picture in a coded unit. What is broken is left out.
std::vector<Bytes> seiMessages(CodecId codec, std::span<const uint8_t> unit);

} // namespace rtcroom::embedded
