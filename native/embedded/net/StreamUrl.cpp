#include "embedded/net/StreamUrl.h"

#include "embedded/net/UrlParts.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

constexpr uint16_t rtmpPort = 1935;
constexpr uint16_t rtmpsPort = 443;

StreamUrl fromParts(const UrlParts &parts) {
    if (parts.scheme == "rtmpe" || parts.scheme == "rtmpt")
        throw UrlError("of RTMP's kinds this engine speaks rtmp:// and rtmps:// only");
    if (parts.scheme != "rtmp" && parts.scheme != "rtmps")
        throw UrlError("the URL's scheme is neither rtmp nor rtmps");
    if (!parts.userInfo.empty())
        throw UrlError("a user name in the URL is not supported; put credentials into the stream's query");
    StreamUrl out;
    out.tls = parts.scheme == "rtmps";
    out.host = parts.host;
    out.port = parts.port != 0 ? parts.port : out.tls ? rtmpsPort : rtmpPort;
    if (!parts.path.starts_with('/'))
        throw UrlError("the URL has no app and no stream");
    const std::string_view path = std::string_view(parts.path).substr(1);
    const size_t appEnd = path.find_first_of("/?#");
    out.app = path.substr(0, appEnd);
    if (out.app.empty())
        throw UrlError("the URL has no app");
    if (appEnd == std::string_view::npos || path[appEnd] != '/')
        throw UrlError("the URL has no stream after the app");
    out.streamKey = path.substr(appEnd + 1);
    if (out.streamKey.empty() || out.streamKey.front() == '?')
        throw UrlError("the URL has no stream after the app");
    return out;
}

} // namespace

StreamUrl StreamUrl::parse(std::string_view url) {
    try {
        return fromParts(UrlParts::parse(url));
    } catch (const UrlError &error) {
        throw engine::EngineException(engine::ErrorCode::InvalidUrl,
                                      std::string(error.what()) + "; expected rtmp[s]://host[:port]/app/stream");
    }
}

std::optional<StreamUrl> StreamUrl::withApp(std::string_view url) const {
    try {
        UrlParts parts = UrlParts::parse(url);
        while (parts.path.ends_with('/'))
            parts.path.pop_back();
        if (parts.path.empty() || parts.path.find_first_of("?#") != std::string::npos)
            return std::nullopt;
        parts.path += "/" + streamKey;
        return fromParts(parts);
    } catch (const UrlError &) {
        return std::nullopt;
    }
}

std::string StreamUrl::authority() const { return authorityText(host, port); }

std::string StreamUrl::origin() const { return (tls ? "rtmps://" : "rtmp://") + authority(); }

std::string StreamUrl::display() const { return origin() + "/" + app; }

} // namespace rtcroom::embedded
