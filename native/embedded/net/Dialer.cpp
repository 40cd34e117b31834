#include "embedded/net/Dialer.h"

#include "embedded/net/Connector.h"
#include "embedded/net/UrlParts.h"

namespace rtcroom::embedded {

std::unique_ptr<Transport> dial(const Endpoint &endpoint, const Deadline &deadline, Interrupt &interrupt,
                                NetCounters &counters) {
    const auto addresses = resolveHost(endpoint.host, endpoint.port, deadline, interrupt);
    Connected connected = connectToAny(addresses, authorityText(endpoint.host, endpoint.port), deadline, interrupt);
    counters.setServerAddress(connected.address.text());
    return std::make_unique<TcpTransport>(std::move(connected.socket), counters);
}

} // namespace rtcroom::embedded
