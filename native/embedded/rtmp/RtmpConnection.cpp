#include "embedded/rtmp/RtmpConnection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "embedded/media/ByteOrder.h"
#include "embedded/net/Dialer.h"
#include "embedded/net/ProtocolError.h"
#include "embedded/net/SessionFailure.h"
#include "embedded/net/TcpInfo.h"
#include "embedded/rtmp/Handshake.h"

namespace rtcroom::embedded {

namespace {

// One chunk for nearly every frame.
constexpr uint32_t ourChunkSize = 65536;
// The server's own buffer for us; some hold back that much at the start.
constexpr uint32_t playBufferMs = 100;
constexpr std::string_view rejected = "NetConnection.Connect.Rejected";
// A peer that floods us with pings and reads nothing gets no more answers than this at a time.
constexpr int maxRepliesWaiting = 256;

/// Thrown by a server's answer, and caught where the answer was read.
class Redirect : public std::exception {
  public:
    explicit Redirect(std::string_view target) : target_(target) {}
    const std::string &target() const { return target_; }

  private:
    std::string target_;
};

} // namespace

RtmpConnection::RtmpConnection(const StreamUrl &url, SessionRole role, const engine::NetworkOptions &options,
                               Interrupt &interrupt, NetCounters &counters, std::span<const CodecId> enhanced,
                               AddressChoice choice)
    : trail_(url), role_(role), enhanced_(enhanced.begin(), enhanced.end()), choice_(choice), server_(url.display()),
      options_(options), interrupt_(interrupt), counters_(counters) {}

void RtmpConnection::failProtocol(const std::string &why) const {
    if (peer_.started)
        throw SessionFailure(SessionEnd::ServerDisconnected, server_ + " sent broken RTMP: " + why);
    throw SessionFailure(SessionEnd::HandshakeFailed,
                         server_ + " does not speak RTMP: " + why + "; check host and port");
}

void RtmpConnection::failClosed(int error) const {
    const std::string when = !peer_.handshakeDone ? " during the handshake"
                             : peer_.started      ? ""
                                                  : " before the stream began";
    const std::string cause = error == 0 ? "" : ": " + transport_->errorText(error);
    throw SessionFailure(SessionEnd::ServerDisconnected, server_ + " closed the connection" + when + cause);
}

void RtmpConnection::open(const Deadline &deadline) {
    deadline_ = deadline;
    const StreamUrl &url = trail_.url();
    transport_ = dial({url.host, url.port, url.tls, choice_}, options_, deadline, interrupt_, counters_);
    shakeHands(deadline);
}

void RtmpConnection::shakeHands(const Deadline &deadline) {
    Handshake handshake;
    peer_.output.appendSlice(std::make_shared<const Bytes>(handshake.hello()), 0, handshake.hello().size());
    setQuickAck(fd());
    while (!handshake.complete()) {
        flush();
        const auto ready = interrupt_.wait(fd(), true, !peer_.output.empty(), deadline);
        if (deadline.passed())
            throw SessionFailure(SessionEnd::HandshakeFailed,
                                 server_ + " accepted the connection and did not answer the RTMP handshake in time; "
                                           "check that an RTMP server listens on that port");
        if (!ready.readable)
            continue;
        const auto got = transport_->receive(handshake.wanted());
        if (got.status == Socket::Io::Closed || got.status == Socket::Io::Failed)
            failClosed(got.error);
        try {
            handshake.commit(got.bytes);
        } catch (const ProtocolError &error) {
            failProtocol(error.what());
        }
        setQuickAck(fd());
    }
    peer_.handshakeDone = true;
    const auto reply = std::make_shared<const Bytes>(handshake.reply());
    peer_.output.appendSlice(reply, 0, reply->size());
}

void RtmpConnection::startStream(const Deadline &) {
    std::array<uint8_t, 4> size{};
    writeBigEndian(size.data(), ourChunkSize, size.size());
    sendControl(MessageType::SetChunkSize, size);
    peer_.writer.setChunkSize(ourChunkSize);
    sendCommand(ChunkStreamId::Command, 0, connectCommand(trail_.url(), role_, enhanced_));
    if (role_ == SessionRole::Publish) {
        sendCommand(ChunkStreamId::Command, 0,
                    namedCommand("releaseStream", transaction::releaseStream, trail_.url().streamKey));
        sendCommand(ChunkStreamId::Command, 0,
                    namedCommand("FCPublish", transaction::fcPublish, trail_.url().streamKey));
    }
    sendCommand(ChunkStreamId::Command, 0, createStreamCommand());
    sendStreamCommand();
}

void RtmpConnection::sendStreamCommand() {
    if (role_ == SessionRole::Publish) {
        sendCommand(ChunkStreamId::StreamCommand, peer_.streamId, publishCommand(trail_.url().streamKey));
    } else {
        sendCommand(ChunkStreamId::StreamCommand, peer_.streamId, playCommand(trail_.url().streamKey));
        sendUserControl(UserControlEvent::SetBufferLength, {peer_.streamId, playBufferMs});
    }
}

bool RtmpConnection::receive(const std::function<void(Message &)> &onMessage) {
    const auto got = transport_->receive(peer_.reader.writable());
    if (got.status == Socket::Io::WouldBlock)
        return false;
    if (got.status != Socket::Io::Done)
        failClosed(got.error);
    if (!peer_.started)
        setQuickAck(fd());
    peer_.reader.commit(got.bytes);
    try {
        while (peer_.reader.next(message_)) {
            dispatch(message_, onMessage);
            interrupt_.throwIfStopped();
        }
    } catch (const Redirect &redirect) {
        followRedirect(redirect.target());
        return true;
    } catch (const ProtocolError &error) {
        failProtocol(error.what());
    }
    acknowledge(got.bytes);
    return true;
}

void RtmpConnection::followRedirect(std::string_view target) {
    if (const char *why = trail_.follow(target))
        throw SessionFailure(SessionResult{
            SessionEnd::Refused, server_ + " " + why + " (" + std::string(rejected) + ")", std::string(rejected)});
    server_ = trail_.url().origin();
    transport_.reset();
    peer_ = {};
    open(deadline_);
    startStream(deadline_);
}

void RtmpConnection::dispatch(Message &message, const std::function<void(Message &)> &onMessage) {
    const Bytes &body = message.body;
    switch (message.type) {
    case MessageType::WindowAckSize:
        if (body.size() >= 4)
            peer_.ackWindow = static_cast<uint32_t>(readBigEndian(body.data(), 4));
        return;
    case MessageType::SetPeerBandwidth:
        // Answered with our window, which is theirs (RTMP 1.0, 5.4.5).
        if (body.size() >= 4 && peer_.repliesWaiting < maxRepliesWaiting) {
            ++peer_.repliesWaiting;
            sendControl(MessageType::WindowAckSize, std::span(body).first(4));
        }
        return;
    case MessageType::UserControl:
        onUserControl(message);
        return;
    case MessageType::CommandAmf0:
    case MessageType::CommandAmf3:
        onCommand(message);
        return;
    case MessageType::Audio:
    case MessageType::Video:
    case MessageType::Aggregate:
    case MessageType::DataAmf0:
    case MessageType::DataAmf3:
        onMessage(message);
        return;
    default:
        return;
    }
}

void RtmpConnection::onUserControl(const Message &message) {
    const Bytes &body = message.body;
    if (body.size() < 6)
        return;
    const auto event = static_cast<UserControlEvent>(readBigEndian(body.data(), 2));
    const auto value = static_cast<uint32_t>(readBigEndian(body.data() + 2, 4));
    if (event == UserControlEvent::PingRequest && peer_.repliesWaiting < maxRepliesWaiting) {
        ++peer_.repliesWaiting;
        sendUserControl(UserControlEvent::PingResponse, {value});
    } else if (role_ == SessionRole::Play && value == peer_.streamId) {
        if (event == UserControlEvent::StreamBegin)
            peer_.started = true;
        else if (event == UserControlEvent::StreamEof && peer_.started)
            throw SessionFailure(SessionEnd::StreamEnded, "the stream on " + server_ + " ended");
    }
}

void RtmpConnection::onCommand(const Message &message) {
    std::span<const uint8_t> body(message.body);
    // An AMF3 command begins with a format byte; what follows is AMF0 as long as nobody asks for more.
    if (message.type == MessageType::CommandAmf3 && !body.empty() && body.front() == 0)
        body = body.subspan(1);
    const Command command = Command::parse(body);
    if (command.name == "close")
        throw SessionFailure(SessionEnd::ServerDisconnected, server_ + " ended the session");
    if (command.name == "onStatus") {
        onStatus(command, message.streamId);
    } else if (command.name == "_error") {
        // Many servers know nothing of releaseStream and FCPublish; that harms nothing.
        if (command.transactionId != transaction::releaseStream && command.transactionId != transaction::fcPublish)
            onStatus(command, message.streamId);
    } else if (command.name == "_result") {
        if (command.transactionId == transaction::createStream)
            onStreamCreated(command);
        else if (command.transactionId == transaction::connect)
            onStatus(command, message.streamId);
    }
}

void RtmpConnection::onStreamCreated(const Command &command) {
    const double *number = command.arguments.size() > 1 ? command.arguments[1].number() : nullptr;
    if (!number || !std::isfinite(*number) || *number < 1 || *number > 0xffffffff)
        throw ProtocolError("createStream was answered without a stream's number");
    const auto id = static_cast<uint32_t>(*number);
    if (peer_.createdStream.value_or(id) != id)
        throw ProtocolError("createStream was answered with several numbers");
    if (std::exchange(peer_.createdStream, id) || id == peer_.streamId || peer_.started)
        return;
    // The guess was wrong; what went to stream 1 is lost.
    peer_.streamId = id;
    sendStreamCommand();
}

void RtmpConnection::onStatus(const Command &command, uint32_t streamId) {
    const std::string code = command.code();
    const bool error = command.isError();
    // The answer to a command on the guessed stream number.
    if (error && streamId != 0 && streamId != peer_.streamId)
        return;
    if (code == rejected && !peer_.started && !command.redirect().empty())
        throw Redirect(command.redirect());
    if (const auto end = endOfStatus(code, error, role_))
        throw SessionFailure(SessionResult{*end, describeStatus(*end, code, role_, server_), code});
    if (code == (role_ == SessionRole::Publish ? "NetStream.Publish.Start" : "NetStream.Play.Start"))
        peer_.started = true;
}

void RtmpConnection::acknowledge(size_t received) {
    peer_.receivedBytes += static_cast<uint32_t>(received);
    const uint32_t due = std::max<uint32_t>(peer_.ackWindow / 2, 1);
    if (peer_.receivedBytes - peer_.acknowledgedBytes < due)
        return;
    peer_.acknowledgedBytes = peer_.receivedBytes;
    if (peer_.repliesWaiting >= maxRepliesWaiting)
        return;
    ++peer_.repliesWaiting;
    std::array<uint8_t, 4> body{};
    writeBigEndian(body.data(), peer_.receivedBytes, body.size());
    sendControl(MessageType::Acknowledgement, body);
}

void RtmpConnection::send(ChunkStreamId chunkStream, MessageType type, uint32_t timestamp,
                          std::span<const uint8_t> prefix, const std::shared_ptr<const Bytes> &payload) {
    peer_.writer.write(peer_.output, {chunkStream, type, timestamp, peer_.streamId}, prefix, payload);
}

void RtmpConnection::sendCommand(ChunkStreamId chunkStream, uint32_t streamId, Bytes body) {
    peer_.writer.write(peer_.output, {chunkStream, MessageType::CommandAmf0, 0, streamId}, {},
                       std::make_shared<const Bytes>(std::move(body)));
}

void RtmpConnection::sendControl(MessageType type, std::span<const uint8_t> body) {
    peer_.writer.write(peer_.output, {ChunkStreamId::Control, type, 0, 0}, {},
                       std::make_shared<const Bytes>(body.begin(), body.end()));
}

void RtmpConnection::sendUserControl(UserControlEvent event, std::initializer_list<uint32_t> values) {
    Bytes body(2 + 4 * values.size());
    writeBigEndian(body.data(), static_cast<uint16_t>(event), 2);
    size_t at = 2;
    for (const uint32_t value : values) {
        writeBigEndian(body.data() + at, value, 4);
        at += 4;
    }
    sendControl(MessageType::UserControl, body);
}

bool RtmpConnection::flush() {
    while (!peer_.output.empty()) {
        const auto sent = transport_->send(peer_.output.front());
        if (sent.status == Socket::Io::WouldBlock)
            return false;
        if (sent.status == Socket::Io::Failed) {
            // The cause may still lie in the receive buffer: servers send a status and close.
            const size_t redirects = trail_.redirects();
            while (peer_.handshakeDone && receive([](Message &) {}))
                if (trail_.redirects() != redirects)
                    return false;
            failClosed(sent.error);
        }
        peer_.output.consume(sent.bytes);
    }
    peer_.repliesWaiting = 0;
    return true;
}

Interrupt::Ready RtmpConnection::wait(const Deadline &deadline) {
    if (!transport_->hasReceived())
        return interrupt_.wait(fd(), true, !peer_.output.empty(), deadline);
    interrupt_.throwIfStopped();
    return {.readable = true};
}

void RtmpConnection::sayGoodbye() noexcept {
    try {
        // In the midst of a message nothing can be said.
        if (!peer_.started || !peer_.output.empty())
            return;
        if (role_ == SessionRole::Publish)
            sendCommand(ChunkStreamId::Command, 0,
                        namedCommand("FCUnpublish", transaction::ending, trail_.url().streamKey));
        sendCommand(ChunkStreamId::Command, 0, deleteStreamCommand(peer_.streamId));
        transport_->send(peer_.output.front());
    } catch (const std::exception &) {
        // The connection closes in any case.
    }
}

} // namespace rtcroom::embedded
