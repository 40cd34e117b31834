#include "embedded/net/Tls.h"

#include "engine/Error.h"

namespace rtcroom::embedded {

void checkTls(const engine::TlsOptions &options) {
    if (!options.ca.empty() && !holdsCertificates(options.ca))
        throw engine::EngineException(engine::ErrorCode::InvalidArgument,
                                      "tls.ca holds no certificate; pass the text of a PEM file, not its path");
}

} // namespace rtcroom::embedded
