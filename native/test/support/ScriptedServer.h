#pragma once

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>

#include "embedded/media/ByteOrder.h"
#include "embedded/net/Deadline.h"
#include "embedded/net/FileDescriptor.h"
#include "embedded/net/SystemLookup.h"
#include "embedded/net/UrlParts.h"
#include "embedded/rtmp/Amf0.h"
#include "embedded/rtmp/ChunkReader.h"
#include "embedded/rtmp/ChunkWriter.h"
#include "embedded/rtmp/Commands.h"

namespace rtcroom::test {

using namespace rtcroom::embedded;

/// One accepted connection, from the server's end. Reads and writes block, and end with an exception when the client
/// goes or the server is taken down.
class Peer {
  public:
    Peer(int fd, const std::atomic<bool> &down) : fd_(fd), down_(down) {}

    void write(std::span<const uint8_t> bytes) {
        while (!bytes.empty()) {
            await(POLLOUT);
            const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0 && errno == EAGAIN)
                continue;
            if (sent <= 0)
                throw std::runtime_error("the client has gone");
            bytes = bytes.subspan(static_cast<size_t>(sent));
        }
    }
    size_t readSome(std::span<uint8_t> out) {
        await(POLLIN);
        const ssize_t got = ::recv(fd_.get(), out.data(), out.size(), 0);
        if (got <= 0)
            throw std::runtime_error("the client has gone");
        return static_cast<size_t>(got);
    }
    Bytes readExactly(size_t count) {
        Bytes bytes(count);
        for (std::span<uint8_t> left(bytes); !left.empty();)
            left = left.subspan(readSome(left));
        return bytes;
    }
    /// Of an HTTP request, up to its empty line.
    std::string readHead() {
        std::string out;
        while (!out.ends_with("\r\n\r\n"))
            out += static_cast<char>(readExactly(1).front());
        return out;
    }
    /// Reads nothing and says nothing until the client goes.
    void stayUntilClientGoes() {
        Bytes bytes(65536);
        for (;;)
            readSome(bytes);
    }
    /// Whether the client goes by then, whatever it says.
    bool leavesWithin(std::chrono::milliseconds time) {
        Bytes bytes(65536);
        for (const Deadline end = Deadline::in(time); !down_ && !end.passed();) {
            pollfd poller{fd_.get(), POLLIN, 0};
            if (poll(&poller, 1, std::min(end.pollTimeoutMs(), 20)) > 0 &&
                ::recv(fd_.get(), bytes.data(), bytes.size(), 0) <= 0)
                return true;
        }
        return false;
    }
    /// Reads nothing, so that the client's data piles up, until the server is taken down.
    void stayDeaf() {
        while (!down_)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    /// The next close sends RST.
    void resetOnClose() {
        const linger hard{1, 0};
        setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    void closeForWriting() { shutdown(fd_.get(), SHUT_WR); }
    int fd() const { return fd_.get(); }

    void acceptHandshake() {
        readExactly(1537);
        Bytes answer(3073);
        answer[0] = 3;
        write(answer);
        readExactly(1536);
    }
    Message readMessage() {
        Message out;
        while (!reader_.next(out))
            reader_.commit(readSome(reader_.writable()));
        return out;
    }
    /// Skips until that command comes.
    Command readCommand(const std::string &name) {
        for (;;) {
            const Message message = readMessage();
            if (message.type != MessageType::CommandAmf0)
                continue;
            Command command = Command::parse(message.body);
            if (command.name == name)
                return command;
        }
    }
    void sendMessage(MessageType type, uint32_t timestamp, uint32_t streamId, Bytes body) {
        const auto chunkStream = type == MessageType::Video   ? ChunkStreamId::Video
                                 : type == MessageType::Audio ? ChunkStreamId::Audio
                                                              : ChunkStreamId::Command;
        OutputBuffer out;
        writer_.write(out, {chunkStream, type, timestamp, streamId}, {},
                      std::make_shared<const Bytes>(std::move(body)));
        while (!out.empty()) {
            const iovec part = out.front().front();
            write({static_cast<const uint8_t *>(part.iov_base), part.iov_len});
            out.consume(part.iov_len);
        }
    }
    void sendStatus(uint32_t streamId, const std::string &level, const std::string &code,
                    const std::string &description = "") {
        Amf0Writer body;
        body.string("onStatus").number(0).null().object().property("level").string(level).property("code").string(code);
        sendMessage(MessageType::CommandAmf0, 0, streamId,
                    body.property("description").string(description).end().take());
    }
    void sendResult(const std::string &name, int transactionId, std::function<void(Amf0Writer &)> rest) {
        Amf0Writer body;
        body.string(name).number(transactionId);
        rest(body);
        sendMessage(MessageType::CommandAmf0, 0, 0, body.take());
    }
    /// Handshake, connect and createStream as servers do them, up to the publish or play that follows.
    void acceptConnect(uint32_t streamId = 1) {
        acceptHandshake();
        readCommand("connect");
        sendResult("_result", transaction::connect, [](Amf0Writer &body) {
            body.null().object().property("level").string("status");
            body.property("code").string("NetConnection.Connect.Success").end();
        });
        readCommand("createStream");
        sendResult("_result", transaction::createStream, [&](Amf0Writer &body) { body.null().number(streamId); });
    }

  private:
    void await(short event) {
        pollfd poller{fd_.get(), event, 0};
        while (!down_) {
            const int ready = poll(&poller, 1, 20);
            if (ready > 0)
                return;
        }
        throw std::runtime_error("the server is taken down");
    }

    FileDescriptor fd_;
    const std::atomic<bool> &down_;
    ChunkReader reader_;
    ChunkWriter writer_;
};

/// A TCP server that does to each client, one at a time, what its script says; the connection closes at the script's
/// end.
class ScriptedServer {
  public:
    struct Place {
        /// An IPv4 or IPv6 address.
        std::string host = "127.0.0.1";
        /// 0 for a free one.
        int port = 0;
        /// The kernel takes about so much from a client that is not read; 0 for the system's own.
        int receiveBuffer = 0;
    };

    explicit ScriptedServer(std::function<void(Peer &)> script) : ScriptedServer(std::move(script), Place{}) {}
    ScriptedServer(std::function<void(Peer &)> script, const Place &place)
        : script_(std::move(script)), host_(place.host) {
        std::vector<SocketAddress> addresses;
        if (systemLookup(host_, static_cast<uint16_t>(place.port), true, addresses) != 0 || addresses.empty())
            throw std::runtime_error(host_ + " is no address");
        SocketAddress &address = addresses.front();
        auto *raw = reinterpret_cast<sockaddr *>(&address.storage);
        listener_ = FileDescriptor(socket(address.family(), SOCK_STREAM, 0));
        if (place.receiveBuffer > 0)
            setsockopt(listener_.get(), SOL_SOCKET, SO_RCVBUF, &place.receiveBuffer, sizeof place.receiveBuffer);
        if (bind(listener_.get(), raw, address.length) != 0 || listen(listener_.get(), 8) != 0 ||
            getsockname(listener_.get(), raw, &address.length) != 0)
            throw std::runtime_error("cannot listen on " + host_);
        // In both families behind the family.
        port_ = ntohs(reinterpret_cast<const sockaddr_in *>(raw)->sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~ScriptedServer() {
        down_ = true;
        thread_.join();
    }
    ScriptedServer(const ScriptedServer &) = delete;
    ScriptedServer &operator=(const ScriptedServer &) = delete;

    std::string url(const std::string &key = "stream") const { return "rtmp://" + authority() + "/live/" + key; }
    /// "host:port", for URLs.
    std::string authority() const { return authorityText(host_, static_cast<uint16_t>(port_)); }
    int port() const { return port_; }

  private:
    void serve() {
        while (!down_) {
            pollfd poller{listener_.get(), POLLIN, 0};
            if (poll(&poller, 1, 20) <= 0)
                continue;
            const int fd = accept(listener_.get(), nullptr, nullptr);
            if (fd < 0)
                continue;
            try {
                Peer peer(fd, down_);
                script_(peer);
            } catch (const std::exception &) {
                // The client went, as many scripts want it to.
            }
        }
    }

    std::function<void(Peer &)> script_;
    const std::string host_;
    std::atomic<bool> down_{false};
    FileDescriptor listener_;
    int port_ = 0;
    std::thread thread_;
};

} // namespace rtcroom::test
