#include "embedded/net/Socket.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <netinet/tcp.h>

#include "embedded/net/TcpInfo.h"

namespace rtcroom::embedded {

namespace {

constexpr int unsentLowWaterBytes = 32 * 1024;
constexpr size_t maxParts = 1024; // IOV_MAX of Linux and the BSDs

#ifdef MSG_NOSIGNAL
constexpr int sendFlags = MSG_NOSIGNAL;
#else
constexpr int sendFlags = 0;
#endif

FileDescriptor openSocket(int family) {
#ifdef __linux__
    return FileDescriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
#else
    FileDescriptor fd(::socket(family, SOCK_STREAM, IPPROTO_TCP));
    if (fd) {
        fcntl(fd.get(), F_SETFL, O_NONBLOCK);
        fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
        const int on = 1;
        setsockopt(fd.get(), SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    }
    return fd;
#endif
}

Socket::IoResult ioFailure() {
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return {Socket::Io::WouldBlock, 0, 0};
    return {Socket::Io::Failed, 0, errno};
}

} // namespace

Socket Socket::connecting(const SocketAddress &address) {
    Socket out;
    out.fd_ = openSocket(address.family());
    if (!out.fd_) {
        out.startError_ = errno;
        return out;
    }
    const int one = 1;
    setsockopt(out.fd(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setUnsentLowWater(out.fd(), unsentLowWaterBytes);
    int result = 0;
    do
        result = ::connect(out.fd(), reinterpret_cast<const sockaddr *>(&address.storage), address.length);
    while (result != 0 && errno == EINTR);
    if (result != 0 && errno != EINPROGRESS && errno != EALREADY && errno != EISCONN)
        out.startError_ = errno;
    return out;
}

Socket::IoResult Socket::receive(std::span<uint8_t> out) noexcept {
    for (;;) {
        const ssize_t got = ::recv(fd(), out.data(), out.size(), 0);
        if (got > 0)
            return {Io::Done, static_cast<size_t>(got), 0};
        if (got == 0)
            return {Io::Closed, 0, 0};
        if (errno != EINTR)
            return ioFailure();
    }
}

Socket::IoResult Socket::send(std::span<const SendPart> parts) noexcept {
    msghdr message{};
    // sendmsg does not write to them.
    message.msg_iov = const_cast<SendPart *>(parts.data());
    message.msg_iovlen = std::min(parts.size(), maxParts);
    for (;;) {
        const ssize_t sent = ::sendmsg(fd(), &message, sendFlags);
        if (sent >= 0)
            return {Io::Done, static_cast<size_t>(sent), 0};
        if (errno != EINTR)
            return ioFailure();
    }
}

int Socket::error() const noexcept {
    if (startError_ != 0)
        return startError_;
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(fd(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

} // namespace rtcroom::embedded
