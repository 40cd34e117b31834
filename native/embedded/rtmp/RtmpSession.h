#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "embedded/media/EncodedPacket.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// Why a session ended.
enum class SessionEnd {
    Stopped, // stop() was called
    InvalidUrl,
    DnsFailed,
    ConnectFailed,   // refused, unreachable, or no answer in time
    HandshakeFailed, // what came back is not RTMP, or nothing came back in time
    Refused,         // NetConnection.Connect.Rejected, NetStream.Publish.BadName, …: final
    StreamNotFound,  // NetStream.Play.StreamNotFound: may come into being
    ServerDisconnected,
    NoData,      // the peer went silent for dataTimeoutMs
    StreamEnded, // NetStream.Play.UnpublishNotify / Stop: the publisher went; the server stays
};

struct SessionResult {
    SessionEnd end = SessionEnd::Stopped;
    /// For people: cause and, where known, remedy. Names host and app, never the stream key or the query.
    std::string message;
    /// The server's status code ("NetStream.Publish.BadName"), if there was one.
    std::string serverCode;
};

struct NetStats {
    uint64_t bytesSent = 0;
    uint64_t bytesReceived = 0;
    /// Units waiting in our own queue (pusher).
    int queuedPackets = 0;
    int64_t queuedMs = 0;
    uint64_t droppedPackets = 0;
    double rttMs = 0;
    std::string serverAddress;
};

/// Pushes one stream over one connection at a time. run() belongs to one thread, the rest may be called from any.
class RtmpPublishSession {
  public:
    struct Callbacks {
        std::function<void()> onConnected;  // TCP and handshake done
        std::function<void()> onPublishing; // NetStream.Publish.Start came
    };
    RtmpPublishSession(Callbacks callbacks, const engine::NetworkOptions &options);
    ~RtmpPublishSession();

    /// Connects, publishes and sends what send() queues until something ends it. Blocks; may be called again.
    SessionResult run(const std::string &url);
    /// Ends a running run() at once, and makes later ones return Stopped until reset().
    void stop();
    void reset();
    /// Queues a packet; never blocks. Configs are kept and sent again, with metadata, at the start of each connection.
    /// While there is no published connection media packets are discarded, and after one begins (or after a drop) video
    /// waits for a key frame. Over 5 s or 8 MB queued, video is dropped to the next key frame, sound last.
    void send(EncodedPacket packet);
    /// Called once when a key frame is needed (new connection, drop): wire it to the encoder.
    void onKeyFrameWanted(std::function<void()> callback);
    NetStats stats() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Plays one stream over one connection at a time.
class RtmpPlaySession {
  public:
    struct Callbacks {
        std::function<void()> onConnected;
        std::function<void()> onStreamBegin; // NetStream.Play.Start or StreamBegin
        std::function<void(EncodedPacket)> onPacket;
    };
    RtmpPlaySession(Callbacks callbacks, const engine::NetworkOptions &options);
    ~RtmpPlaySession();
    SessionResult run(const std::string &url);
    void stop();
    void reset();
    NetStats stats() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace rtcroom::embedded
