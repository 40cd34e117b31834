#pragma once

#include <functional>
#include <memory>
#include <string>

#include "embedded/media/EncodedPacket.h"
#include "embedded/net/SessionResult.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// Plays one stream over one connection at a time: RTMP or HTTP-FLV, by the URL's scheme. run() belongs to one thread,
/// the rest may be called from any.
class PlaySession {
  public:
    /// Called on run()'s thread. onStreamBegin comes once a connection, always before its first packet.
    struct Callbacks {
        std::function<void()> onConnected;
        std::function<void()> onStreamBegin; // NetStream.Play.Start or StreamBegin; HTTP 200
        /// dtsMs begins anywhere and runs on past 2^32. Units come only after a config of their kind; a config that
        /// is repeated without a change is not handed on twice in a connection.
        std::function<void(EncodedPacket)> onPacket;
    };
    PlaySession(Callbacks callbacks, const engine::NetworkOptions &options);
    ~PlaySession();
    PlaySession(const PlaySession &) = delete;
    PlaySession &operator=(const PlaySession &) = delete;

    /// Connects, plays and hands out packets until something ends it. Blocks; may be called again.
    SessionResult run(const std::string &url);
    /// Ends a running run() at once, and makes later ones return Stopped until reset().
    void stop();
    void reset();
    /// This machine's network changed: a run() whose connection lost its address ends with NetworkChanged.
    void noteNetworkChange();
    /// Between runs, on their thread: there is a way to the server that the last one did not try.
    bool hasNewRoute();
    NetStats stats() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace rtcroom::embedded
