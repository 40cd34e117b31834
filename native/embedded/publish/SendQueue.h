#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <optional>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// Packets between the encoders and a connection; any thread. Full after 5 s of waiting or 8 MB: then video goes, up to
/// its newest key frame if that is enough, else up to the next one to come; if sound alone is too much, the oldest.
class SendQueue {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds maxAge{5000};
    static constexpr size_t maxBytes = 8 * 1024 * 1024;

    /// A connection publishes: the kept configs come first, video waits for a key frame.
    void open();
    /// Forgets all but the configs, and takes only configs from now on.
    void close();
    /// Forgets the configs as well: another stream may follow.
    void forgetConfigs();

    enum class PushResult { Queued, Discarded, KeyFrameWanted };
    /// KeyFrameWanted once after each loss of video. `now` for tests.
    PushResult push(EncodedPacket packet, Clock::time_point now = Clock::now());
    std::optional<EncodedPacket> pop();
    bool empty() const;

    struct State {
        int packets = 0;
        size_t bytes = 0;
        /// How long the oldest one has waited, ms.
        int64_t ageMs = 0;
        uint64_t dropped = 0;
    };
    State state(Clock::time_point now = Clock::now()) const;

  private:
    struct Entry {
        EncodedPacket packet;
        Clock::time_point since;
    };

    bool isFull(Clock::time_point now) const;
    bool isLate(MediaKind kind, Clock::time_point now) const;
    /// True when video now waits for a key frame that is not in the queue.
    bool makeRoom(Clock::time_point now);
    void dropVideoBefore(size_t end);

    mutable std::mutex mutex_;
    bool open_ = false;
    bool waitsForKeyFrame_ = false;
    std::deque<Entry> entries_;
    size_t bytes_ = 0;
    uint64_t dropped_ = 0;
    std::optional<EncodedPacket> videoConfig_;
    std::optional<EncodedPacket> audioConfig_;
};

} // namespace rtcroom::embedded
