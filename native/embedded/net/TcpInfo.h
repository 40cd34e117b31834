#pragma once

#include <cstdint>

#include "embedded/net/SocketTypes.h"

namespace rtcroom::embedded {

/// What the kernel tells about a TCP connection.
struct TcpInfo {
    double rttMs = 0;
    /// Its mean deviation, smoothed as the round trip is.
    double rttDeviationMs = 0;
    /// Written bytes that the peer has not acknowledged yet.
    int unackedBytes = 0;
    /// Those of them that were not sent yet.
    int unsentBytes = 0;
    /// Of those that were sent, what the peer told to have, beyond a gap; counted in full packets.
    int beyondGapBytes = 0;
    /// The fastest delivery lately; lower ones count only while the connection had more to send than the link took.
    double deliveryKbps = 0;
    /// Packets that were sent again since the connection began.
    uint64_t retransmits = 0;
};

/// Zeros where the platform tells nothing.
TcpInfo tcpInfo(SocketHandle socket) noexcept;

/// Asks for acknowledgements at once; lasts until the kernel decides otherwise, so ask again while it matters.
void setQuickAck(SocketHandle socket) noexcept;

/// Keeps all but `bytes` of unsent data out of the kernel, so that the queue stays where it can be dropped.
void setUnsentLowWater(SocketHandle socket, int bytes) noexcept;

} // namespace rtcroom::embedded
