#include "embedded/net/CertificateHost.h"

#include <algorithm>

#include "embedded/net/SocketTypes.h"

namespace rtcroom::embedded {

std::string certificateHost(std::string host) {
    if (host.find(':') != std::string::npos)
        host.erase(std::min(host.find('%'), host.size()));
    if (host.ends_with('.'))
        host.pop_back();
    return host;
}

bool isAddress(const std::string &host) {
    in6_addr ignored;
    return inet_pton(AF_INET, host.c_str(), &ignored) == 1 || inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

} // namespace rtcroom::embedded
