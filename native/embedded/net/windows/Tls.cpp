#include "embedded/net/Tls.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

#include "embedded/net/CertificateHost.h"
#include "embedded/net/SessionFailure.h"
#include "embedded/net/TlsAlert.h"
#include "embedded/net/TlsFailure.h"
#include "embedded/net/TlsRecords.h"
#include "embedded/net/windows/CertificateCheck.h"
#include "embedded/net/windows/SchannelContext.h"
#include "embedded/net/windows/WideText.h"

namespace rtcroom::embedded {

namespace {

/// In English on every system.
std::string statusText(SECURITY_STATUS status) {
    struct Known {
        SECURITY_STATUS status;
        const char *text;
    };
    static constexpr std::array known{
        Known{SEC_E_ALGORITHM_MISMATCH, "there is no cipher that both sides have"},
        Known{SEC_E_BUFFER_TOO_SMALL, "more answers are asked for than can be sent"},
        Known{SEC_E_DECRYPT_FAILURE, "a record cannot be decrypted"},
        Known{SEC_E_ILLEGAL_MESSAGE, "an unexpected or badly formatted message, or an alert"},
        Known{SEC_E_INSUFFICIENT_MEMORY, "there is not enough memory"},
        Known{SEC_E_INTERNAL_ERROR, "a message that Schannel cannot deal with"},
        Known{SEC_E_INVALID_TOKEN, "a message that is none of TLS"},
        Known{SEC_E_MESSAGE_ALTERED, "a record was altered"},
        Known{SEC_E_UNSUPPORTED_FUNCTION, "a version of TLS that is not spoken here"},
    };
    const auto found = std::ranges::find(known, status, &Known::status);
    if (found != known.end())
        return found->text;
    std::array<char, 32> code{};
    std::snprintf(code.data(), code.size(), "Windows error 0x%08lx", static_cast<unsigned long>(status));
    return code.data();
}

bool isEphemeral(const SecPkgContext_ConnectionInfo &connection) {
    return (connection.dwProtocol & SP_PROT_TLS1_3_CLIENT) != 0 || connection.aiExch == CALG_ECDH_EPHEM ||
           connection.aiExch == CALG_DH_EPHEM;
}

class TlsTransport final : public Transport {
  public:
    TlsTransport(std::unique_ptr<Transport> below, const std::string &host)
        // RFC 6066, 3: no name for addresses.
        : below_(std::move(below)), context_(isAddress(host) ? std::wstring() : toAsciiName(host)) {}
    ~TlsTransport() override {
        // In the midst of a record nothing can be said.
        if (established_ && error_ == 0 && unsent().empty())
            sayGoodbye();
    }

    void shakeHands(const std::string &server, const Deadline &deadline, Interrupt &interrupt) {
        SchannelContext::Step step = context_.step({});
        // Whole records at the front that Schannel was given and wants more of.
        size_t offered = 0;
        for (;;) {
            if (step.status == SEC_E_INCOMPLETE_MESSAGE) {
                offered += readRecord(offered, server, deadline, interrupt);
            } else {
                if (step.status != SEC_E_OK && step.status != SEC_I_CONTINUE_NEEDED) {
                    sendOnce(step.output);
                    tlsFailure::notTls(server, statusText(step.status));
                }
                sendAll(step.output, server, deadline, interrupt);
                records_.consume(offered - step.unused);
                offered = step.unused;
                if (step.status == SEC_E_OK)
                    break;
                if (offered == 0)
                    offered = readRecord(0, server, deadline, interrupt);
            }
            interrupt.throwIfStopped();
            failWhenLate(server, deadline);
            step = context_.step(records_.front(offered));
        }
        const auto connection = context_.attribute<SecPkgContext_ConnectionInfo>(SECPKG_ATTR_CONNECTION_INFO);
        if (!(connection.dwProtocol & (SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT)) || !isEphemeral(connection))
            tlsFailure::notTls(server, "no TLS 1.2 or 1.3 with ephemeral keys");
        isTls13_ = (connection.dwProtocol & SP_PROT_TLS1_3_CLIENT) != 0;
        sizes_ = context_.attribute<SecPkgContext_StreamSizes>(SECPKG_ATTR_STREAM_SIZES);
        out_.resize(sizes_.cbHeader + sizes_.cbMaximumMessage + sizes_.cbTrailer + TlsRecords::maxRecordBytes);
        established_ = true;
    }

    Certificate certificate() {
        return Certificate(context_.attribute<const CERT_CONTEXT *>(SECPKG_ATTR_REMOTE_CERT_CONTEXT));
    }

    Socket::IoResult receive(std::span<uint8_t> out) noexcept override {
        // An answer to the server that did not go at once.
        flush();
        // What one read brought is dealt with whole, so that what is left is only in the socket.
        for (bool read = false;; read = true) {
            while (plain_.empty() && error_ == 0 && !over_ && records_.next() != TlsRecords::Next::Part)
                openRecord();
            if (!plain_.empty())
                return takePlain(out);
            if (over_)
                return {Socket::Io::Closed, 0, 0};
            if (error_ != 0)
                return failed();
            if (read)
                return {Socket::Io::WouldBlock, 0, 0};
            const auto got = below_->receive(records_.room());
            if (got.status != Socket::Io::Done)
                return got;
            records_.add(got.bytes);
        }
    }

    Socket::IoResult send(std::span<const SendPart> parts) noexcept override {
        // A record that went out in part goes first.
        if (promised_ == 0 && unsent().empty() && error_ == 0)
            promised_ = seal(parts);
        const auto flushed = flush();
        if (error_ != 0)
            return failed();
        if (flushed.status != Socket::Io::Done)
            return flushed;
        return {Socket::Io::Done, std::exchange(promised_, 0), 0};
    }

    bool hasReceived() const noexcept override {
        return !plain_.empty() || records_.next() != TlsRecords::Next::Part || below_->hasReceived();
    }
    SocketHandle fd() const noexcept override { return below_->fd(); }
    /// Those of Schannel are negative.
    std::string errorText(int error) const override {
        return error < 0 ? "TLS: " + statusText(error) : below_->errorText(error);
    }

  private:
    /// Waits for the whole record behind `offset` bytes; how long it is. Alerts are dealt with here.
    size_t readRecord(size_t offset, const std::string &server, const Deadline &deadline, Interrupt &interrupt) {
        for (;;) {
            // A flood of warnings must not keep a stop waiting.
            interrupt.throwIfStopped();
            switch (records_.next(offset)) {
            case TlsRecords::Next::NotTls:
                tlsFailure::notTls(server, "what came is no TLS record; is it a port without TLS?");
            case TlsRecords::Next::TooLong:
                tlsFailure::notTls(server, "a record is longer than any may be; is it a port without TLS?");
            case TlsRecords::Next::Part:
                readMore(offset, server, deadline, interrupt);
                continue;
            case TlsRecords::Next::Whole:
                break;
            }
            const auto record = records_.record(offset);
            const auto alert = plainAlert(record);
            if (!alert)
                return record.size();
            if (!alert->isWarning())
                tlsFailure::refused(server, alert->name());
            if (offset > 0)
                tlsFailure::notTls(server, "an alert in the midst of a message");
            records_.consume(record.size());
            failWhenLate(server, deadline);
        }
    }

    void readMore(size_t offset, const std::string &server, const Deadline &deadline, Interrupt &interrupt) {
        const auto room = records_.room();
        if (room.empty())
            tlsFailure::notTls(server, "its handshake has no end");
        const auto got = below_->receive(room);
        if (got.status == Socket::Io::Done) {
            records_.add(got.bytes);
        } else if (got.status == Socket::Io::WouldBlock) {
            interrupt.wait(fd(), true, false, deadline);
        } else {
            tlsFailure::closed(server, got.error);
        }
        if (offset == 0 && deadline.passed())
            tlsFailure::notAnswered(server);
        failWhenLate(server, deadline);
    }

    void sendAll(std::span<const uint8_t> bytes, const std::string &server, const Deadline &deadline,
                 Interrupt &interrupt) {
        while (!bytes.empty()) {
            const SendPart part = sendPart(bytes.data(), bytes.size());
            const auto sent = below_->send({&part, 1});
            if (sent.status == Socket::Io::WouldBlock) {
                interrupt.wait(fd(), false, true, deadline);
                if (deadline.passed())
                    throw SessionFailure(SessionEnd::HandshakeFailed, server + " does not take the TLS handshake");
            } else if (sent.status != Socket::Io::Done) {
                tlsFailure::closed(server, sent.error);
            }
            bytes = bytes.subspan(sent.bytes);
        }
    }

    /// An alert, if that needs no waiting.
    void sendOnce(std::span<const uint8_t> bytes) noexcept {
        const SendPart part = sendPart(bytes.data(), bytes.size());
        if (!bytes.empty())
            below_->send({&part, 1});
    }

    static void failWhenLate(const std::string &server, const Deadline &deadline) {
        if (deadline.passed())
            tlsFailure::notEnded(server);
    }

    Socket::IoResult failed() const noexcept { return {Socket::Io::Failed, 0, error_}; }
    void fail(SECURITY_STATUS status) noexcept { error_ = static_cast<int>(status); }

    Socket::IoResult takePlain(std::span<uint8_t> out) noexcept {
        const size_t count = std::min(out.size(), plain_.size());
        std::memcpy(out.data(), plain_.data(), count);
        plain_ = plain_.subspan(count);
        if (plain_.empty())
            records_.consume(std::exchange(opened_, 0));
        return {Socket::Io::Done, count, 0};
    }

    /// Deals with the record at the front. It goes then, unless `plain_` is in it.
    void openRecord() noexcept {
        if (records_.next() != TlsRecords::Next::Whole)
            return fail(SEC_E_ILLEGAL_MESSAGE);
        const auto record = records_.record();
        const bool isAlert = record[0] == TlsAlert::recordType;
        // Schannel decrypts in place.
        std::array<SecBuffer, 4> buffers{};
        buffers[0] = {static_cast<ULONG>(record.size()), SECBUFFER_DATA, record.data()};
        SecBufferDesc message{SECBUFFER_VERSION, static_cast<ULONG>(buffers.size()), buffers.data()};
        const SECURITY_STATUS status = DecryptMessage(context_.handle(), &message, 0, nullptr);
        const auto of = [&](ULONG type) -> std::span<uint8_t> {
            const auto found = std::ranges::find(buffers, type, &SecBuffer::BufferType);
            if (found == buffers.end() || !found->pvBuffer)
                return {};
            return {static_cast<uint8_t *>(found->pvBuffer), found->cbBuffer};
        };
        // wine 8 takes a close_notify like a record without data. No other alert that may be passed over comes of
        // itself.
        if (status == SEC_I_CONTEXT_EXPIRED || (status == SEC_E_OK && isAlert))
            over_ = true;
        else if (status == SEC_E_OK)
            plain_ = of(SECBUFFER_DATA);
        else if (status == SEC_I_RENEGOTIATE)
            answer(of(SECBUFFER_EXTRA));
        else
            fail(status == SEC_E_INCOMPLETE_MESSAGE ? SEC_E_ILLEGAL_MESSAGE : status);
        if (plain_.empty())
            records_.consume(record.size());
        else
            opened_ = record.size();
    }

    /// A handshake message after the handshake. In TLS 1.3 a ticket or new keys, which Schannel takes back; in TLS 1.2
    /// a wish for a new handshake, which may be left without an answer (RFC 5246, 7.4.1.1).
    void answer(std::span<const uint8_t> message) noexcept {
        if (!isTls13_)
            return;
        try {
            for (;;) {
                const SchannelContext::Step step = context_.step(message);
                if (step.status != SEC_E_OK && step.status != SEC_I_CONTINUE_NEEDED)
                    return fail(step.status);
                if (step.output.size() > out_.size() - outEnd_)
                    return fail(SEC_E_BUFFER_TOO_SMALL);
                std::ranges::copy(step.output, out_.begin() + static_cast<std::ptrdiff_t>(outEnd_));
                outEnd_ += step.output.size();
                // One record may hold several messages (RFC 8446, 5.1).
                if (step.unused == 0 || step.unused >= message.size())
                    break;
                message = message.last(step.unused);
            }
            flush();
        } catch (const std::bad_alloc &) {
            fail(SEC_E_INSUFFICIENT_MEMORY);
        }
    }

    /// Makes a record of the first bytes; how many.
    size_t seal(std::span<const SendPart> parts) noexcept {
        uint8_t *header = out_.data();
        uint8_t *data = header + sizes_.cbHeader;
        const size_t size = gather(parts, {data, sizes_.cbMaximumMessage});
        if (size == 0)
            return 0;
        std::array<SecBuffer, 4> buffers{};
        buffers[0] = {sizes_.cbHeader, SECBUFFER_STREAM_HEADER, header};
        buffers[1] = {static_cast<ULONG>(size), SECBUFFER_DATA, data};
        buffers[2] = {sizes_.cbTrailer, SECBUFFER_STREAM_TRAILER, data + size};
        SecBufferDesc message{SECBUFFER_VERSION, static_cast<ULONG>(buffers.size()), buffers.data()};
        const SECURITY_STATUS status = EncryptMessage(context_.handle(), 0, &message, 0);
        if (status != SEC_E_OK) {
            fail(status);
            return 0;
        }
        outBegin_ = 0;
        outEnd_ = size_t{buffers[0].cbBuffer} + buffers[1].cbBuffer + buffers[2].cbBuffer;
        return size;
    }

    std::span<const uint8_t> unsent() const noexcept { return std::span(out_).subspan(outBegin_, outEnd_ - outBegin_); }
    /// Done when nothing is left to be sent.
    Socket::IoResult flush() noexcept {
        while (!unsent().empty()) {
            const SendPart part = sendPart(unsent().data(), unsent().size());
            const auto sent = below_->send({&part, 1});
            if (sent.status != Socket::Io::Done)
                return sent;
            outBegin_ += sent.bytes;
        }
        outBegin_ = outEnd_ = 0;
        return {Socket::Io::Done, 0, 0};
    }

    void sayGoodbye() noexcept {
        try {
            sendOnce(context_.shutDown());
        } catch (const std::bad_alloc &) {
            // The connection closes in any case.
        }
    }

    std::unique_ptr<Transport> below_;
    SchannelContext context_;
    SecPkgContext_StreamSizes sizes_{};
    TlsRecords records_;
    /// Decrypted and not yet taken, in the record at the front.
    std::span<uint8_t> plain_;
    /// Bytes of that record.
    size_t opened_ = 0;
    /// What waits to be sent: a record, and answers to the server behind it.
    std::vector<uint8_t> out_;
    size_t outBegin_ = 0;
    size_t outEnd_ = 0;
    /// The plain bytes of a record in `out_`.
    size_t promised_ = 0;
    bool established_ = false;
    bool isTls13_ = false;
    /// The server has said close_notify.
    bool over_ = false;
    int error_ = 0;
};

} // namespace

std::unique_ptr<Transport> startTls(std::unique_ptr<Transport> below, const std::string &host,
                                    const std::string &server, const engine::TlsOptions &options,
                                    const Deadline &deadline, Interrupt &interrupt) {
    const std::string name = certificateHost(host);
    auto out = std::make_unique<TlsTransport>(std::move(below), name);
    out->shakeHands(server, deadline, interrupt);
    if (!options.verify)
        return out;
    const std::string rejection =
        certificateRejection(out->certificate(), name, options.ca, server, deadline, interrupt);
    if (!rejection.empty())
        tlsFailure::rejected(server, rejection);
    return out;
}

} // namespace rtcroom::embedded
