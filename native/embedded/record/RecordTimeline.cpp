#include "embedded/record/RecordTimeline.h"

#include <algorithm>
#include <cstdlib>

namespace rtcroom::embedded {

std::optional<int64_t> RecordTimeline::map(MediaKind kind, int64_t dtsMs, int64_t durationMs) {
    Track &track = of(kind);
    const Track &other = of(kind == MediaKind::Video ? MediaKind::Audio : MediaKind::Video);
    const int64_t step = dtsMs - track.lastIn;
    if (!track.synced || step < -stepBackMs || step > jumpAheadMs)
        align(track, other, dtsMs);
    track.synced = true;
    track.lastIn = dtsMs;
    int64_t out = dtsMs - track.offset;
    // The other kind set the zero, and this unit is older.
    if (out < 0)
        return std::nullopt;
    if (out <= track.lastOut) {
        if (track.lastOut - out > stepBackMs)
            return std::nullopt;
        out = track.lastOut + 1;
    }
    track.lastOut = out;
    track.end = out + std::max<int64_t>(durationMs, 1);
    return out;
}

void RecordTimeline::discontinuity() {
    for (Track &track : tracks_)
        track.synced = false;
}

// Both kinds keep one offset, so that they stay in step: whichever jumps first sets it, the other follows when its own
// times come near the new line.
void RecordTimeline::align(Track &track, const Track &other, int64_t dtsMs) {
    const bool otherHasMoved = !track.synced || other.offset != track.offset;
    if (other.synced && otherHasMoved && std::abs(dtsMs - other.lastIn) <= jumpAheadMs) {
        track.offset = other.offset;
        return;
    }
    track.offset = dtsMs - std::max(track.end, other.end);
}

} // namespace rtcroom::embedded
