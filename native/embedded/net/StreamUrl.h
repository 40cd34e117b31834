#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rtcroom::embedded {

/// rtmp[s]://host[:port]/app/key[?query]. The app is the first part of the path; the stream key is all that follows it,
/// the query included, as servers expect it.
struct StreamUrl {
    bool tls = false;
    /// Without the brackets of an IPv6 literal.
    std::string host;
    uint16_t port = 1935;
    std::string app;
    /// Secret: never print it.
    std::string streamKey;

    /// Throws EngineException(InvalidUrl) with a message that says what is wrong and repeats nothing of the URL.
    static StreamUrl parse(std::string_view url);
    /// The same stream at another address, rtmp[s]://host[:port]/app; nothing when that is none.
    std::optional<StreamUrl> withApp(std::string_view url) const;
    /// "rtmp://host:port/app" or "rtmps://…", also what connect announces as tcUrl. Safe to print.
    std::string display() const;
    /// The same without the app, for addresses that a server has named.
    std::string origin() const;
    /// "host:port", with brackets around an IPv6 address.
    std::string authority() const;
    bool operator==(const StreamUrl &) const = default;
};

} // namespace rtcroom::embedded
