#pragma once

#include <string>
#include <vector>

#include "embedded/net/Deadline.h"
#include "embedded/net/Interrupt.h"
#include "embedded/net/SocketAddress.h"

namespace rtcroom::embedded {

/// The addresses of a host, IPv6 and IPv4 taking turns in the system's order of preference (RFC 8305, 4). Never empty.
///
/// getaddrinfo() can neither be interrupted nor bounded, so it is an AbandonableCall. Throws SessionFailure: Stopped,
/// or DnsFailed with cause and remedy.
std::vector<SocketAddress> resolveHost(const std::string &host, uint16_t port, const Deadline &deadline,
                                       Interrupt &interrupt);

} // namespace rtcroom::embedded
