#include "embedded/net/UrlParts.h"

#include <algorithm>
#include <charconv>

#include "embedded/net/AsciiText.h"
#include "embedded/net/SocketTypes.h"

namespace rtcroom::embedded {

namespace {

// Far above any signed URL, far below the 65535 bytes of an AMF0 string.
constexpr size_t maxUrlLength = 8192;
// RFC 1035, 2.3.4.
constexpr size_t maxHostLength = 253;

[[noreturn]] void fail(const char *why) { throw UrlError(why); }

uint16_t parsePort(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535)
        fail("the URL's port is not a number from 1 to 65535");
    return static_cast<uint16_t>(port);
}

void parseAuthority(std::string_view authority, UrlParts &out) {
    if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
        out.userInfo = authority.substr(0, at + 1);
        authority.remove_prefix(at + 1);
    }
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
        // A zone may be of any length; a name may not, and both go the same ways from here.
        if (out.host.size() > maxHostLength)
            fail("the URL's IPv6 address is longer than 253 characters");
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

UrlParts UrlParts::parse(std::string_view url) {
    if (url.size() > maxUrlLength)
        fail("the URL is longer than 8192 bytes");
    if (std::ranges::any_of(url, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; }))
        fail("the URL holds a space or a control character; encode it as %20 or the like");
    const size_t colon = url.find("://");
    if (colon == std::string_view::npos)
        fail("the URL has no scheme");
    UrlParts out;
    out.scheme = lowered(url.substr(0, colon));
    const std::string_view rest = url.substr(colon + 3);
    const size_t pathAt = std::min(rest.find_first_of("/?#"), rest.size());
    parseAuthority(rest.substr(0, pathAt), out);
    out.path = rest.substr(pathAt);
    return out;
}

std::string authorityText(const std::string &host, uint16_t port) {
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

} // namespace rtcroom::embedded
