#include "embedded/net/SocketAddress.h"

namespace rtcroom::embedded {

std::string SocketAddress::text() const {
    char service[NI_MAXSERV];
    if (getnameinfo(reinterpret_cast<const sockaddr *>(&storage), length, nullptr, 0, service, sizeof service,
                    NI_NUMERICSERV) != 0)
        return "?";
    return (family() == AF_INET6 ? "[" + host() + "]:" : host() + ":") + service;
}

std::string SocketAddress::host() const {
    char host[NI_MAXHOST];
    if (getnameinfo(reinterpret_cast<const sockaddr *>(&storage), length, host, sizeof host, nullptr, 0,
                    NI_NUMERICHOST) != 0)
        return "?";
    return host;
}

} // namespace rtcroom::embedded
