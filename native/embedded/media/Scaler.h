#pragma once

#include "embedded/media/ffmpeg.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// The pixel format without its deprecated full-range "J" twin; `fullRange` tells what was meant.
AVPixelFormat plainPixelFormat(const AVFrame &frame, bool &fullRange);

/// A scaler that converts format and range of `frame`, in its own colour matrix or to `toMatrix` (an SWS_CS value), and
/// its size where another is given. Null when swscale cannot.
SwsPtr makeScaler(const AVFrame &frame, AVPixelFormat to, bool toFullRange, int flags, int toMatrix = -1,
                  engine::Size size = {});

} // namespace rtcroom::embedded
