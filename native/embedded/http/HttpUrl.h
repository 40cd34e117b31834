#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rtcroom::embedded {

/// http[s]://host[:port]/path[?query] of a stream.
struct HttpUrl {
    bool tls = false;
    /// Without the brackets of an IPv6 literal.
    std::string host;
    uint16_t port = 80;
    /// Path and query, percent-encoded. Secret: never print it.
    std::string target;
    bool operator==(const HttpUrl &) const = default;

    /// Whether a URL's scheme is http or https.
    static bool recognises(std::string_view url);
    /// Throws EngineException(InvalidUrl) with a message that says what is wrong and repeats nothing of the URL.
    static HttpUrl parse(std::string_view url);
    /// Where a `Location` header leads from here (RFC 3986, 5.2); nothing when that is no HTTP URL.
    std::optional<HttpUrl> resolve(std::string_view location) const;
    /// "http://host:port". Safe to print.
    std::string display() const;
    /// Of the header `Host`: without the scheme's own port.
    std::string hostHeader() const;
};

} // namespace rtcroom::embedded
