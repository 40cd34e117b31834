#pragma once

#include <optional>
#include <string>
#include <vector>

#include "embedded/net/SocketAddress.h"

namespace rtcroom::embedded {

/// A session's way through this machine's addresses to its server. The kernel is asked; nothing is sent. One thread at
/// a time.
class NetworkPath {
  public:
    /// A further connection is tried, in the network as it is now.
    void begin();
    /// What it tries to reach. Before that hasNewRoute() goes by the targets of the last time, or by the default route.
    void setTargets(std::vector<SocketAddress> targets);
    void setConnection(SocketHandle socket);

    /// Why the connection can bring nothing more: this machine no longer has its address, or the address is on an
    /// interface without carrier while another one leads to the server. Empty: not known to be dead.
    std::string lost() const;
    /// Whether a target can now be reached from an address that begin() or setTargets() did not find for it, or that
    /// was gone when this was asked before.
    bool hasNewRoute();
    /// After lost(): any route is a new one, also that of the address when it comes back.
    void forgetRoutes() { tried_.clear(); }

    /// The address that a socket is bound to; nothing when it is none.
    static std::optional<SocketAddress> localAddress(SocketHandle socket);
    /// This machine's address on the way to `target`, without port; empty when there is no way.
    static std::string sourceTowards(const SocketAddress &target);

  private:
    std::vector<std::string> routes() const;

    std::vector<SocketAddress> targets_;
    std::vector<std::string> tried_;
    std::optional<SocketAddress> local_;
    std::optional<SocketAddress> peer_;
};

} // namespace rtcroom::embedded
