#include "embedded/net/NetworkPath.h"

#include <algorithm>
#include <utility>

#include "embedded/net/NetworkMonitor.h"
#include "embedded/net/SocketCalls.h"

namespace rtcroom::embedded {

namespace {

constexpr uint16_t discardPort = 9;

/// In every default route, and on nobody's network (RFC 5737, RFC 3849).
std::vector<SocketAddress> anywhere() {
    SocketAddress four;
    auto &four4 = reinterpret_cast<sockaddr_in &>(four.storage);
    four4.sin_family = AF_INET;
    four4.sin_port = htons(discardPort);
    inet_pton(AF_INET, "203.0.113.1", &four4.sin_addr);
    four.length = sizeof four4;
    SocketAddress six;
    auto &six6 = reinterpret_cast<sockaddr_in6 &>(six.storage);
    six6.sin6_family = AF_INET6;
    six6.sin6_port = htons(discardPort);
    inet_pton(AF_INET6, "2001:db8::1", &six6.sin6_addr);
    six.length = sizeof six6;
    return {four, six};
}

} // namespace

void NetworkPath::begin() {
    local_.reset();
    tried_ = routes();
}

void NetworkPath::setTargets(std::vector<SocketAddress> targets) {
    targets_ = std::move(targets);
    tried_ = routes();
}

void NetworkPath::setConnection(SocketHandle socket) {
    local_ = localAddress(socket);
    SocketAddress peer;
    peer.length = sizeof peer.storage;
    peer_.reset();
    if (::getpeername(socket, reinterpret_cast<sockaddr *>(&peer.storage), &peer.length) == 0)
        peer_ = peer;
}

std::string NetworkPath::lost() const {
    const AddressState state = local_ ? addressState(*local_) : AddressState::Usable;
    if (state == AddressState::Usable)
        return {};
    const std::string local = local_->host();
    if (state == AddressState::Gone)
        return "the network changed: this machine no longer has the address " + local + ", which the connection used";
    if (!peer_)
        return {};
    const std::string source = sourceTowards(*peer_);
    if (source.empty() || source == local)
        return {};
    return "the network changed: the interface of " + local +
           ", which the connection used, has lost its carrier, and " + source + " leads to the server now";
}

bool NetworkPath::hasNewRoute() {
    const std::vector<std::string> now = routes();
    const auto lacks = [](const std::vector<std::string> &all, const std::string &one) {
        return std::ranges::find(all, one) == all.end();
    };
    const bool isNew = std::ranges::any_of(now, [&](const std::string &source) { return lacks(tried_, source); });
    std::erase_if(tried_, [&](const std::string &source) { return lacks(now, source); });
    return isNew;
}

std::vector<std::string> NetworkPath::routes() const {
    std::vector<std::string> out;
    for (const SocketAddress &target : targets_.empty() ? anywhere() : targets_)
        if (std::string source = sourceTowards(target); !source.empty() && std::ranges::find(out, source) == out.end())
            out.push_back(std::move(source));
    return out;
}

std::optional<SocketAddress> NetworkPath::localAddress(SocketHandle socket) {
    SocketAddress out;
    out.length = sizeof out.storage;
    if (::getsockname(socket, reinterpret_cast<sockaddr *>(&out.storage), &out.length) != 0 ||
        (out.family() != AF_INET && out.family() != AF_INET6))
        return std::nullopt;
    return out;
}

std::string NetworkPath::sourceTowards(const SocketAddress &target) {
    const FileDescriptor socket = openDatagramSocket(target.family());
    if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr *>(&target.storage), target.length) != 0)
        return {};
    const auto local = localAddress(socket.get());
    return local ? local->host() : std::string();
}

} // namespace rtcroom::embedded
