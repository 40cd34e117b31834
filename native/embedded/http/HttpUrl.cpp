#include "embedded/http/HttpUrl.h"

#include <algorithm>

#include "embedded/net/AsciiText.h"
#include "embedded/net/UrlParts.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

constexpr uint16_t httpPort = 80;
constexpr uint16_t httpsPort = 443;

/// What a request line may hold of a path and query: no fragment, and all that is not ASCII encoded.
std::string encodedTarget(std::string_view path) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out = path.starts_with('/') ? "" : "/";
    for (const char c : path.substr(0, path.find('#'))) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7f)
            out += c;
        else
            out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return out;
}

HttpUrl fromParts(const UrlParts &parts) {
    if (parts.scheme != "http" && parts.scheme != "https")
        throw UrlError("the URL's scheme is neither http nor https");
    if (!parts.userInfo.empty())
        throw UrlError("a user name in the URL is not supported; put credentials into the stream's query");
    HttpUrl out;
    out.tls = parts.scheme == "https";
    out.host = parts.host;
    out.port = parts.port != 0 ? parts.port : out.tls ? httpsPort : httpPort;
    out.target = encodedTarget(parts.path);
    return out;
}

/// RFC 3986, 5.2.4, of a path that begins with a slash.
std::string withoutDots(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        const size_t end = std::min(path.find('/', 1), path.size());
        const std::string_view segment = path.substr(0, end);
        path.remove_prefix(end);
        const bool last = path.empty();
        if (segment == "/.." || segment == "/.") {
            if (segment == "/..")
                out.erase(std::min(out.rfind('/'), out.size()));
            if (last)
                out += '/';
        } else {
            out += segment;
        }
    }
    return out;
}

} // namespace

bool HttpUrl::recognises(std::string_view url) {
    const std::string scheme = lowered(url.substr(0, url.find("://")));
    return scheme == "http" || scheme == "https";
}

HttpUrl HttpUrl::parse(std::string_view url) {
    try {
        return fromParts(UrlParts::parse(url));
    } catch (const UrlError &error) {
        throw engine::EngineException(engine::ErrorCode::InvalidUrl,
                                      std::string(error.what()) + "; expected http[s]://host[:port]/path.flv");
    }
}

std::optional<HttpUrl> HttpUrl::resolve(std::string_view location) const {
    try {
        const size_t colon = location.find("://");
        if (colon != std::string_view::npos && colon < std::min(location.find_first_of("/?#"), location.size()))
            return fromParts(UrlParts::parse(location));
        if (location.starts_with("//"))
            return fromParts(UrlParts::parse((tls ? "https:" : "http:") + std::string(location)));
        HttpUrl out = *this;
        const std::string_view path = std::string_view(target).substr(0, target.find('?'));
        const std::string_view query = location.substr(std::min(location.find_first_of("?#"), location.size()));
        location.remove_suffix(query.size());
        if (location.empty())
            out.target = encodedTarget(std::string(path) + std::string(query));
        else if (location.starts_with('/'))
            out.target = encodedTarget(withoutDots(location) + std::string(query));
        else
            out.target =
                encodedTarget(withoutDots(std::string(path.substr(0, path.rfind('/') + 1)) + std::string(location)) +
                              std::string(query));
        return out;
    } catch (const UrlError &) {
        return std::nullopt;
    }
}

std::string HttpUrl::display() const { return (tls ? "https://" : "http://") + authorityText(host, port); }

std::string HttpUrl::hostHeader() const {
    std::string out = authorityText(host, port);
    if (port == (tls ? httpsPort : httpPort))
        out.erase(out.rfind(':'));
    return out;
}

} // namespace rtcroom::embedded
