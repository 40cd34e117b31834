#include "embedded/net/Dialer.h"

#include <optional>

#include "embedded/net/Proxy.h"
#include "embedded/net/Resolver.h"
#include "embedded/net/SessionFailure.h"
#include "embedded/net/Tls.h"
#include "embedded/net/UrlParts.h"

namespace rtcroom::embedded {

namespace {

std::vector<SocketAddress> resolveProxy(const ProxyUrl &proxy, const Deadline &deadline, Interrupt &interrupt) {
    try {
        return resolveHost(proxy.host, proxy.port, deadline, interrupt);
    } catch (const SessionFailure &failure) {
        SessionResult result = failure.result();
        result.message = proxy.display() + ": " + result.message;
        throw SessionFailure(std::move(result));
    }
}

} // namespace

std::unique_ptr<Transport> dial(const Endpoint &endpoint, const engine::NetworkOptions &options,
                                const Deadline &deadline, Interrupt &interrupt, NetCounters &counters) {
    NetworkPath &path = interrupt.path();
    path.begin();
    std::optional<ProxyUrl> proxy;
    if (!options.proxy.empty())
        proxy = ProxyUrl::parse(options.proxy);
    const std::string server = authorityText(endpoint.host, endpoint.port);
    const auto addresses = proxy ? resolveProxy(*proxy, deadline, interrupt)
                                 : resolveHost(endpoint.host, endpoint.port, deadline, interrupt);
    path.setTargets(addresses);
    Connected connected =
        connectToAny(addresses, endpoint.choice, proxy ? proxy->display() : server, deadline, interrupt);
    path.setConnection(connected.socket.fd());
    counters.setServerAddress(connected.address.text());
    std::unique_ptr<Transport> transport = std::make_unique<TcpTransport>(std::move(connected.socket), counters);
    if (proxy)
        connectThrough(*transport, *proxy, endpoint.host, endpoint.port, deadline, interrupt);
    if (endpoint.tls)
        transport = startTls(std::move(transport), endpoint.host, server, options.tls, deadline, interrupt);
    return transport;
}

} // namespace rtcroom::embedded
