#include "embedded/net/SocketCalls.h"

#include <cerrno>
#include <fcntl.h>
#include <system_error>

namespace rtcroom::embedded {

void startSockets() {}

int pollSockets(std::span<PollEntry> entries, int timeoutMs) {
    const int count = ::poll(entries.data(), static_cast<nfds_t>(entries.size()), timeoutMs);
    if (count < 0 && errno != EINTR)
        throw std::system_error(errno, std::generic_category(), "poll");
    return count;
}

FileDescriptor openDatagramSocket(int family) noexcept {
#ifdef __linux__
    return FileDescriptor(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP));
#else
    FileDescriptor fd(::socket(family, SOCK_DGRAM, IPPROTO_UDP));
    if (fd)
        fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
    return fd;
#endif
}

int lastSocketError() noexcept { return errno; }

int socketErrorFromSystem(int error) noexcept { return error; }

std::string socketErrorText(int error) { return std::generic_category().message(error); }

} // namespace rtcroom::embedded
