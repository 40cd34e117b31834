#include "embedded/net/StreamUrl.h"

#include <algorithm>
#include <charconv>

#include "embedded/net/SocketTypes.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

// Far above any signed URL, far below the 65535 bytes of an AMF0 string.
constexpr size_t maxUrlLength = 8192;
// RFC 1035, 2.3.4.
constexpr size_t maxHostLength = 253;

[[noreturn]] void fail(const char *why) {
    throw engine::EngineException(engine::ErrorCode::InvalidUrl,
                                  std::string(why) + "; expected rtmp://host[:port]/app/stream");
}

bool equalsIgnoringCase(std::string_view text, std::string_view lower) {
    return std::ranges::equal(text, lower, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

std::string_view takeScheme(std::string_view url) {
    const size_t colon = url.find("://");
    if (colon == std::string_view::npos)
        fail("the URL has no scheme");
    const std::string_view scheme = url.substr(0, colon);
    if (equalsIgnoringCase(scheme, "rtmps") || equalsIgnoringCase(scheme, "rtmpe") ||
        equalsIgnoringCase(scheme, "rtmpt"))
        fail("of RTMP's kinds this engine speaks plain rtmp:// only");
    if (!equalsIgnoringCase(scheme, "rtmp"))
        fail("the URL's scheme is not rtmp");
    return url.substr(colon + 3);
}

uint16_t parsePort(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535)
        fail("the URL's port is not a number from 1 to 65535");
    return static_cast<uint16_t>(port);
}

void parseAuthority(std::string_view authority, StreamUrl &out) {
    if (authority.find('@') != std::string_view::npos)
        fail("a user name in the URL is not supported; put credentials into the stream's query");
    if (authority.starts_with('[')) {
        const size_t close = authority.find(']');
        if (close == std::string_view::npos)
            fail("the URL's IPv6 address has no closing bracket");
        out.host = authority.substr(1, close - 1);
        // A zone ("fe80::1%eth0") is the resolver's business.
        in6_addr ignored;
        if (inet_pton(AF_INET6, out.host.substr(0, out.host.find('%')).c_str(), &ignored) != 1)
            fail("what stands in brackets in the URL is not an IPv6 address");
        authority.remove_prefix(close + 1);
        if (authority.empty())
            return;
        if (authority.front() != ':')
            fail("after the URL's IPv6 address only a port may follow");
        out.port = parsePort(authority.substr(1));
        return;
    }
    const size_t colon = authority.find(':');
    if (colon != authority.rfind(':'))
        fail("an IPv6 address in a URL stands in brackets");
    out.host = authority.substr(0, colon);
    if (out.host.empty())
        fail("the URL has no host");
    if (out.host.size() > maxHostLength)
        fail("the URL's host name is longer than 253 characters");
    const bool nameOk = std::ranges::all_of(out.host, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
               c == '_' || static_cast<unsigned char>(c) >= 0x80;
    });
    if (!nameOk)
        fail("the URL's host has a character that no host name has");
    if (colon != std::string_view::npos)
        out.port = parsePort(authority.substr(colon + 1));
}

} // namespace

StreamUrl StreamUrl::parse(std::string_view url) {
    if (url.size() > maxUrlLength)
        fail("the URL is longer than 8192 bytes");
    if (std::ranges::any_of(url, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; }))
        fail("the URL holds a space or a control character; encode it as %20 or the like");
    const std::string_view rest = takeScheme(url);
    StreamUrl out;
    const size_t slash = rest.find_first_of("/?#");
    parseAuthority(rest.substr(0, slash), out);
    if (slash == std::string_view::npos || rest[slash] != '/')
        fail("the URL has no app and no stream");
    const std::string_view path = rest.substr(slash + 1);
    const size_t appEnd = path.find_first_of("/?#");
    out.app = path.substr(0, appEnd);
    if (out.app.empty())
        fail("the URL has no app");
    if (appEnd == std::string_view::npos || path[appEnd] != '/')
        fail("the URL has no stream after the app");
    out.streamKey = path.substr(appEnd + 1);
    if (out.streamKey.empty() || out.streamKey.front() == '?')
        fail("the URL has no stream after the app");
    return out;
}

std::string StreamUrl::authority() const {
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string StreamUrl::display() const { return "rtmp://" + authority() + "/" + app; }

} // namespace rtcroom::embedded
