#pragma once

#include <string>

#include "embedded/net/SocketTypes.h"

namespace rtcroom::embedded {

/// An IPv4 or IPv6 address with its port.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
    int family() const { return storage.ss_family; }
    /// "127.0.0.1:1935", "[::1]:1935".
    std::string text() const;
    /// "127.0.0.1", "::1".
    std::string host() const;
};

} // namespace rtcroom::embedded
