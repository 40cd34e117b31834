#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace rtcroom::embedded {

using SocketHandle = int;
constexpr SocketHandle noSocket = -1;
inline void closeSocket(SocketHandle socket) noexcept { ::close(socket); }

using PollEntry = pollfd;

using SendPart = iovec;
// sendmsg does not write through it.
inline SendPart sendPart(const uint8_t *data, size_t size) { return {const_cast<uint8_t *>(data), size}; }
inline std::span<const uint8_t> sentBytes(const SendPart &part) {
    return {static_cast<const uint8_t *>(part.iov_base), part.iov_len};
}

} // namespace rtcroom::embedded
