#pragma once

#include "embedded/playout/PacketQueue.h"
#include "embedded/playout/PlayoutClock.h"

namespace rtcroom::embedded {

/// Picture and sound between the network and the decoders: each unit waits here until the playout clock says that it is
/// due. Far behind it drops to the newest key frame, over its bound as well. Times as PlayoutClock's. Not thread-safe.
class JitterBuffer {
  public:
    /// Of each kind; a delay has room for more.
    static constexpr size_t unitsWithoutDelay = 600;

    /// What a call to push() did beyond taking the unit.
    struct Pushed {
        size_t videoDropped = 0;
        size_t audioDropped = 0;
        /// Those of the pictures that were in the buffer. The others only wait for a key frame, after these or a pause.
        size_t picturesLeftOut = 0;
        bool videoJumped = false;
        /// See PlayoutClock::Arrival.
        double stalledMs = 0;
        /// What is in the buffer is due earlier than it was.
        bool skipped = false;
    };
    struct Next {
        std::optional<PacketQueue::Entry> entry{};
        /// Without an entry: ask again after this, or none while nothing is there.
        std::optional<double> waitMs{};
    };

    void configure(const PlayoutSettings &settings);
    void setSoundLead(double ms) { clock_.setSoundLead(ms); }
    void clear();
    Pushed push(EncodedPacket packet, double nowMs);
    void discontinuity();
    void setPaused(bool paused);

    /// The next unit of that kind if it is due within `leadMs`; configurations and marks are due at once.
    Next next(MediaKind kind, double nowMs, double leadMs = 0);
    double dueInMs(MediaKind kind, double mediaMs, double nowMs) { return clock_.dueInMs(kind, mediaMs, nowMs); }
    int dueUnits(MediaKind kind, double nowMs);
    double rate(double nowMs) { return clock_.rate(nowMs); }

    /// Until the buffer counts as run dry; none when it does not run dry, or has already.
    std::optional<double> dryInMs(double nowMs) const;
    /// It has run dry, and playing goes on with the next unit.
    void noteDry() { dry_ = true; }
    bool dry() const { return dry_; }

    /// Of coded units.
    bool empty() const { return !video_.frontUnit() && !audio_.frontUnit(); }
    size_t size(MediaKind kind) const { return queue(kind).size(); }
    const PlayoutClock &clock() const { return clock_; }

  private:
    /// A decoder that has not come to a unit for this long after it was due is too slow for the stream.
    static constexpr double maxOverdueMs = 2000;

    PacketQueue &queue(MediaKind kind) { return kind == MediaKind::Video ? video_ : audio_; }
    const PacketQueue &queue(MediaKind kind) const { return kind == MediaKind::Video ? video_ : audio_; }
    bool overBound(MediaKind kind, double nowMs);
    void skip(Pushed &pushed, double nowMs);

    PlayoutClock clock_;
    PacketQueue video_{MediaKind::Video};
    PacketQueue audio_{MediaKind::Audio};
    size_t maxUnits_ = unitsWithoutDelay;
    bool paused_ = false;
    bool dry_ = false;
    /// When a unit was last given out, and how long that one lasts.
    std::optional<double> lastGivenMs_;
    double lastStepMs_ = 0;
};

} // namespace rtcroom::embedded
