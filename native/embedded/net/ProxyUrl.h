#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rtcroom::embedded {

/// http://[user:password@]host[:80] (HTTP CONNECT, RFC 9110, 9.3.6) or socks5://[user:password@]host[:1080] (RFC 1928,
/// 1929), user and password percent-encoded.
struct ProxyUrl {
    enum class Kind { Http, Socks5 };
    Kind kind = Kind::Http;
    std::string host;
    uint16_t port = 0;
    /// Decoded; both empty: none. Secret: never print them.
    std::string user;
    std::string password;

    /// Throws EngineException(InvalidArgument) with a message that repeats nothing of it.
    static ProxyUrl parse(std::string_view url);
    /// "the proxy http://host:port". Safe to print.
    std::string display() const;
};

} // namespace rtcroom::embedded
