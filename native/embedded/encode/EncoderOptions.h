#pragma once

#include <string_view>

#include "embedded/media/ffmpeg.h"

namespace rtcroom::embedded {

/// What one of FFmpeg's video encoders is told so that a picture comes out as it goes in: no reordering, no look-ahead,
/// one thread, a constant bitrate. For those of encoderNames() and hardwareEncoderNames(). Options that a build lacks
/// are left at its defaults.
void setLiveOptions(AVCodecContext &context, std::string_view encoder);

/// A bitrate while it is open, as FFmpeg drives it.
inline bool takesBitrateOpen(std::string_view encoder) { return encoder == "libx264"; }

} // namespace rtcroom::embedded
