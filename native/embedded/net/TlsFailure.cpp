#include "embedded/net/TlsFailure.h"

#include "embedded/net/SessionFailure.h"
#include "embedded/net/SocketCalls.h"

namespace rtcroom::embedded::tlsFailure {

void notAnswered(const std::string &server) {
    throw SessionFailure(SessionEnd::HandshakeFailed,
                         server + " accepted the connection and did not answer the TLS handshake in time; check that a "
                                  "TLS server listens on that port");
}

void notEnded(const std::string &server) {
    throw SessionFailure(SessionEnd::HandshakeFailed, server + " did not end the TLS handshake in time");
}

void refused(const std::string &server, const std::string &alert) {
    throw SessionFailure(SessionEnd::HandshakeFailed, server + " refused the TLS handshake: " + alert +
                                                          "; TLS 1.2 or 1.3 with ephemeral keys is needed");
}

void notTls(const std::string &server, const std::string &why) {
    throw SessionFailure(SessionEnd::HandshakeFailed, server + " does not speak TLS as it should: " + why);
}

void closed(const std::string &server, int socketError) {
    throw SessionFailure(SessionEnd::ServerDisconnected,
                         server + " closed the connection during the TLS handshake" +
                             (socketError != 0 ? ": " + socketErrorText(socketError) : std::string()));
}

void rejected(const std::string &server, const std::string &why) {
    throw SessionFailure(SessionEnd::CertificateRejected, "the certificate of " + server + " is not accepted: " + why);
}

} // namespace rtcroom::embedded::tlsFailure
