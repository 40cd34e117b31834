#include "embedded/playout/PlayoutClock.h"

#include <algorithm>

namespace rtcroom::embedded {

namespace {

/// A unit that is late by less is played late; by more, the clock has stood still for it.
constexpr double lateMs = 40;
/// A surplus is made up for by a faster pace above the first, until the second.
constexpr double catchUpAboveMs = 80;
constexpr double caughtUpMs = 10;
/// Below, by so little that the sound is not touched: what plays it has a buffer of more than `catchUpAboveMs`, which
/// is all that this pace can add to it. A lost packet of a long way is made up for before the next one is lost.
constexpr double easeRate = 1.05;
/// A backlog has come when no unit was nearer to its time than those before by more than the first, for the second.
constexpr double fallMs = 10;
constexpr double settleMs = 500;
/// 1024 samples at 8 kHz last 128 ms.
constexpr double maxSoundFrameMs = 130;
/// What a picture may be ahead of sound that is heard, so that 40 ms are kept.
constexpr double heardSlackMs = 20;
/// A kind of which nothing came for this long is not waited for.
constexpr double absentMs = 1000;

} // namespace

void PlayoutClock::configure(const PlayoutSettings &settings) { settings_ = settings; }

void PlayoutClock::restart() {
    timeline_.restart();
    for (Track &each : tracks_)
        each.transit.reset();
    starting_ = true;
    catchingUp_ = false;
    lastArrivalMs_.reset();
}

PlayoutClock::Arrival PlayoutClock::arrive(MediaKind kind, int64_t dtsMs, double nowMs) {
    advance(nowMs);
    Track &unit = track(kind);
    const MediaTimeline::Point point = timeline_.map(kind, dtsMs, nowMs);
    Arrival arrival{.mediaMs = point.mediaMs, .stepMs = point.stepMs, .jumped = point.jumped};
    const double transit = nowMs - point.mediaMs;
    arrival.stalledMs = stall(unit, point.mediaMs, nowMs);
    if (starting_ && (unit.transit.empty() || transit < unit.transit.baseMs() - fallMs)) {
        // What came before was the backlog: it says nothing of the network.
        lastFallMs_ = nowMs;
        unit.transit.reset();
    }
    unit.transit.note(transit, nowMs);
    if (kind == MediaKind::Audio && point.stepMs > 0 && point.stepMs < maxSoundFrameMs)
        soundFrameMs_ = point.stepMs;
    unit.newestMediaMs = std::max(unit.newestMediaMs, point.mediaMs);
    unit.lastArrivalMs = nowMs;
    lastArrivalMs_ = nowMs;
    retarget(nowMs);
    if (starting_) {
        offsetMs_ = targetMs_;
        starting_ = nowMs - lastFallMs_ <= settleMs;
        return arrival;
    }
    offsetMs_ = std::max(offsetMs_, targetMs_);
    const double late = transit + leadMs(unit) - (offsetMs_ - unit.aheadMs);
    if (late > lateMs)
        offsetMs_ += late;
    return arrival;
}

double PlayoutClock::dueInMs(MediaKind kind, double mediaMs, double nowMs) {
    advance(nowMs);
    return (mediaMs + offsetMs_ - track(kind).aheadMs - nowMs) / (catchingUp_ ? settings_.catchUpRate : 1);
}

double PlayoutClock::rate(double nowMs) {
    advance(nowMs);
    return catchingUp_ ? settings_.catchUpRate : 1;
}

std::optional<double> PlayoutClock::skipTarget(double nowMs) {
    advance(nowMs);
    if (starting_ || surplusMs(nowMs) <= settings_.farBehindMs)
        return std::nullopt;
    return nowMs - targetMs_;
}

void PlayoutClock::skipTo(MediaKind kind, double mediaMs, double nowMs) {
    offsetMs_ = std::max(targetMs_, nowMs - mediaMs + track(kind).aheadMs);
    advancedMs_ = nowMs;
    catchingUp_ = false;
}

double PlayoutClock::delayMs() const { return offsetMs_ - targetMs_ + targetDelayMs(); }

double PlayoutClock::targetDelayMs() const {
    double delay = 0;
    for (const Track &each : tracks_)
        if (each.active)
            delay = std::max(delay, wantedDelayMs(each));
    return delay;
}

double PlayoutClock::jitterMs() const {
    return std::max(tracks_[0].active ? tracks_[0].transit.jitterMs() : 0,
                    tracks_[1].active ? tracks_[1].transit.jitterMs() : 0);
}

void PlayoutClock::advance(double nowMs) {
    const double elapsed = nowMs - advancedMs_;
    advancedMs_ = nowMs;
    if (starting_ || elapsed <= 0)
        return;
    const double excess = offsetMs_ - targetMs_;
    const double surplus = surplusMs(nowMs);
    catchingUp_ = catchingUp_ ? surplus > caughtUpMs : surplus > catchUpAboveMs;
    if (catchingUp_)
        offsetMs_ -= std::min(elapsed * (settings_.catchUpRate - 1), std::max(0.0, surplus));
    else if (excess > 0 && surplus > -lateMs)
        offsetMs_ -= std::min(elapsed * (easeRate - 1), excess);
}

void PlayoutClock::retarget(double nowMs) {
    bool first = true;
    for (Track &each : tracks_) {
        each.active = !each.transit.empty() && nowMs - each.lastArrivalMs <= absentMs;
        if (!each.active)
            continue;
        each.neededMs = each.transit.baseMs() + wantedDelayMs(each);
        targetMs_ = first ? each.neededMs : std::max(targetMs_, each.neededMs);
        first = false;
    }
    for (Track &each : tracks_)
        if (each.active)
            each.aheadMs = std::min(targetMs_ - each.neededMs, slackMs(each));
}

double PlayoutClock::slackMs(const Track &track) const {
    const bool pictures = &track == &tracks_[0];
    // A loudspeaker plays a frame from its beginning on, and what it takes itself is a guess.
    if (soundLeadMs_ > 0)
        return std::min(settings_.syncSlackMs, heardSlackMs);
    return settings_.syncSlackMs > 0 && pictures ? settings_.syncSlackMs + soundFrameMs_ : settings_.syncSlackMs;
}

double PlayoutClock::wantedDelayMs(const Track &track) const {
    const double jitter = track.transit.jitterMs() - settings_.freeJitterMs;
    return std::clamp(jitter, settings_.minDelayMs, settings_.maxDelayMs) + leadMs(track);
}

double PlayoutClock::leadMs(const Track &track) const { return &track == &tracks_[0] ? 0 : soundLeadMs_; }

double PlayoutClock::surplusMs(double nowMs) const {
    double surplus = offsetMs_ - targetMs_;
    for (const Track &each : tracks_)
        if (each.active && nowMs - each.lastArrivalMs <= absentMs)
            surplus = std::min(surplus, each.newestMediaMs - (nowMs - offsetMs_ + each.aheadMs) - wantedDelayMs(each));
    return surplus;
}

double PlayoutClock::stall(const Track &track, double mediaMs, double nowMs) const {
    if (starting_ || !lastArrivalMs_ || track.transit.empty())
        return 0;
    const double silence = nowMs - *lastArrivalMs_;
    const double held = nowMs - mediaMs - track.transit.baseMs();
    return silence > settings_.blockThresholdMs && held > settings_.blockThresholdMs ? silence : 0;
}

} // namespace rtcroom::embedded
