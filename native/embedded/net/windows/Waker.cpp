#include "embedded/net/Waker.h"

#include <system_error>

#include "embedded/net/SocketCalls.h"

namespace rtcroom::embedded {

namespace {

[[noreturn]] void fail(const char *what) { throw std::system_error(WSAGetLastError(), std::system_category(), what); }

} // namespace

// select() waits for sockets alone. One UDP socket that is connected to itself is both ends: it takes datagrams from
// nobody else, and loopback passes no firewall.
Waker::Waker() {
    startSockets();
    readEnd_ = FileDescriptor(
        ::WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, nullptr, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
    if (!readEnd_)
        fail("socket");
    sockaddr_in self{};
    self.sin_family = AF_INET;
    self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int size = sizeof self;
    auto *address = reinterpret_cast<sockaddr *>(&self);
    u_long nonBlocking = 1;
    if (::bind(fd(), address, size) != 0 || ::getsockname(fd(), address, &size) != 0 ||
        ::connect(fd(), address, size) != 0 || ::ioctlsocket(fd(), FIONBIO, &nonBlocking) != 0)
        fail("a socket on the loopback address");
}

void Waker::wake() noexcept {
    const char one = 1;
    // A full buffer is readable: the wake is already there.
    ::send(readEnd_.get(), &one, 1, 0);
}

void Waker::drain() noexcept {
    char bytes[8];
    while (::recv(readEnd_.get(), bytes, sizeof bytes, 0) > 0) {
    }
}

} // namespace rtcroom::embedded
