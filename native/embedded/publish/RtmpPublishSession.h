#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "embedded/media/EncodedPacket.h"
#include "embedded/net/SessionResult.h"
#include "embedded/qos/LinkMeter.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// Pushes one stream over one connection at a time. run() belongs to one thread, the rest may be called from any.
class RtmpPublishSession {
  public:
    /// Called on run()'s thread.
    struct Callbacks {
        std::function<void()> onConnected;  // TCP and handshake done
        std::function<void()> onPublishing; // NetStream.Publish.Start came
        /// While it publishes: after each packet, and every 50 ms while bytes are on their way.
        std::function<void(const LinkSample &)> onLink{};
    };
    /// `enhanced`: see connectCommand.
    RtmpPublishSession(Callbacks callbacks, const engine::NetworkOptions &options, std::vector<CodecId> enhanced = {});
    ~RtmpPublishSession();
    RtmpPublishSession(const RtmpPublishSession &) = delete;
    RtmpPublishSession &operator=(const RtmpPublishSession &) = delete;

    /// Connects, publishes and sends what send() queues until something ends it. Blocks; may be called again.
    SessionResult run(const std::string &url);
    /// Ends a running run() at once, and makes later ones return Stopped until reset(), which
    /// begins anew: configs that were kept for a reconnect are forgotten, and a taken name is a refusal again. reset()
    /// only between runs.
    void stop();
    void reset();
    /// This machine's network changed: a run() whose connection lost its address ends with NetworkChanged.
    void noteNetworkChange();
    /// Between runs, on their thread: there is a way to the server that the last one did not try.
    bool hasNewRoute();
    /// Of several addresses of the server, whether the one with the quickest handshake is connected (the default), or
    /// the system's preferred one that answers. From the next connection on.
    void setNearestAddress(bool nearest);
    /// Queues a packet; never blocks. Configs are kept and sent again, with metadata, at the start of each connection.
    /// While there is no published connection media packets are discarded, and after one begins (or after a drop) video
    /// waits for a key frame. Over 5 s or 8 MB queued, video is dropped to the next key frame, sound last.
    /// Timestamps go out as 32-bit milliseconds; a packet that is older than the one before it of its kind gets that
    /// one's time, a negative time becomes 0.
    void send(EncodedPacket packet);
    /// Called once when a key frame is needed (new connection, drop): wire it to the encoder. Set it before run(). It
    /// is called on run()'s or send()'s thread, with no lock held.
    void onKeyFrameWanted(std::function<void()> callback);
    NetStats stats() const;
    /// How long the oldest packet in the queue has waited.
    int64_t queuedMs() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace rtcroom::embedded
