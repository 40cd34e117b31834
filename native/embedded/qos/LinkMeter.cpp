#include "embedded/qos/LinkMeter.h"

#include <algorithm>

namespace rtcroom::embedded {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds drainWindow{400};
constexpr milliseconds meanWindow{2000};
// A key frame on a fast link is gone sooner; what stands for longer is a queue.
constexpr milliseconds burst{150};
// Nothing arrives for as long: the link stands still, which says nothing of what it carries.
constexpr milliseconds pause{150};
// Two packets: as much is on its way to the kernel at any time.
constexpr size_t nothingQueued = 3000;
// A standing delay of a link that is full.
constexpr double fullMs = 40;
// A round trip varies by as much without a queue.
constexpr milliseconds uneven{10};
// A drain of less says nothing.
constexpr double leastKbps = 8;
// Nothing delivered: a stall, not an endless delay.
constexpr double longestDelayMs = 10'000;

double millis(LinkSample::Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

} // namespace

void LinkMeter::note(const LinkSample &sample) {
    samples_.push_back(sample);
    // One from before the window stays, so that the window is whole.
    while (samples_.size() > 2 && sample.at - samples_[1].at >= meanWindow)
        samples_.pop_front();
    if (sample.queued <= nothingQueued)
        queuedSince_.reset();
    else if (!queuedSince_)
        queuedSince_ = sample.at;
    tellsInFlight_ = tellsInFlight_ || sample.inFlight > 0;
    noteArrivals(sample);
    if (sample.rttMs > 0)
        roundTrips_.note(sample.at, sample.rttMs);
    drainKbps_ = drainKbps();
    delayMs_ = delayMs(drainKbps_);
    delays_.note(sample.at, delayMs_);
    if (sample.deliveryKbps != toldKbps_)
        deliveryKbps_ = toldKbps_ = sample.deliveryKbps;
    if (delays_.value() >= fullMs)
        deliveryKbps_ = 0;
}

bool LinkMeter::queueStands() const { return queuedSince_ && samples_.back().at - *queuedSince_ >= burst; }

double LinkMeter::deliveredKbps(Clock::duration window) const {
    const LinkSample &last = samples_.back();
    auto first = samples_.end() - 1;
    while (first != samples_.begin() && last.at - first->at < window)
        --first;
    const double ms = millis(last.at - first->at);
    return ms > 0 && last.delivered > first->delivered
               ? 8.0 * static_cast<double>(last.delivered - first->delivered) / ms
               : 0;
}

double LinkMeter::drainKbps() const {
    // Before the queue began the link was not full, and what went then says nothing of it.
    return deliveredKbps(queueStands() ? std::min<Clock::duration>(drainWindow, samples_.back().at - *queuedSince_)
                                       : drainWindow);
}

double LinkMeter::carriesKbps() const {
    const auto now = samples_.back().at;
    if (now - movedAt_ >= pause)
        return 0;
    const auto since = queueStands() ? std::max(steadySince_, *queuedSince_) : steadySince_;
    return now - since >= burst ? deliveredKbps(std::min<Clock::duration>(drainWindow, now - since)) : 0;
}

void LinkMeter::noteArrivals(const LinkSample &sample) {
    const uint64_t arrived = sample.delivered + sample.beyondGap;
    const bool idle = sample.inFlight + sample.queued == 0;
    if (arrived <= arrived_ && !idle)
        return;
    arrived_ = std::max(arrived_, arrived);
    if (sample.at - movedAt_ >= pause)
        steadySince_ = sample.at;
    movedAt_ = sample.at;
}

double LinkMeter::delayMs(double drainKbps) const {
    const LinkSample &last = samples_.back();
    double out = 0;
    // The kernel's round trip follows slowly, and is that of packets that met the queue as it was; what is overdue
    // tells of the queue as it is.
    if (tellsInFlight_)
        out = 8.0 * overdue() / std::max(drainKbps, leastKbps);
    else if (last.rttMs > 0)
        out = last.rttMs - roundTrips_.value();
    if (queueStands())
        out += drainKbps > 0 ? 8.0 * static_cast<double>(last.queued) / drainKbps : longestDelayMs;
    return std::min(out, longestDelayMs);
}

double LinkMeter::overdue() const {
    const LinkSample &last = samples_.back();
    const auto ownDelay = uneven + milliseconds(static_cast<int64_t>(roundTrips_.value()));
    const auto due = std::find_if(samples_.rbegin(), samples_.rend(),
                                  [&](const LinkSample &sample) { return last.at - sample.at >= ownDelay; });
    if (due == samples_.rend())
        return 0;
    const uint64_t sent = due->delivered + due->inFlight;
    const uint64_t there = last.delivered + last.beyondGap;
    return sent > there ? static_cast<double>(sent - there) : 0;
}

LinkMeter::State LinkMeter::state() const {
    State out;
    if (samples_.size() < 2)
        return out;
    out.drainKbps = drainKbps_;
    out.meanKbps = deliveredKbps(meanWindow);
    out.delayMs = delayMs_;
    out.standingMs = delays_.value();
    out.full = out.standingMs >= fullMs;
    out.carriesKbps = out.full ? carriesKbps() : 0;
    out.rttMs = samples_.back().rttMs;
    out.deliveryKbps = std::max(deliveryKbps_, out.full ? drainKbps_ : 0);
    return out;
}

} // namespace rtcroom::embedded
