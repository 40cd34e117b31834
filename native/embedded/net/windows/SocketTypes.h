#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <winsock2.h>
// After winsock2.h.
#include <ws2tcpip.h>

namespace rtcroom::embedded {

using SocketHandle = SOCKET;
constexpr SocketHandle noSocket = INVALID_SOCKET;
inline void closeSocket(SocketHandle socket) noexcept { ::closesocket(socket); }

using PollEntry = WSAPOLLFD;

using SendPart = WSABUF;
// WSASend does not write through it.
inline SendPart sendPart(const uint8_t *data, size_t size) {
    return {static_cast<ULONG>(size), reinterpret_cast<char *>(const_cast<uint8_t *>(data))};
}
inline std::span<const uint8_t> sentBytes(const SendPart &part) {
    return {reinterpret_cast<const uint8_t *>(part.buf), part.len};
}

} // namespace rtcroom::embedded
