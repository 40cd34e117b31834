#pragma once

#include <string>
#include <vector>

#include "embedded/net/SocketAddress.h"

namespace rtcroom::embedded {

/// The system's getaddrinfo(): the IPv4 and IPv6 addresses of a host (UTF-8), in the system's order of preference.
/// Blocks for as long as the name servers like, unless `numericOnly`. Returns 0 or the system's error.
int systemLookup(const std::string &host, uint16_t port, bool numericOnly, std::vector<SocketAddress> &out);

/// Such an error in words.
std::string systemLookupErrorText(int error);

/// Keeps this library's code mapped until the process ends, whoever unloads it.
void pinThisLibrary() noexcept;

} // namespace rtcroom::embedded
