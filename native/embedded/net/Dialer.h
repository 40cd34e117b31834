#pragma once

#include <memory>

#include "embedded/net/Connector.h"
#include "embedded/net/Deadline.h"
#include "embedded/net/Interrupt.h"
#include "embedded/net/Transport.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// Where a connection goes.
struct Endpoint {
    std::string host;
    uint16_t port = 0;
    bool tls = false;
    /// Of the host's addresses, or the proxy's.
    AddressChoice choice = AddressChoice::Preferred;
};

/// Resolves and connects, through the proxy if there is one, and shakes hands for TLS. Throws SessionFailure.
std::unique_ptr<Transport> dial(const Endpoint &endpoint, const engine::NetworkOptions &options,
                                const Deadline &deadline, Interrupt &interrupt, NetCounters &counters);

} // namespace rtcroom::embedded
