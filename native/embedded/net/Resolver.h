#pragma once

#include <string>
#include <vector>

#include "embedded/net/Deadline.h"
#include "embedded/net/Interrupt.h"
#include "embedded/net/SocketAddress.h"

namespace rtcroom::embedded {

/// The addresses of a host, IPv6 and IPv4 taking turns in the system's order of preference (RFC 8305, 4). Never empty.
///
/// getaddrinfo() can neither be interrupted nor bounded, so it runs on a thread of its own that owns all it touches.
/// When the caller stops or its deadline passes, the lookup is abandoned: nothing waits for it, and it ends by itself.
/// Joining it instead would hold up a stop for as long as the name servers are silent. At most 32 lookups are under way
/// in a process. Throws SessionFailure: Stopped, or DnsFailed with cause and remedy.
std::vector<SocketAddress> resolveHost(const std::string &host, uint16_t port, const Deadline &deadline,
                                       Interrupt &interrupt);

} // namespace rtcroom::embedded
