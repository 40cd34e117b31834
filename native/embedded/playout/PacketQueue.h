#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// Units of one kind between the network and the decoder, given out as soon as they are there. Bounded: over the bound
/// video falls to the newest key frame (or waits for the next), sound loses its older half. This is where a jitter
/// buffer takes its place.
class PacketQueue {
  public:
    static constexpr size_t maxUnits = 600;
    /// A decoder that has not come to a unit for this long is too slow for the stream.
    static constexpr std::chrono::milliseconds maxWait{2000};

    struct Entry {
        enum class Kind {
            Unit,
            /// Units before the next one are missing: forget what was decoded, go on at a key frame.
            Gap,
            /// A new connection: configuration and a key frame come first.
            Discontinuity,
        };
        Kind kind = Kind::Unit;
        EncodedPacket packet;
        std::chrono::steady_clock::time_point arrived{};
    };

    explicit PacketQueue(MediaKind kind) : kind_(kind) {}

    void open();
    /// Empties the queue and ends a waiting pop().
    void close();
    /// Never blocks. Returns the number of coded units that were dropped for it.
    size_t push(EncodedPacket packet);
    void discontinuity();
    /// Coded units are thrown away while paused; configuration is kept.
    void setPaused(bool paused);
    /// Waits; none once closed.
    std::optional<Entry> pop();
    size_t size() const;

  private:
    bool overBound() const;
    size_t dropBefore(size_t keepFrom);
    size_t makeRoom();

    const MediaKind kind_;
    mutable std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<Entry> entries_;
    bool open_ = false;
    bool paused_ = false;
    bool waitForKey_ = false;
};

} // namespace rtcroom::embedded
