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

/// Which of several addresses is connected.
enum class AddressChoice {
    /// In their order: a further one is tried when an earlier one fails, or has not answered for 250 ms (RFC 8305, 5).
    /// A dead IPv6 route then costs a quarter of a second and not the deadline.
    Preferred,
    /// The one with the quickest TCP handshake: the first 8 are tried at once, the rest as above. The others are
    /// closed, some of them after the server accepted them.
    Nearest,
};

/// Connects to whichever address answers first. When the network changes, and another of this machine's addresses or
/// none leads there now, all begin anew within the same deadline. Throws SessionFailure: Stopped, ConnectFailed, or
/// ServerDisconnected when the server resets at once; `target` names the server in its message.
Connected connectToAny(const std::vector<SocketAddress> &addresses, AddressChoice choice, const std::string &target,
                       const Deadline &deadline, Interrupt &interrupt);

} // namespace rtcroom::embedded
