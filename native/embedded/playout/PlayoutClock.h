#pragma once

#include <array>
#include <limits>
#include <optional>

#include "embedded/playout/MediaTimeline.h"
#include "embedded/playout/PlayoutSettings.h"
#include "embedded/playout/TransitMeter.h"

namespace rtcroom::embedded {

/// When a unit is due: the one clock of a player's picture and sound. It follows what arrives at a distance: the
/// shortest transit and a delay for the jitter. It stands still while what is due has not come, and makes up for it by
/// running faster. All times are ms; `nowMs` is any monotonic clock, so that tests have their own. Not thread-safe.
class PlayoutClock {
  public:
    struct Arrival {
        double mediaMs = 0;
        /// Of the stream's time since the unit before of its kind.
        double stepMs = 0;
        /// The timestamps do not go on from those before.
        bool jumped = false;
        /// Nothing at all came for this long although it was sent; 0 when that is below the block threshold.
        double stalledMs = 0;
    };

    void configure(const PlayoutSettings &settings);
    /// Sound must be there this much before it is due: its device plays it so much later. 0.
    void setSoundLead(double ms) { soundLeadMs_ = ms; }
    /// The next unit belongs to a new connection.
    void restart();
    Arrival arrive(MediaKind kind, int64_t dtsMs, double nowMs);

    /// Until a unit of that time is due; 0 or less: now.
    double dueInMs(MediaKind kind, double mediaMs, double nowMs);
    /// 1, or the settings' `catchUpRate` while more is buffered than is wanted.
    double rate(double nowMs);
    /// More is buffered than a faster pace makes up for soon: the time in the stream up to which it should be left out.
    std::optional<double> skipTarget(double nowMs);
    /// Goes on at that time of the stream.
    void skipTo(MediaKind kind, double mediaMs, double nowMs);

    /// From arrival on the shortest way until played.
    double delayMs() const;
    /// What that should be.
    double targetDelayMs() const;
    double jitterMs() const;

  private:
    struct Track {
        TransitMeter transit;
        double newestMediaMs = std::numeric_limits<double>::lowest();
        double lastArrivalMs = 0;
        /// Its smallest sensible offset; how far it is ahead of the common one.
        double neededMs = 0;
        double aheadMs = 0;
        bool active = false;
    };

    Track &track(MediaKind kind) { return tracks_[kind == MediaKind::Video ? 0 : 1]; }
    void advance(double nowMs);
    void retarget(double nowMs);
    double slackMs(const Track &track) const;
    double leadMs(const Track &track) const;
    double wantedDelayMs(const Track &track) const;
    /// Buffered beyond what is wanted, of the kind that has less.
    double surplusMs(double nowMs) const;
    double stall(const Track &track, double mediaMs, double nowMs) const;

    PlayoutSettings settings_;
    double soundLeadMs_ = 0;
    MediaTimeline timeline_;
    std::array<Track, 2> tracks_;
    /// A time in the stream plus this is when it is due.
    double offsetMs_ = 0;
    double soundFrameMs_ = 0;
    double targetMs_ = 0;
    double advancedMs_ = 0;
    bool catchingUp_ = false;
    /// Until the backlog that a connection begins with has come, everything late is played at once.
    bool starting_ = true;
    double lastFallMs_ = 0;
    std::optional<double> lastArrivalMs_;
};

} // namespace rtcroom::embedded
