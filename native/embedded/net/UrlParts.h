#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rtcroom::embedded {

/// What is wrong with a URL: a fixed text that repeats nothing of it.
class UrlError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// scheme://[user@]host[:port][path], with nothing decoded.
struct UrlParts {
    /// Lower case.
    std::string scheme;
    /// Secret: never print it.
    std::string userInfo;
    /// Without the brackets of an IPv6 literal.
    std::string host;
    /// 0: not given.
    uint16_t port = 0;
    /// All that follows: path, query, fragment. Secret: never print it.
    std::string path;

    /// Throws UrlError.
    static UrlParts parse(std::string_view url);
};

/// "host:port", with brackets around an IPv6 address.
std::string authorityText(const std::string &host, uint16_t port);

} // namespace rtcroom::embedded
