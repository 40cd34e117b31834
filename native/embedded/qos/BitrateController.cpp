#include "embedded/qos/BitrateController.h"

#include <algorithm>
#include <cmath>

namespace rtcroom::embedded {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Room for what the rate control overshoots, and for key frames.
constexpr double ofCapacity = 0.85;
// The rate may come this near to what the link carried, until that is too old to be trusted: each time that the link
// turned out to carry the same, to within `sameCapacity`, it is trusted for twice as long, beginning at `trustedFirst`.
constexpr double ceiling = 0.92;
constexpr seconds trustedMost{10};
constexpr double sameCapacity = 0.15;
// A burst that was delivered so much faster than that says that the link carries more by now. So do key frames that
// make no queue, as many as come in the time of `delays_`: then the rate rises twice as fast at least.
constexpr double disproof = 1.3;
constexpr double roomyMs = 75;
constexpr double roomyHaste = 2;
// Around what the link carried the rate rises by a part of what it does elsewhere: a queue is noticed while it is
// short.
constexpr double nearFrom = 0.88;
constexpr double nearTo = 1.1;
constexpr double nearSlope = 0.4;
// The rate rises faster, up to so many times, the longer nothing went wrong, and where the link has delivered
// `headroom` times as fast.
constexpr seconds calmAfter{8};
constexpr double fastest = 4;
constexpr double headroom = 2;
// The rate may be so much higher than what is sent.
constexpr double unused = 1.5;
// A delay that is not a key frame's.
constexpr double urgent = 3;

} // namespace

void BitrateController::setBounds(double minKbps, double maxKbps) {
    minKbps_ = minKbps;
    maxKbps_ = std::max(minKbps, maxKbps);
    setRate(rate_);
}

void BitrateController::setRate(double kbps) { rate_ = std::clamp(kbps, minKbps_, maxKbps_); }

void BitrateController::forgetLink() {
    drains_.clear();
    delays_.clear();
    capacityKbps_ = capacityBefore_ = 0;
    drainingSince_.reset();
    trusted_ = trustedFirst;
    cutAt_.reset();
    updatedAt_.reset();
}

double BitrateController::update(Clock::time_point now, const LinkMeter::State &link) {
    const auto passed = updatedAt_ ? now - *updatedAt_ : Clock::duration::zero();
    updatedAt_ = now;
    delays_.note(now, link.delayMs);
    learnCapacity(now, link);
    if (link.full && (link.standingMs > strategy_->highDelayMs || link.delayMs > urgent * strategy_->highDelayMs)) {
        const auto wait =
            std::max<Clock::duration>(strategy_->cutInterval, milliseconds(static_cast<int64_t>(2 * link.rttMs)));
        if (!cutAt_ || now - *cutAt_ >= wait)
            cut(now, link);
    } else if (link.standingMs < strategy_->lowDelayMs) {
        rise(now, std::min(1.0, std::chrono::duration<double>(passed).count()), link);
    }
    return rate_;
}

void BitrateController::learnCapacity(Clock::time_point now, const LinkMeter::State &link) {
    if (link.carriesKbps <= 0)
        return;
    // The largest of the last second, while the link was full: it varies, but what it was before is over. A short queue
    // may be measured too low, and only one that asks for a cut says that the link carries less.
    drains_.note(now, link.carriesKbps);
    if (drainingSince_ || drains_.value() > capacityKbps_ || now - capacityAt_ >= trusted_)
        capacityKbps_ = drains_.value();
    capacityAt_ = now;
}

void BitrateController::judgeCapacity() {
    const bool same = std::abs(capacityKbps_ - capacityBefore_) <= sameCapacity * capacityBefore_;
    trusted_ = same ? std::min<Clock::duration>(2 * trusted_, trustedMost) : trustedFirst;
    capacityBefore_ = capacityKbps_;
}

void BitrateController::cut(Clock::time_point now, const LinkMeter::State &link) {
    cutAt_ = now;
    if (!drainingSince_) {
        drainingSince_ = now;
        rateBefore_ = rate_;
    }
    const double wanted = link.drainKbps * std::max(0.0, ofCapacity - link.delayMs / strategy_->drainMs);
    setRate(std::min(rate_, wanted));
}

void BitrateController::rise(Clock::time_point now, double seconds, const LinkMeter::State &link) {
    if (drainingSince_) {
        // A stall alone tells nothing of the link: what it carried before holds.
        const bool told = capacityAt_ >= *drainingSince_;
        drainingSince_.reset();
        if (told)
            judgeCapacity();
        setRate(std::max(rate_, ofCapacity * (told ? capacityKbps_ : std::max(capacityKbps_, rateBefore_))));
        return;
    }
    const bool roomy = capacityKbps_ > 0 && delays_.value() < roomyMs;
    const bool known = capacityKbps_ > 0 && !roomy && link.deliveryKbps < disproof * capacityKbps_;
    const bool trusted = known && now - capacityAt_ < trusted_;
    // What an encoder does not use was not tried.
    const double limit = std::max(rate_, trusted ? ceiling * capacityKbps_ : unused * link.meanKbps);
    const bool wide = !trusted && link.deliveryKbps > headroom * rate_;
    const double calm = cutAt_ ? std::chrono::duration<double>(now - *cutAt_) / calmAfter : 1;
    const bool near = known && rate_ > nearFrom * capacityKbps_ && rate_ < nearTo * capacityKbps_;
    const double haste = near ? nearSlope : wide ? fastest : std::clamp(calm * calm, roomy ? roomyHaste : 1.0, fastest);
    const double slope = strategy_->risePerSecond * haste;
    setRate(std::min(limit, rate_ * (1 + slope * seconds)));
}

} // namespace rtcroom::embedded
