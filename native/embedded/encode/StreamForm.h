#pragma once

#include <span>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// The configuration of a stream from what an encoder gives as its global header: parameter sets in Annex B, or OBUs.
/// Empty when it lacks something.
Bytes configRecord(CodecId codec, std::span<const uint8_t> globalHeader);

/// A unit as EncodedPacket has it from what an encoder gives out, without what the configuration holds.
Bytes streamUnit(CodecId codec, std::span<const uint8_t> encoded);

} // namespace rtcroom::embedded
