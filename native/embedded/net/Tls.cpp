#include "embedded/net/Tls.h"

#include "embedded/net/UrlParts.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

void checkScheme(std::string_view url) {
    if (hasTls())
        return;
    std::string scheme;
    try {
        scheme = UrlParts::parse(url).scheme;
    } catch (const UrlError &) {
        return; // told by whoever uses it
    }
    if (scheme == "rtmps" || scheme == "https")
        throw engine::EngineException(engine::ErrorCode::Unsupported,
                                      scheme + ":// is not supported by this engine on this platform; use " +
                                          (scheme == "rtmps" ? "rtmp://" : "http://"));
}

} // namespace rtcroom::embedded
