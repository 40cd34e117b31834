#pragma once

#include <functional>
#include <memory>

#include "embedded/net/SocketAddress.h"

namespace rtcroom::embedded {

/// What the system tells of this machine's network. Linux by rtnetlink, Windows by its IP helper; macOS not.
class NetworkMonitor {
  public:
    virtual ~NetworkMonitor() = default;
    NetworkMonitor(const NetworkMonitor &) = delete;
    NetworkMonitor &operator=(const NetworkMonitor &) = delete;

    /// `onChange` comes after a change of an address, an interface or a route: on Linux once for several in a row, on a
    /// thread that waits for nothing else, on Windows for each, on threads of the system; not after the destructor,
    /// which must not run on that thread. Null where the system does not tell: no rtnetlink (a container's filter), no
    /// descriptor or thread left.
    static std::unique_ptr<NetworkMonitor> start(std::function<void()> onChange) noexcept;

  protected:
    NetworkMonitor() = default;
};

enum class AddressState {
    Usable, // or the system does not tell
    NoCarrier,
    Gone, // also when its interface is down
};

/// Of an address that a connection of this machine has; its port does not matter.
AddressState addressState(const SocketAddress &local) noexcept;

} // namespace rtcroom::embedded
