#pragma once

#include <string>

namespace rtcroom::embedded {

/// A URL's host as certificates have it: no zone of an address, no dot at the end of a name.
std::string certificateHost(std::string host);

/// Whether it is an IPv4 or IPv6 address.
bool isAddress(const std::string &host);

} // namespace rtcroom::embedded
