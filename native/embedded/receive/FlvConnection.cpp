#include "embedded/receive/FlvConnection.h"

#include <algorithm>
#include <utility>

#include "embedded/net/Dialer.h"
#include "embedded/net/Exchange.h"
#include "embedded/net/ProtocolError.h"
#include "embedded/net/SessionFailure.h"
#include "embedded/net/TcpInfo.h"

namespace rtcroom::embedded {

namespace {

constexpr size_t bufferSize = 64 * 1024;
constexpr size_t maxRedirects = 5;

bool isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

SessionResult resultOfStatus(int status, const std::string &server) {
    const std::string code = "HTTP " + std::to_string(status);
    if (status == 404 || status == 410)
        return {SessionEnd::StreamNotFound,
                server + " has no such stream (" + code + "); check the URL's path, and that it is being published",
                code};
    if (status >= 500 || status == 408 || status == 425 || status == 429)
        return {SessionEnd::ServerDisconnected, server + " cannot serve the stream now (" + code + ")", code};
    if (status == 401 || status == 403)
        return {SessionEnd::Refused,
                server + " refused the play (" + code + "); check the URL's signature and its expiry", code};
    return {SessionEnd::Refused, server + " refused the play (" + code + "); check the URL", code};
}

} // namespace

FlvConnection::FlvConnection(HttpUrl url, const engine::NetworkOptions &options, Interrupt &interrupt,
                             NetCounters &counters)
    : url_(std::move(url)), server_(url_.display()), options_(options), interrupt_(interrupt), counters_(counters),
      buffer_(bufferSize) {}

void FlvConnection::open(const Deadline &deadline) {
    transport_ = dial({url_.host, url_.port, url_.tls}, options_, deadline, interrupt_, counters_);
}

void FlvConnection::startStream(const Deadline &deadline) {
    for (;;) {
        visited_.push_back(url_);
        const ResponseHead head = request(deadline);
        if (isRedirect(head.status)) {
            followRedirect(head, deadline);
            continue;
        }
        if (head.status != 200)
            throw SessionFailure(resultOfStatus(head.status, server_));
        if (!head.unusable.empty())
            failProtocol(head.unusable);
        body_.emplace(head);
        return;
    }
}

ResponseHead FlvConnection::request(const Deadline &deadline) {
    Exchange exchange(*transport_, server_, deadline, interrupt_);
    exchange.send("GET " + url_.target + " HTTP/1.1\r\nHost: " + url_.hostHeader() +
                  "\r\nUser-Agent: liteav-rtcroom\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
                  "Connection: close\r\n\r\n");
    ResponseHeadReader reader;
    try {
        while (!reader.complete()) {
            const std::span<const uint8_t> got(buffer_.data(), exchange.receive(buffer_));
            early_ = got.subspan(reader.take(got));
            setQuickAck(transport_->fd());
        }
    } catch (const ProtocolError &error) {
        failProtocol(error.what());
    }
    return reader.head();
}

void FlvConnection::followRedirect(const ResponseHead &head, const Deadline &deadline) {
    const std::string code = "HTTP " + std::to_string(head.status);
    const auto refuse = [&](const char *why) {
        throw SessionFailure(SessionResult{SessionEnd::Refused, server_ + " " + why + " (" + code + ")", code});
    };
    const auto next = head.location.empty() ? std::nullopt : url_.resolve(head.location);
    if (!next)
        refuse("redirects to what is no http or https address");
    if (url_.tls && !next->tls)
        refuse("redirects from https to http, which is not followed");
    if (std::ranges::find(visited_, *next) != visited_.end())
        refuse("redirects in a circle");
    if (visited_.size() > maxRedirects)
        refuse("redirects more than 5 times");
    url_ = *next;
    server_ = url_.display();
    open(deadline);
}

bool FlvConnection::receive(const std::function<void(Message &)> &onMessage) {
    if (!early_.empty()) {
        takeBody(std::exchange(early_, {}), onMessage);
        return true;
    }
    const auto got = transport_->receive(buffer_);
    if (got.status == Socket::Io::WouldBlock)
        return false;
    if (got.status != Socket::Io::Done)
        failClosed(got);
    takeBody(std::span(buffer_).first(got.bytes), onMessage);
    return true;
}

void FlvConnection::takeBody(std::span<const uint8_t> bytes, const std::function<void(Message &)> &onMessage) {
    try {
        for (auto piece = body_->next(bytes); !piece.empty(); piece = body_->next(bytes)) {
            splitter_.take(piece, onMessage);
            interrupt_.throwIfStopped();
        }
    } catch (const ProtocolError &error) {
        failProtocol(error.what());
    }
    if (body_->complete())
        throw SessionFailure(SessionEnd::StreamEnded, "the stream on " + server_ + " ended");
}

Interrupt::Ready FlvConnection::wait(const Deadline &deadline) {
    if (early_.empty() && !transport_->hasReceived())
        return interrupt_.wait(fd(), true, false, deadline);
    interrupt_.throwIfStopped();
    return {.readable = true};
}

void FlvConnection::failClosed(const Socket::IoResult &result) const {
    if (result.status == Socket::Io::Closed && body_->endsWithConnection() && splitter_.started() &&
        !splitter_.hasPartial())
        throw SessionFailure(SessionEnd::StreamEnded, "the stream on " + server_ + " ended");
    const std::string cause = result.error == 0 ? "" : ": " + transport_->errorText(result.error);
    throw SessionFailure(SessionEnd::ServerDisconnected,
                         server_ + " closed the connection in the midst of the stream" + cause);
}

void FlvConnection::failProtocol(const std::string &why) const {
    if (splitter_.started())
        throw SessionFailure(SessionEnd::ServerDisconnected, server_ + " sent a broken stream: " + why);
    throw SessionFailure(SessionEnd::HandshakeFailed,
                         server_ + " does not serve HTTP-FLV there: " + why + "; check host, port and path");
}

} // namespace rtcroom::embedded
