#pragma once

#include <chrono>

#include "engine/Options.h"

namespace rtcroom::embedded {

/// What an AutoAdjustStrategy means here. The SDK documents its names alone: "slow" for a live push, "fast" for a call.
struct QosStrategy {
    bool adjustsBitrate = false;
    bool adjustsFps = false;
    bool adjustsSize = false;
    /// Above it the bitrate falls, below the other it may rise again.
    double highDelayMs = 0;
    double lowDelayMs = 0;
    /// Between two cuts.
    std::chrono::milliseconds cutInterval{};
    /// A cut empties the queue in about this time.
    double drainMs = 0;
    /// Of the bitrate, while nothing speaks against it.
    double risePerSecond = 0;
    /// A slower or smaller picture goes back up after this long without a need for it.
    std::chrono::milliseconds stepUpAfter{};
    /// Pictures are skipped before they are encoded while the oldest packet waits longer.
    std::chrono::milliseconds skipAfter{};
    /// The delay that is told as PUSH_WARNING_NET_BUSY.
    double busyDelayMs = 0;
};

const QosStrategy &qosStrategy(engine::AutoAdjustStrategy strategy);

} // namespace rtcroom::embedded
