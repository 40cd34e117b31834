#include "embedded/net/TcpInfo.h"

#include <mstcpip.h>

namespace rtcroom::embedded {

// Windows 10 1703 and later tell; earlier ones refuse, and all stays zero. What Windows counts as sent includes what it
// sent again, so there is no count of acknowledged bytes.
TcpInfo tcpInfo(SocketHandle socket) noexcept {
    TcpInfo out;
    DWORD version = 0;
    TCP_INFO_v0 info{};
    DWORD size = 0;
    if (::WSAIoctl(socket, SIO_TCP_INFO, &version, sizeof version, &info, sizeof info, &size, nullptr, nullptr) == 0) {
        out.rttMs = info.RttUs / 1000.0;
        out.unackedBytes = static_cast<int>(info.BytesInFlight);
        // It counts bytes; the largest packet is about as many packets as it was.
        out.retransmits = info.Mss > 0 ? (info.BytesRetrans + info.Mss - 1) / info.Mss : 0;
    }
    return out;
}

// Windows has no such request for one connection and one time.
void setQuickAck(SocketHandle) noexcept {}

// Windows bounds sent and unsent bytes as one. Twice the limit leaves a link of 100 ms round trip 5 Mbit/s; it also
// turns off the buffer's own growth, behind which seconds of video would wait.
void setUnsentLowWater(SocketHandle socket, int bytes) noexcept {
    const int size = bytes * 2;
    ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, reinterpret_cast<const char *>(&size), sizeof size);
}

} // namespace rtcroom::embedded
