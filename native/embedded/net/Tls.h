#pragma once

#include <memory>
#include <string>

#include "embedded/net/Deadline.h"
#include "embedded/net/Interrupt.h"
#include "embedded/net/Transport.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// Throws EngineException(InvalidArgument) when `ca` holds no certificate.
void checkTls(const engine::TlsOptions &options);

// By GnuTLS, and by Schannel on Windows.

/// Whether a PEM text holds certificates that can be read.
bool holdsCertificates(const std::string &pem);

/// Shakes hands as a client, in TLS 1.2 or 1.3 and with ephemeral keys only, and
/// checks chain and host name (or address) of the server's certificate. `server` names it in the messages of the
/// SessionFailures that are thrown: Stopped, CertificateRejected, HandshakeFailed, ServerDisconnected. The destructor
/// of what comes back says close_notify if that needs no waiting.
std::unique_ptr<Transport> startTls(std::unique_ptr<Transport> below, const std::string &host,
                                    const std::string &server, const engine::TlsOptions &options,
                                    const Deadline &deadline, Interrupt &interrupt);

} // namespace rtcroom::embedded
