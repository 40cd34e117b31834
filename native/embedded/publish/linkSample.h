#pragma once

#include "embedded/net/TcpInfo.h"
#include "embedded/qos/LinkMeter.h"

namespace rtcroom::embedded {

/// What is known of a push's connection. `sent` counts the bytes that the kernel has taken since it began, `queued`
/// those that wait for it. What a system does not tell is 0 in `info`, and is estimated:
/// - of nothing, all that the kernel took counts as delivered;
/// - of the bytes in flight alone (Windows), what the kernel holds back unsent counts as delivered too early, and is
/// seen
///   in neither: up to its buffer;
/// - of sent and unsent bytes as one (macOS), what is unsent counts as in flight.
LinkSample linkSample(const TcpInfo &info, uint64_t sent, size_t queued, LinkSample::Clock::time_point at);

} // namespace rtcroom::embedded
