#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "embedded/net/Connector.h"
#include "embedded/net/Deadline.h"
#include "embedded/net/Interrupt.h"
#include "embedded/net/NetCounters.h"
#include "embedded/net/StreamUrl.h"
#include "embedded/net/Transport.h"
#include "embedded/rtmp/ChunkReader.h"
#include "embedded/rtmp/ChunkWriter.h"
#include "embedded/rtmp/Commands.h"
#include "embedded/rtmp/RedirectTrail.h"
#include "embedded/rtmp/StreamConnection.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// One RTMP connection of a client, on one thread: connects, shakes hands, opens one stream and keeps the protocol's
/// own affairs (acknowledgements, pings, status) away from the session that sends or receives media on it. Until the
/// stream has begun, receive() and flush() may follow a redirect: they connect to another server within the deadline of
/// open(), and all begins anew there. All calls throw SessionFailure; ProtocolError has become one.
class RtmpConnection final : public StreamConnection {
  public:
    /// `enhanced`: see connectCommand.
    RtmpConnection(const StreamUrl &url, SessionRole role, const engine::NetworkOptions &options, Interrupt &interrupt,
                   NetCounters &counters, std::span<const CodecId> enhanced = {},
                   AddressChoice choice = AddressChoice::Preferred);

    /// Resolves, connects and shakes hands.
    void open(const Deadline &deadline) override;
    /// Sends connect, createStream and publish or play in one go: a server answers them in order, so nothing is gained
    /// by waiting, and two round trips are saved. Needs flush().
    void startStream(const Deadline &deadline) override;
    bool started() const override { return peer_.started; }
    bool receive(const std::function<void(Message &)> &onMessage) override;
    uint64_t mediaBytes() const override { return peer_.reader.mediaBytes(); }

    void send(ChunkStreamId chunkStream, MessageType type, uint32_t timestamp, std::span<const uint8_t> prefix,
              const std::shared_ptr<const Bytes> &payload);
    /// Bytes that wait for flush().
    size_t unsent() const { return peer_.output.size(); }
    bool flush() override;
    Interrupt::Ready wait(const Deadline &deadline) override;
    void sayGoodbye() noexcept override;
    SocketHandle fd() const override { return transport_->fd(); }
    const std::string &server() const override { return server_; }

  private:
    void shakeHands(const Deadline &deadline);
    void dispatch(Message &message, const std::function<void(Message &)> &onMessage);
    void onUserControl(const Message &message);
    void onCommand(const Message &message);
    void onStatus(const Command &command, uint32_t streamId);
    void onStreamCreated(const Command &command);
    void followRedirect(std::string_view target);
    void acknowledge(size_t received);
    void sendStreamCommand();
    void sendCommand(ChunkStreamId chunkStream, uint32_t streamId, Bytes body);
    void sendControl(MessageType type, std::span<const uint8_t> body);
    void sendUserControl(UserControlEvent event, std::initializer_list<uint32_t> values);
    [[noreturn]] void failProtocol(const std::string &why) const;
    [[noreturn]] void failClosed(int error) const;

    /// What is known of one server.
    struct Peer {
        ChunkReader reader;
        ChunkWriter writer;
        OutputBuffer output;
        bool handshakeDone = false;
        bool started = false;
        /// The stream's number: 1 on nearly every server, and assumed until the server says otherwise.
        uint32_t streamId = 1;
        /// What createStream was answered with.
        std::optional<uint32_t> createdStream;
        uint32_t receivedBytes = 0;
        uint32_t acknowledgedBytes = 0;
        /// Flash's and librtmp's default, until the server names its own.
        uint32_t ackWindow = 2'500'000;
        int repliesWaiting = 0;
    };

    RedirectTrail trail_;
    const SessionRole role_;
    const std::vector<CodecId> enhanced_;
    const AddressChoice choice_;
    std::string server_;
    const engine::NetworkOptions &options_;
    Interrupt &interrupt_;
    NetCounters &counters_;
    Deadline deadline_ = Deadline::never();
    std::unique_ptr<Transport> transport_;
    Peer peer_;
    Message message_;
};

} // namespace rtcroom::embedded
