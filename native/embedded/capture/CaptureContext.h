#pragma once

#include <memory>

#include "embedded/capture/MediaFiles.h"
#include "embedded/capture/SourceOpening.h"
#include "embedded/capture/UserClock.h"

namespace rtcroom::embedded {

/// What the sources of one pusher's pictures and of its sound have in common.
struct CaptureContext {
    SourceOpening opening;
    MediaFiles files{opening};
    const std::shared_ptr<UserClock> userClock = std::make_shared<UserClock>();
};

} // namespace rtcroom::embedded
