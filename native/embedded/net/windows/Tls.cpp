#include "embedded/net/Tls.h"

#include "embedded/net/SessionFailure.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

constexpr const char *reason = "TLS is not supported by this engine on Windows";

} // namespace

bool hasTls() noexcept { return false; }

void checkTls(const engine::TlsOptions &options) {
    if (!(options == engine::TlsOptions{}))
        throw engine::EngineException(engine::ErrorCode::Unsupported, std::string("tls: ") + reason);
}

// Only a redirect to https leads here: checkScheme() has refused all else.
std::unique_ptr<Transport> startTls(std::unique_ptr<Transport>, const std::string &, const std::string &server,
                                    const engine::TlsOptions &, const Deadline &, Interrupt &) {
    throw SessionFailure(SessionEnd::InvalidUrl, server + " wants TLS: " + reason);
}

} // namespace rtcroom::embedded
