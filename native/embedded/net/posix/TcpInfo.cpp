#include "embedded/net/TcpInfo.h"

// The kernel's header: libc's tcp_info ends before bytes_acked. Elsewhere libc's is all there is.
#ifdef __linux__
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <sys/ioctl.h>
#else
#include <netinet/tcp.h>
#endif

namespace rtcroom::embedded {

TcpInfo tcpInfo([[maybe_unused]] SocketHandle socket) noexcept {
    TcpInfo out;
#ifdef __linux__
    tcp_info info{};
    socklen_t size = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) {
        out.rttMs = info.tcpi_rtt / 1000.0;
        out.rttDeviationMs = info.tcpi_rttvar / 1000.0;
        out.unsentBytes = static_cast<int>(info.tcpi_notsent_bytes);
        out.beyondGapBytes = static_cast<int>(info.tcpi_sacked * info.tcpi_snd_mss);
        out.deliveryKbps = static_cast<double>(info.tcpi_delivery_rate) * 8 / 1000;
        out.retransmits = info.tcpi_total_retrans;
    }
    if (ioctl(socket, SIOCOUTQ, &out.unackedBytes) != 0)
        out.unackedBytes = 0;
#elif defined(__APPLE__)
    tcp_connection_info info{};
    socklen_t size = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_CONNECTION_INFO, &info, &size) == 0) {
        out.rttMs = info.tcpi_srtt;
        out.rttDeviationMs = info.tcpi_rttvar;
        out.unackedBytes = static_cast<int>(info.tcpi_snd_sbbytes);
        out.retransmits = info.tcpi_txretransmitpackets;
    }
#endif
    return out;
}

void setQuickAck([[maybe_unused]] SocketHandle socket) noexcept {
#ifdef TCP_QUICKACK
    const int one = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
#endif
}

void setUnsentLowWater([[maybe_unused]] SocketHandle socket, [[maybe_unused]] int bytes) noexcept {
#ifdef TCP_NOTSENT_LOWAT
    setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
#endif
}

} // namespace rtcroom::embedded
