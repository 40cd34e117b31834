#pragma once

#include <deque>
#include <functional>
#include <optional>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// Units of one kind on their way to the decoder, in the order of their arrival. What is dropped leaves a mark, and its
/// configuration. Not thread-safe.
class PacketQueue {
  public:
    struct Entry {
        enum class Kind {
            Unit,
            /// Units before the next one are missing: forget what was decoded, go on at a key frame.
            Gap,
            /// A new connection: configuration and a key frame come first.
            Discontinuity,
            /// Nothing arrived: somebody has begun to look at the pictures. Never in the queue.
            Watcher,
        };
        Kind kind = Kind::Unit;
        EncodedPacket packet{};
        /// dtsMs on the playout clock's time.
        double mediaMs = 0;
        /// Since the unit that arrived before it, in the stream's time.
        double stepMs = 0;
        double arrivedMs = 0;
        bool coded() const { return kind == Kind::Unit && !packet.isConfig; }
    };

    explicit PacketQueue(MediaKind kind) : kind_(kind) {}

    void clear();
    /// Returns the number of coded units that were dropped for it.
    size_t push(Entry entry);
    /// Over its bound video falls to the newest key frame (or waits for the next), sound loses its older half. Returns
    /// the number of coded units that were dropped.
    size_t makeRoom();
    /// Leaves out what is before `mediaMs`, which for video is a key frame's time.
    size_t dropBefore(double mediaMs);
    /// The newest key frame that is not after `mediaMs`.
    std::optional<double> newestKeyFrame(double mediaMs) const;
    /// Coded units are thrown away while paused; configuration is kept.
    void setPaused(bool paused);

    const Entry *front() const { return entries_.empty() ? nullptr : &entries_.front(); }
    /// The first coded unit.
    const Entry *frontUnit() const;
    /// Coded units that are so.
    size_t count(const std::function<bool(const Entry &)> &holds) const;
    Entry pop();
    size_t size() const { return entries_.size(); }

  private:
    size_t dropFirst(size_t count);

    const MediaKind kind_;
    std::deque<Entry> entries_;
    bool paused_ = false;
    bool waitForKey_ = false;
};

} // namespace rtcroom::embedded
