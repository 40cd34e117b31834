#pragma once

#include <atomic>
#include <string>

#include "embedded/media/ffmpeg.h"

namespace rtcroom::embedded {

/// The picture of a file, of a video its first, as it is in it. Blocks on the file. Throws as MediaInput does, and
/// NotMedia when the file has no picture. `abort` ends it.
FramePtr readStillPicture(const std::string &path, const std::atomic<bool> &abort);

} // namespace rtcroom::embedded
