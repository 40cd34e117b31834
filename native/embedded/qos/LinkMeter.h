#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "embedded/qos/SlidingExtreme.h"

namespace rtcroom::embedded {

/// One look at the connection of a push.
struct LinkSample {
    using Clock = std::chrono::steady_clock;
    Clock::time_point at{};
    /// Bytes that the peer has, counted over the connection. Where the system does not tell: those that the kernel
    /// took.
    uint64_t delivered = 0;
    /// Bytes that were sent after those; 0 where the system does not tell.
    size_t inFlight = 0;
    /// What the peer has of these, behind something that was lost.
    size_t beyondGap = 0;
    /// Bytes that have not been sent: in our queue, and in the kernel where it tells.
    size_t queued = 0;
    /// The kernel's smoothed round trip; 0 where it does not tell.
    double rttMs = 0;
    /// The fastest delivery that the kernel saw lately, which bursts of a key frame show; 0 where it does not tell.
    double deliveryKbps = 0;
};

/// What the samples say about the link. No clock of its own.
class LinkMeter {
  public:
    using Clock = LinkSample::Clock;

    struct State {
        /// What is delivered, over the last 400 ms.
        double drainKbps = 0;
        /// The same, over the last 2 s.
        double meanKbps = 0;
        /// How long a byte that is sent now waits on its way, above the link's own delay, ms.
        double delayMs = 0;
        /// The smallest of the last 300 ms: a key frame makes a queue, too, but one that goes.
        double standingMs = 0;
        /// The link is full, or stands still.
        bool full = false;
        /// What the link carries: the drain of a full link since it last stood still; 0 where that cannot be told.
        double carriesKbps = 0;
        /// See LinkSample: what was told since the link was full last, or 0. Never below drainKbps while it is.
        double deliveryKbps = 0;
        double rttMs = 0;
    };

    void reset() { *this = {}; }
    void note(const LinkSample &sample);
    State state() const;

  private:
    bool queueStands() const;
    /// Over the newest samples, as far back as `window`.
    double deliveredKbps(Clock::duration window) const;
    double drainKbps() const;
    double carriesKbps() const;
    /// Looks for times in which nothing arrives.
    void noteArrivals(const LinkSample &sample);
    double delayMs(double drainKbps) const;
    /// Bytes that should have arrived by now, had nothing waited.
    double overdue() const;

    std::deque<LinkSample> samples_;
    /// Since when something has been queued without a break.
    std::optional<Clock::time_point> queuedSince_;
    // Longer than a controller needs to empty a queue, so that the smallest is the link's own; short enough to follow a
    // change of route.
    SlidingExtreme<std::less<>> roundTrips_{std::chrono::seconds(20)};
    SlidingExtreme<std::less<>> delays_{std::chrono::milliseconds(300)};
    bool tellsInFlight_ = false;
    /// The most that the peer had: what is told of it may step back, as where a system sends what it held back.
    uint64_t arrived_ = 0;
    /// When something last arrived, or nothing was under way; and since when without a pause.
    Clock::time_point movedAt_{};
    Clock::time_point steadySince_{};
    double delayMs_ = 0;
    double drainKbps_ = 0;
    /// The kernel keeps the fastest until it sees one of a sender that had more to send, so that the same as before may
    /// be of a link that is gone.
    double toldKbps_ = 0;
    double deliveryKbps_ = 0;
};

} // namespace rtcroom::embedded
