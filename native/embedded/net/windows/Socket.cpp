#include "embedded/net/Socket.h"

#include <algorithm>
#include <cerrno>
#include <climits>

#include "embedded/net/SocketCalls.h"
#include "embedded/net/TcpInfo.h"

namespace rtcroom::embedded {

namespace {

constexpr int unsentLowWaterBytes = 32 * 1024;
constexpr size_t maxParts = 1024;

Socket::IoResult ioFailure() {
    const int error = lastSocketError();
    if (error == EWOULDBLOCK)
        return {Socket::Io::WouldBlock, 0, 0};
    return {Socket::Io::Failed, 0, error};
}

} // namespace

Socket Socket::connecting(const SocketAddress &address) {
    Socket out;
    out.fd_ = FileDescriptor(::WSASocketW(address.family(), SOCK_STREAM, IPPROTO_TCP, nullptr, 0,
                                          WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
    u_long nonBlocking = 1;
    if (!out.fd_ || ::ioctlsocket(out.fd(), FIONBIO, &nonBlocking) != 0) {
        out.startError_ = lastSocketError();
        return out;
    }
    const BOOL on = TRUE;
    ::setsockopt(out.fd(), IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char *>(&on), sizeof on);
    setUnsentLowWater(out.fd(), unsentLowWaterBytes);
    if (::connect(out.fd(), reinterpret_cast<const sockaddr *>(&address.storage), address.length) != 0 &&
        WSAGetLastError() != WSAEWOULDBLOCK)
        out.startError_ = lastSocketError();
    return out;
}

Socket::IoResult Socket::receive(std::span<uint8_t> out) noexcept {
    const int wanted = static_cast<int>(std::min<size_t>(out.size(), INT_MAX));
    const int got = ::recv(fd(), reinterpret_cast<char *>(out.data()), wanted, 0);
    if (got > 0)
        return {Io::Done, static_cast<size_t>(got), 0};
    return got == 0 ? IoResult{Io::Closed, 0, 0} : ioFailure();
}

Socket::IoResult Socket::send(std::span<const SendPart> parts) noexcept {
    DWORD sent = 0;
    // WSASend does not write to them.
    if (::WSASend(fd(), const_cast<SendPart *>(parts.data()), static_cast<DWORD>(std::min(parts.size(), maxParts)),
                  &sent, 0, nullptr, nullptr) != 0)
        return ioFailure();
    return {Io::Done, sent, 0};
}

int Socket::error() const noexcept {
    if (startError_ != 0)
        return startError_;
    int error = 0;
    int size = sizeof error;
    return ::getsockopt(fd(), SOL_SOCKET, SO_ERROR, reinterpret_cast<char *>(&error), &size) == 0
               ? socketErrorFromSystem(error)
               : lastSocketError();
}

} // namespace rtcroom::embedded
