#include "embedded/publish/linkSample.h"

#include <algorithm>

namespace rtcroom::embedded {

namespace {

/// Two looks at the kernel are not at one time: counts may be off by what went in between.
uint64_t notNegative(int bytes) { return static_cast<uint64_t>(std::max(0, bytes)); }

} // namespace

LinkSample linkSample(const TcpInfo &info, uint64_t sent, size_t queued, LinkSample::Clock::time_point at) {
    return {.at = at,
            .delivered = sent - std::min(sent, notNegative(info.unackedBytes)),
            .inFlight = notNegative(info.unackedBytes - info.unsentBytes),
            .beyondGap = notNegative(info.beyondGapBytes),
            .queued = queued + notNegative(info.unsentBytes),
            .rttMs = info.rttMs,
            .deliveryKbps = info.deliveryKbps};
}

} // namespace rtcroom::embedded
