#include "embedded/qos/LinkMeter.h"

#include <algorithm>

namespace rtcroom::embedded {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds drainWindow{400};
constexpr milliseconds meanWindow{2000};
// A key frame on a fast link is gone sooner; what stands for longer is a queue.
constexpr milliseconds burst{150};
// Two packets: as much is on its way to the kernel at any time.
constexpr size_t nothingQueued = 3000;
// A standing delay of a link that is full.
constexpr double fullMs = 40;
// Nothing delivered: a stall, not an endless delay.
constexpr double longestDelayMs = 10'000;

double millis(LinkSample::Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

} // namespace

void LinkMeter::Smallest::note(Clock::time_point at, double value) {
    while (!front_.empty() && front_.back().second >= value)
        front_.pop_back();
    front_.emplace_back(at, value);
    while (at - front_.front().first > window_)
        front_.pop_front();
}

void LinkMeter::note(const LinkSample &sample) {
    samples_.push_back(sample);
    // One from before the window stays, so that the window is whole.
    while (samples_.size() > 2 && sample.at - samples_[1].at >= meanWindow)
        samples_.pop_front();
    if (sample.queued <= nothingQueued)
        queuedSince_.reset();
    else if (!queuedSince_)
        queuedSince_ = sample.at;
    if (sample.rttMs > 0)
        roundTrips_.note(sample.at, sample.rttMs);
    drainKbps_ = drainKbps();
    delayMs_ = delayMs(drainKbps_);
    delays_.note(sample.at, delayMs_);
}

bool LinkMeter::queueStands() const { return queuedSince_ && samples_.back().at - *queuedSince_ >= burst; }

double LinkMeter::deliveredKbps(Clock::duration window) const {
    const LinkSample &last = samples_.back();
    auto first = samples_.end() - 1;
    while (first != samples_.begin() && last.at - first->at < window)
        --first;
    const double ms = millis(last.at - first->at);
    return ms > 0 ? 8.0 * static_cast<double>(last.delivered - first->delivered) / ms : 0;
}

double LinkMeter::drainKbps() const {
    // Before the queue began the link was not full, and what went then says nothing of it.
    return deliveredKbps(queueStands() ? std::min<Clock::duration>(drainWindow, samples_.back().at - *queuedSince_)
                                       : drainWindow);
}

double LinkMeter::delayMs(double drainKbps) const {
    const LinkSample &last = samples_.back();
    double out = last.rttMs > 0 ? last.rttMs - roundTrips_.value() : 0;
    if (queueStands())
        out += drainKbps > 0 ? 8.0 * static_cast<double>(last.queued) / drainKbps : longestDelayMs;
    return std::min(out, longestDelayMs);
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
    out.rttMs = samples_.back().rttMs;
    out.deliveryKbps = std::max(samples_.back().deliveryKbps, out.full ? drainKbps_ : 0);
    return out;
}

} // namespace rtcroom::embedded
