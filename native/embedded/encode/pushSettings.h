#pragma once

#include "embedded/encode/PushPipeline.h"

namespace rtcroom::embedded {

/// Throw EngineException(InvalidArgument) for what no encoder takes.
void check(const VideoSettings &settings);
void check(const AudioSettings &settings);

} // namespace rtcroom::embedded
