#pragma once

#include <functional>
#include <optional>

#include "embedded/qos/LinkMeter.h"
#include "embedded/qos/QosStrategy.h"
#include "embedded/qos/SlidingExtreme.h"

namespace rtcroom::embedded {

/// The bitrate of a stream, sound and all, from what its link says. Cuts below what the link carries by as much as
/// empties the queue in `drainMs`; comes back to 85 % of what it carried, then feels its way up: slowly and rarely
/// where it knows what the link carries. No clock of its own.
class BitrateController {
  public:
    using Clock = LinkSample::Clock;

    explicit BitrateController(const QosStrategy &strategy) : strategy_(&strategy) {}
    void setStrategy(const QosStrategy &strategy) { strategy_ = &strategy; }
    /// Of the whole stream. The rate stays, within them.
    void setBounds(double minKbps, double maxKbps);
    void setRate(double kbps);
    /// A new connection: what was known of the link is forgotten, the rate stays.
    void forgetLink();

    /// Called every 50 ms or so; gives the rate.
    double update(Clock::time_point now, const LinkMeter::State &link);
    double rate() const { return rate_; }

  private:
    void cut(Clock::time_point now, const LinkMeter::State &link);
    void rise(Clock::time_point now, double seconds, const LinkMeter::State &link);
    void learnCapacity(Clock::time_point now, const LinkMeter::State &link);
    /// The link was full, and its capacity is known anew: the same as before is trusted for longer.
    void judgeCapacity();

    const QosStrategy *strategy_;
    double minKbps_ = 0;
    double maxKbps_ = 0;
    double rate_ = 0;
    /// What the link carried when it was full last, at the end of that.
    SlidingExtreme<std::greater<>> drains_{std::chrono::seconds(1)};
    double capacityKbps_ = 0;
    /// A key frame makes a queue on a link that is nearly full: without one there is room.
    SlidingExtreme<std::greater<>> delays_{std::chrono::seconds(3)};
    Clock::time_point capacityAt_{};
    double capacityBefore_ = 0;
    static constexpr std::chrono::seconds trustedFirst{5};
    Clock::duration trusted_ = trustedFirst;
    /// The rate is still below what the cut's link carries, to empty the queue: since then, and what it was before.
    std::optional<Clock::time_point> drainingSince_;
    double rateBefore_ = 0;
    std::optional<Clock::time_point> cutAt_;
    std::optional<Clock::time_point> updatedAt_;
};

} // namespace rtcroom::embedded
