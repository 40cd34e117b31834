#pragma once

#include <cstdint>
#include <string>

#include "embedded/net/Deadline.h"
#include "embedded/net/Interrupt.h"
#include "embedded/net/ProxyUrl.h"
#include "embedded/net/Transport.h"

namespace rtcroom::embedded {

/// Has the proxy at the other end of `transport` connect to a host, whose name it resolves itself; what follows goes
/// through. Throws SessionFailure: Stopped, ProxyRefused, ConnectFailed (the proxy cannot reach the host),
/// HandshakeFailed, ServerDisconnected; its message tells that it was the proxy.
void connectThrough(Transport &transport, const ProxyUrl &proxy, const std::string &host, uint16_t port,
                    const Deadline &deadline, Interrupt &interrupt);

} // namespace rtcroom::embedded
