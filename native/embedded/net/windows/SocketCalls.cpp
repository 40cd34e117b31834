// select() looks at no more sockets than this; we wait for one, or for the attempts of a connect.
#define FD_SETSIZE 512
#include "embedded/net/SocketCalls.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace rtcroom::embedded {

namespace {

struct KnownError {
    int windows;
    int portable;
    const char *text;
};

// The texts are those of errno on Linux.
constexpr std::array knownErrors{
    KnownError{WSAEACCES, EACCES, "Permission denied"},
    KnownError{WSAEADDRINUSE, EADDRINUSE, "Address already in use"},
    KnownError{WSAEADDRNOTAVAIL, EADDRNOTAVAIL, "Cannot assign requested address"},
    KnownError{WSAEAFNOSUPPORT, EAFNOSUPPORT, "Address family not supported by protocol"},
    KnownError{WSAECONNABORTED, ECONNABORTED, "Software caused connection abort"},
    KnownError{WSAECONNREFUSED, ECONNREFUSED, "Connection refused"},
    KnownError{WSAECONNRESET, ECONNRESET, "Connection reset by peer"},
    KnownError{WSAEHOSTUNREACH, EHOSTUNREACH, "No route to host"},
    KnownError{WSAEINTR, EINTR, "Interrupted system call"},
    KnownError{WSAEINVAL, EINVAL, "Invalid argument"},
    KnownError{WSAEMFILE, EMFILE, "Too many open files"},
    KnownError{WSAENETDOWN, ENETDOWN, "Network is down"},
    KnownError{WSAENETRESET, ENETRESET, "Network dropped connection on reset"},
    KnownError{WSAENETUNREACH, ENETUNREACH, "Network is unreachable"},
    KnownError{WSAENOBUFS, ENOBUFS, "No buffer space available"},
    KnownError{WSAENOTCONN, ENOTCONN, "Transport endpoint is not connected"},
    KnownError{WSAENOTSOCK, ENOTSOCK, "Socket operation on non-socket"},
    KnownError{WSAESHUTDOWN, EPIPE, "Broken pipe"},
    KnownError{WSAETIMEDOUT, ETIMEDOUT, "Connection timed out"},
    KnownError{WSAEWOULDBLOCK, EWOULDBLOCK, "Resource temporarily unavailable"},
};

timeval toTimeval(int ms) { return {ms / 1000, (ms % 1000) * 1000}; }

} // namespace

void startSockets() {
    // Counted by Windows and never given back: an abandoned lookup may outlive all else.
    static const int error = [] {
        WSADATA data;
        return WSAStartup(MAKEWORD(2, 2), &data);
    }();
    if (error != 0)
        throw std::system_error(error, std::system_category(), "WSAStartup");
}

// select() and not WSAPoll(): before Windows 10 2004 WSAPoll() never tells that a connect failed.
int pollSockets(std::span<PollEntry> entries, int timeoutMs) {
    if (entries.size() > FD_SETSIZE)
        throw std::system_error(std::make_error_code(std::errc::too_many_files_open), "select");
    fd_set readable, writable, broken;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_ZERO(&broken);
    const auto add = [](fd_set &set, SocketHandle socket) { set.fd_array[set.fd_count++] = socket; };
    for (PollEntry &entry : entries) {
        entry.revents = 0;
        if (entry.events & POLLIN)
            add(readable, entry.fd);
        if (entry.events & POLLOUT) {
            add(writable, entry.fd);
            add(broken, entry.fd);
        }
    }
    timeval limit = toTimeval(timeoutMs);
    const int found = ::select(0, &readable, &writable, &broken, timeoutMs < 0 ? nullptr : &limit);
    if (found == SOCKET_ERROR) {
        if (lastSocketError() == EINTR)
            return -1;
        throw std::system_error(WSAGetLastError(), std::system_category(), "select");
    }
    const auto has = [](const fd_set &set, SocketHandle socket) {
        return std::find(set.fd_array, set.fd_array + set.fd_count, socket) != set.fd_array + set.fd_count;
    };
    int ready = 0;
    for (PollEntry &entry : entries) {
        const int met = (has(readable, entry.fd) ? POLLIN : 0) | (has(writable, entry.fd) ? POLLOUT : 0) |
                        (has(broken, entry.fd) ? POLLERR : 0);
        entry.revents = static_cast<SHORT>(met);
        ready += met != 0 ? 1 : 0;
    }
    return ready;
}

FileDescriptor openDatagramSocket(int family) noexcept {
    return FileDescriptor(
        ::WSASocketW(family, SOCK_DGRAM, IPPROTO_UDP, nullptr, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
}

int lastSocketError() noexcept { return socketErrorFromSystem(WSAGetLastError()); }

int socketErrorFromSystem(int error) noexcept {
    const auto known = std::ranges::find(knownErrors, error, &KnownError::windows);
    return known == knownErrors.end() ? error : known->portable;
}

std::string socketErrorText(int error) {
    const auto known = std::ranges::find(knownErrors, error, &KnownError::portable);
    return known == knownErrors.end() ? "Windows error " + std::to_string(error) : known->text;
}

} // namespace rtcroom::embedded
