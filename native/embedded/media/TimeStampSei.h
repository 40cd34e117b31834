#pragma once

#include <cstdint>
#include <optional>

#include "embedded/media/SeiPayloads.h"

namespace rtcroom::embedded {

/// When a picture was taken, in the stream: the Precision Time Stamp of MISB ST 0604, a user_data_unregistered that
/// other programs read and write too (GStreamer's mispprecisiontimestamp, for one). Its clock is POSIX time here.
/// µs since 1970, not negative.
SeiPayload timeStampSei(CodecId codec, int64_t sinceEpochUs);

/// Whether it has the stamp's UUID, which differs by codec.
bool isTimeStamp(CodecId codec, const SeiPayload &payload);

/// µs since 1970; nothing when it is none, or broken.
std::optional<int64_t> timeStampUs(CodecId codec, const SeiPayload &payload);

} // namespace rtcroom::embedded
