#include "embedded/net/Tls.h"

#include <array>
#include <cerrno>
#include <vector>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "embedded/net/CertificateFaults.h"
#include "embedded/net/CertificateHost.h"
#include "embedded/net/SessionFailure.h"
#include "embedded/net/TlsFailure.h"

namespace rtcroom::embedded {

namespace {

// GnuTLS's own choice of ciphers, without old versions and without the one key exchange that is not ephemeral.
constexpr const char *priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA";
// The largest record (RFC 8446, 5.1).
constexpr size_t maxRecord = 16 * 1024;

void check(int result, const char *what) {
    if (result < 0)
        throw std::runtime_error(std::string(what) + ": " + gnutls_strerror(result));
}

struct CredentialsDeleter {
    void operator()(gnutls_certificate_credentials_t each) const { gnutls_certificate_free_credentials(each); }
};
using Credentials = std::unique_ptr<std::remove_pointer_t<gnutls_certificate_credentials_t>, CredentialsDeleter>;

struct SessionDeleter {
    void operator()(gnutls_session_t each) const { gnutls_deinit(each); }
};
using Session = std::unique_ptr<std::remove_pointer_t<gnutls_session_t>, SessionDeleter>;

Credentials newCredentials() {
    gnutls_certificate_credentials_t credentials = nullptr;
    check(gnutls_certificate_allocate_credentials(&credentials), "TLS credentials");
    return Credentials(credentials);
}

/// How many certificates were taken.
int trust(gnutls_certificate_credentials_t credentials, const std::string &pem) {
    const gnutls_datum_t data{reinterpret_cast<unsigned char *>(const_cast<char *>(pem.data())),
                              static_cast<unsigned>(pem.size())};
    return gnutls_certificate_set_x509_trust_mem(credentials, &data, GNUTLS_X509_FMT_PEM);
}

unsigned faultsOf(unsigned status) {
    static constexpr std::array known{
        CertificateFaultBits{GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA,
                             certificateFault::unknownAuthority},
        CertificateFaultBits{GNUTLS_CERT_EXPIRED, certificateFault::expired},
        CertificateFaultBits{GNUTLS_CERT_NOT_ACTIVATED, certificateFault::notYetValid},
        CertificateFaultBits{GNUTLS_CERT_UNEXPECTED_OWNER, certificateFault::otherHost},
        CertificateFaultBits{GNUTLS_CERT_PURPOSE_MISMATCH, certificateFault::notAServers},
        CertificateFaultBits{GNUTLS_CERT_REVOKED, certificateFault::revoked},
        CertificateFaultBits{GNUTLS_CERT_INSECURE_ALGORITHM, certificateFault::weakAlgorithm},
    };
    return certificateFaults(status, known);
}

class TlsTransport final : public Transport {
  public:
    TlsTransport(std::unique_ptr<Transport> below, const std::string &host, const engine::TlsOptions &options)
        : below_(std::move(below)), credentials_(newCredentials()) {
        gnutls_session_t session = nullptr;
        check(gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK), "TLS session");
        session_.reset(session);
        check(gnutls_priority_set_direct(session, priorities, nullptr), "TLS priorities");
        check(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials_.get()), "TLS credentials");
        host_ = certificateHost(host);
        // RFC 6066, 3: not for addresses.
        if (!isAddress(host_))
            check(gnutls_server_name_set(session, GNUTLS_NAME_DNS, host_.data(), host_.size()), "TLS server name");
        if (options.verify) {
            const int authorities = options.ca.empty() ? gnutls_certificate_set_x509_system_trust(credentials_.get())
                                                       : trust(credentials_.get(), options.ca);
            if (authorities <= 0)
                throw SessionFailure(SessionEnd::CertificateRejected,
                                     "this machine has no store of certificate authorities; install the system's "
                                     "package of them (ca-certificates), or pass tls.ca");
            wanted_[0] = {GNUTLS_DT_DNS_HOSTNAME, reinterpret_cast<unsigned char *>(host_.data()), 0};
            wanted_[1] = {GNUTLS_DT_KEY_PURPOSE_OID, serverPurpose_, 0};
            gnutls_session_set_verify_cert2(session, wanted_.data(), static_cast<unsigned>(wanted_.size()), 0);
        }
        gnutls_transport_set_ptr(session, this);
        gnutls_transport_set_push_function(session, push);
        gnutls_transport_set_pull_function(session, pull);
    }
    ~TlsTransport() override {
        // In the midst of a record nothing can be said.
        if (established_ && !sending_)
            gnutls_bye(session_.get(), GNUTLS_SHUT_WR);
    }

    void shakeHands(const std::string &server, const Deadline &deadline, Interrupt &interrupt) {
        for (;;) {
            const int result = gnutls_handshake(session_.get());
            if (result == GNUTLS_E_SUCCESS) {
                established_ = true;
                return;
            }
            if (result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED) {
                const bool toWrite = gnutls_record_get_direction(session_.get()) == 1;
                interrupt.wait(fd(), !toWrite, toWrite, deadline);
                if (deadline.passed())
                    tlsFailure::notAnswered(server);
                continue;
            }
            // Warnings; a flood of them must not keep a stop waiting.
            interrupt.throwIfStopped();
            if (gnutls_error_is_fatal(result))
                failHandshake(server, result);
            if (deadline.passed())
                tlsFailure::notEnded(server);
        }
    }

    Socket::IoResult receive(std::span<uint8_t> out) noexcept override {
        const ssize_t got = gnutls_record_recv(session_.get(), out.data(), out.size());
        if (got > 0)
            return {Socket::Io::Done, static_cast<size_t>(got), 0};
        if (got == 0 || got == GNUTLS_E_PREMATURE_TERMINATION)
            return {Socket::Io::Closed, 0, 0};
        if (got == GNUTLS_E_REHANDSHAKE) {
            // In the midst of a record it would take the record's place; no answer is one, too.
            if (!sending_)
                gnutls_alert_send(session_.get(), GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
            return {Socket::Io::WouldBlock, 0, 0};
        }
        return failure(static_cast<int>(got));
    }

    Socket::IoResult send(std::span<const SendPart> parts) noexcept override {
        // A record that went out in part is kept by GnuTLS, which only wants to be called again.
        const ssize_t sent = sending_ ? gnutls_record_send(session_.get(), nullptr, 0) : sendRecord(parts);
        sending_ = sent == GNUTLS_E_AGAIN || sent == GNUTLS_E_INTERRUPTED;
        if (sent >= 0)
            return {Socket::Io::Done, static_cast<size_t>(sent), 0};
        return failure(static_cast<int>(sent));
    }

    bool hasReceived() const noexcept override {
        return gnutls_record_check_pending(session_.get()) > 0 || below_->hasReceived();
    }
    SocketHandle fd() const noexcept override { return below_->fd(); }
    /// Those of GnuTLS are negative.
    std::string errorText(int error) const override {
        return error < 0 ? std::string("TLS: ") + gnutls_strerror(error) : below_->errorText(error);
    }

  private:
    static ssize_t push(gnutls_transport_ptr_t self, const void *data, size_t size) {
        auto *transport = static_cast<TlsTransport *>(self);
        const SendPart part = sendPart(static_cast<const uint8_t *>(data), size);
        return transport->below(transport->below_->send({&part, 1}));
    }
    static ssize_t pull(gnutls_transport_ptr_t self, void *data, size_t size) {
        auto *transport = static_cast<TlsTransport *>(self);
        return transport->below(transport->below_->receive({static_cast<uint8_t *>(data), size}));
    }
    /// A result of the transport below, as GnuTLS wants it.
    ssize_t below(const Socket::IoResult &result) {
        switch (result.status) {
        case Socket::Io::Done:
            return static_cast<ssize_t>(result.bytes);
        case Socket::Io::Closed:
            return 0;
        case Socket::Io::WouldBlock:
            gnutls_transport_set_errno(session_.get(), EAGAIN);
            return -1;
        case Socket::Io::Failed:
            break;
        }
        socketError_ = result.error;
        gnutls_transport_set_errno(session_.get(), EIO);
        return -1;
    }

    ssize_t sendRecord(std::span<const SendPart> parts) noexcept {
        const size_t size = gather(parts, record_);
        return size > 0 ? gnutls_record_send(session_.get(), record_.data(), size) : 0;
    }

    Socket::IoResult failure(int result) const noexcept {
        if (!gnutls_error_is_fatal(result))
            return {Socket::Io::WouldBlock, 0, 0};
        return {Socket::Io::Failed, 0, socketError_ != 0 ? socketError_ : result};
    }

    [[noreturn]] void failHandshake(const std::string &server, int result) {
        if (result == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR) {
            gnutls_alert_send_appropriate(session_.get(), result);
            tlsFailure::rejected(server,
                                 causesAndRemedies(faultsOf(gnutls_session_get_verify_cert_status(session_.get()))));
        }
        if (socketError_ != 0 || result == GNUTLS_E_PREMATURE_TERMINATION)
            tlsFailure::closed(server, socketError_);
        if (result == GNUTLS_E_FATAL_ALERT_RECEIVED) {
            const char *name = gnutls_alert_get_name(gnutls_alert_get(session_.get()));
            tlsFailure::refused(server, name ? name : "unknown alert");
        }
        gnutls_alert_send_appropriate(session_.get(), result);
        const bool noTls = result == GNUTLS_E_UNEXPECTED_PACKET || result == GNUTLS_E_UNSUPPORTED_VERSION_PACKET ||
                           result == GNUTLS_E_UNEXPECTED_PACKET_LENGTH || result == GNUTLS_E_RECORD_OVERFLOW;
        tlsFailure::notTls(server, std::string(gnutls_strerror(result)) + (noTls ? "; is it a port without TLS?" : ""));
    }

    std::unique_ptr<Transport> below_;
    Credentials credentials_;
    Session session_;
    std::string host_;
    /// What the certificate must be for; GnuTLS keeps the pointers.
    unsigned char serverPurpose_[sizeof GNUTLS_KP_TLS_WWW_SERVER] = GNUTLS_KP_TLS_WWW_SERVER;
    std::array<gnutls_typed_vdata_st, 2> wanted_{};
    std::vector<uint8_t> record_ = std::vector<uint8_t>(maxRecord);
    /// A record has gone out in part.
    bool sending_ = false;
    bool established_ = false;
    int socketError_ = 0;
};

} // namespace

bool holdsCertificates(const std::string &pem) { return trust(newCredentials().get(), pem) > 0; }

std::unique_ptr<Transport> startTls(std::unique_ptr<Transport> below, const std::string &host,
                                    const std::string &server, const engine::TlsOptions &options,
                                    const Deadline &deadline, Interrupt &interrupt) {
    auto out = std::make_unique<TlsTransport>(std::move(below), host, options);
    out->shakeHands(server, deadline, interrupt);
    return out;
}

} // namespace rtcroom::embedded
