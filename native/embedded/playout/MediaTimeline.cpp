#include "embedded/playout/MediaTimeline.h"

#include <algorithm>
#include <cmath>

namespace rtcroom::embedded {

namespace {

/// Timestamps that go back by less are late or out of order, not a new time.
constexpr double maxBackMs = 500;
/// A step that is longer than the time since the unit before by more than this is a jump.
constexpr double maxAheadMs = 1500;
/// Sound and picture further apart than this are not of one time.
constexpr double maxApartMs = 3000;

} // namespace

MediaTimeline::Point MediaTimeline::map(MediaKind kind, int64_t dtsMs, double nowMs) {
    Track &track = tracks_[kind == MediaKind::Video ? 0 : 1];
    const Track &other = tracks_[kind == MediaKind::Video ? 1 : 0];
    const auto dts = static_cast<double>(dtsMs);
    Point point;
    if (!track.seen) {
        track.shift = shiftOfFirst(other, dtsMs, nowMs);
    } else if (!continues(track, other, dts + track.shift, nowMs)) {
        point.jumped = true;
        // The other kind may have made this jump already.
        const double step = dts + other.shift - track.lastMediaMs;
        const double elapsed = nowMs - track.lastArrivalMs;
        const bool follows = other.seen && step >= -maxBackMs && step <= elapsed + maxAheadMs;
        track.shift = follows ? other.shift : track.expected(nowMs) - dts;
    }
    point.mediaMs = dts + track.shift;
    point.stepMs = track.seen ? point.mediaMs - track.lastMediaMs : 0;
    track.seen = true;
    track.lastMediaMs = point.mediaMs;
    track.lastArrivalMs = nowMs;
    if (!newest_ || point.mediaMs > newest_->mediaMs)
        newest_ = {point.mediaMs, nowMs};
    return point;
}

void MediaTimeline::restart() { tracks_ = {}; }

double MediaTimeline::shiftOfFirst(const Track &other, int64_t dtsMs, double nowMs) const {
    const auto dts = static_cast<double>(dtsMs);
    if (other.seen) {
        const double expected = other.expected(nowMs);
        return std::abs(dts + other.shift - expected) <= maxApartMs ? other.shift : expected - dts;
    }
    return newest_ ? newest_->mediaMs + (nowMs - newest_->arrivalMs) - dts : 0;
}

bool MediaTimeline::continues(const Track &track, const Track &other, double mediaMs, double nowMs) {
    const double step = mediaMs - track.lastMediaMs;
    if (step < -maxBackMs)
        return false;
    if (step <= nowMs - track.lastArrivalMs + maxAheadMs)
        return true;
    return other.seen && std::abs(mediaMs - other.lastMediaMs) <= maxApartMs;
}

} // namespace rtcroom::embedded
