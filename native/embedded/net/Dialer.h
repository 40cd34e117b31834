#pragma once

#include <memory>

#include "embedded/net/Deadline.h"
#include "embedded/net/Interrupt.h"
#include "embedded/net/Transport.h"

namespace rtcroom::embedded {

/// Where a connection goes.
struct Endpoint {
    std::string host;
    uint16_t port = 0;
};

/// Resolves and connects. Throws SessionFailure.
std::unique_ptr<Transport> dial(const Endpoint &endpoint, const Deadline &deadline, Interrupt &interrupt,
                                NetCounters &counters);

} // namespace rtcroom::embedded
