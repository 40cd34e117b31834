#include "embedded/net/ProxyUrl.h"

#include <algorithm>

#include "embedded/net/AsciiText.h"
#include "embedded/net/UrlParts.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

constexpr uint16_t httpPort = 80;
constexpr uint16_t socksPort = 1080;
constexpr size_t maxCredential = 255; // RFC 1929, 2

std::string percentDecoded(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 1 < text.size() ? hexDigit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hexDigit(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            throw UrlError("a % in the user or password stands for itself; write %25");
        out += static_cast<char>(high << 4 | low);
        i += 2;
    }
    return out;
}

ProxyUrl fromParts(const UrlParts &parts) {
    ProxyUrl out;
    if (parts.scheme == "socks5" || parts.scheme == "socks5h")
        out.kind = ProxyUrl::Kind::Socks5;
    else if (parts.scheme != "http")
        throw UrlError("the scheme is neither http nor socks5");
    if (!parts.path.empty() && parts.path != "/")
        throw UrlError("a proxy has no path");
    out.host = parts.host;
    out.port = parts.port != 0 ? parts.port : out.kind == ProxyUrl::Kind::Http ? httpPort : socksPort;
    if (parts.userInfo.empty())
        return out;
    const std::string_view userInfo = std::string_view(parts.userInfo).substr(0, parts.userInfo.size() - 1);
    const size_t colon = std::min(userInfo.find(':'), userInfo.size());
    out.user = percentDecoded(userInfo.substr(0, colon));
    out.password = percentDecoded(userInfo.substr(std::min(colon + 1, userInfo.size())));
    if (out.user.empty() || out.user.size() > maxCredential || out.password.size() > maxCredential)
        throw UrlError("the user must have 1 to 255 bytes, the password at most 255");
    if (out.kind == ProxyUrl::Kind::Http && out.user.find(':') != std::string::npos)
        throw UrlError("the user must not have a colon");
    return out;
}

} // namespace

ProxyUrl ProxyUrl::parse(std::string_view url) {
    try {
        return fromParts(UrlParts::parse(url));
    } catch (const UrlError &error) {
        throw engine::EngineException(
            engine::ErrorCode::InvalidArgument,
            std::string("proxy: ") + error.what() +
                "; expected http://[user:password@]host[:port] or socks5://[user:password@]host[:port]");
    }
}

std::string ProxyUrl::display() const {
    return std::string("the proxy ") + (kind == Kind::Http ? "http://" : "socks5://") + authorityText(host, port);
}

} // namespace rtcroom::embedded
