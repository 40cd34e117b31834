#pragma once

#include <string>
#include <vector>

#include "embedded/net/Deadline.h"
#include "embedded/net/Interrupt.h"
#include "embedded/net/Socket.h"

namespace rtcroom::embedded {

struct Connected {
    Socket socket;
    SocketAddress address;
};

/// Connects to whichever address answers first. A further one is tried when an earlier one fails, or has not answered
/// for 250 ms (RFC 8305, 5), so that a dead IPv6 route costs a quarter of a second and not the deadline. When the
/// network changes, and another of this machine's addresses or none leads there now, all begin anew within the same
/// deadline. Throws SessionFailure: Stopped, ConnectFailed, or ServerDisconnected when the server resets at once;
/// `target` names the server in its message.
Connected connectToAny(const std::vector<SocketAddress> &addresses, const std::string &target, const Deadline &deadline,
                       Interrupt &interrupt);

} // namespace rtcroom::embedded
