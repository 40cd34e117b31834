#pragma once

#include <string>

namespace rtcroom::embedded {

/// How a TLS handshake fails, in the same words whichever library shakes hands. All throw a SessionFailure, in whose
/// message `server` is the server.
namespace tlsFailure {

/// HandshakeFailed, of a server that says nothing until the deadline.
[[noreturn]] void notAnswered(const std::string &server);
/// HandshakeFailed, of one that says too little until then.
[[noreturn]] void notEnded(const std::string &server);
/// HandshakeFailed, by an alert of that name.
[[noreturn]] void refused(const std::string &server, const std::string &alert);
/// HandshakeFailed, by a fault of the protocol.
[[noreturn]] void notTls(const std::string &server, const std::string &why);
/// ServerDisconnected; `socketError` is 0 where the server closed in order.
[[noreturn]] void closed(const std::string &server, int socketError);
/// CertificateRejected; `why` is as causesAndRemedies() says it.
[[noreturn]] void rejected(const std::string &server, const std::string &why);

} // namespace tlsFailure

} // namespace rtcroom::embedded
