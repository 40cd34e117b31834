#pragma once

#include <optional>

#include "embedded/media/EncodedPacket.h"
#include "embedded/rtmp/SequenceHeaders.h"

namespace rtcroom::embedded {

/// The body of a data message with a stream's description, as encoders send it and servers keep it for players. Fields
/// that are not known are left out.
Bytes metadataBody(const std::optional<VideoFormat> &video, const std::optional<AudioFormat> &audio);

} // namespace rtcroom::embedded
