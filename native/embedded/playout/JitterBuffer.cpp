#include "embedded/playout/JitterBuffer.h"

#include <algorithm>

namespace rtcroom::embedded {

namespace {

/// Nothing to play for this long beyond the usual distance of units is told.
constexpr double dryMs = 500;
/// What is taken for that distance after the first.
constexpr double unknownStepMs = 2000;
/// Units a second of pictures and of sound that a delay needs room for.
constexpr double unitsPerSecond = 120;

} // namespace

void JitterBuffer::configure(const PlayoutSettings &settings) {
    clock_.configure(settings);
    maxUnits_ = unitsWithoutDelay + static_cast<size_t>(settings.maxDelayMs / 1000 * unitsPerSecond);
}

void JitterBuffer::clear() {
    video_.clear();
    audio_.clear();
    clock_.restart();
    lastGivenMs_.reset();
    dry_ = false;
}

JitterBuffer::Pushed JitterBuffer::push(EncodedPacket packet, double nowMs) {
    Pushed pushed;
    const MediaKind kind = packet.kind;
    size_t &dropped = kind == MediaKind::Video ? pushed.videoDropped : pushed.audioDropped;
    PacketQueue::Entry entry{.packet = std::move(packet), .arrivedMs = nowMs};
    if (entry.coded()) {
        const PlayoutClock::Arrival arrival = clock_.arrive(kind, entry.packet.dtsMs, nowMs);
        entry.mediaMs = arrival.mediaMs;
        entry.stepMs = arrival.stepMs;
        pushed.stalledMs = arrival.stalledMs;
        pushed.videoJumped = arrival.jumped && kind == MediaKind::Video;
    }
    dropped = queue(kind).push(std::move(entry));
    if (overBound(kind, nowMs)) {
        const size_t made = queue(kind).makeRoom();
        dropped += made;
        pushed.picturesLeftOut = kind == MediaKind::Video ? made : 0;
    }
    skip(pushed, nowMs);
    return pushed;
}

void JitterBuffer::discontinuity() {
    clock_.restart();
    for (const MediaKind kind : {MediaKind::Video, MediaKind::Audio}) {
        queue(kind).push({.kind = PacketQueue::Entry::Kind::Discontinuity});
        if (queue(kind).size() > maxUnits_)
            queue(kind).makeRoom();
    }
}

void JitterBuffer::setPaused(bool paused) {
    paused_ = paused;
    lastGivenMs_.reset();
    video_.setPaused(paused);
    audio_.setPaused(paused);
}

JitterBuffer::Next JitterBuffer::next(MediaKind kind, double nowMs, double leadMs) {
    PacketQueue &units = queue(kind);
    const PacketQueue::Entry *front = units.front();
    if (!front)
        return {};
    if (front->coded()) {
        const double wait = clock_.dueInMs(kind, front->mediaMs, nowMs) - leadMs;
        if (wait > 0)
            return {.waitMs = wait};
        // Sound keeps the time where there is some: a picture may stay for long.
        const bool keepsTime = kind == MediaKind::Audio || !lastGivenMs_ || nowMs - *lastGivenMs_ > lastStepMs_;
        if (keepsTime)
            lastStepMs_ = front->stepMs > 0 ? std::min(front->stepMs, 5000.0) : unknownStepMs;
        lastGivenMs_ = nowMs;
        dry_ = false;
    }
    return {.entry = units.pop()};
}

int JitterBuffer::dueUnits(MediaKind kind, double nowMs) {
    return static_cast<int>(queue(kind).count(
        [&](const PacketQueue::Entry &entry) { return clock_.dueInMs(kind, entry.mediaMs, nowMs) <= 0; }));
}

std::optional<double> JitterBuffer::dryInMs(double nowMs) const {
    if (dry_ || paused_ || !lastGivenMs_ || !empty())
        return std::nullopt;
    return *lastGivenMs_ + lastStepMs_ + dryMs - nowMs;
}

bool JitterBuffer::overBound(MediaKind kind, double nowMs) {
    if (queue(kind).size() > maxUnits_)
        return true;
    const PacketQueue::Entry *oldest = queue(kind).frontUnit();
    return oldest && nowMs - oldest->arrivedMs > maxOverdueMs &&
           -clock_.dueInMs(kind, oldest->mediaMs, nowMs) > maxOverdueMs;
}

void JitterBuffer::skip(Pushed &pushed, double nowMs) {
    const std::optional<double> target = clock_.skipTarget(nowMs);
    if (!target)
        return;
    const bool pictures = video_.frontUnit() != nullptr;
    const PacketQueue &leader = pictures ? video_ : audio_;
    const auto to = leader.newestKeyFrame(*target);
    // The one that is played anyway next is no place to go.
    if (!to || leader.frontUnit()->mediaMs >= *to)
        return;
    clock_.skipTo(pictures ? MediaKind::Video : MediaKind::Audio, *to, nowMs);
    const size_t left = video_.dropBefore(*to);
    pushed.picturesLeftOut += left;
    pushed.videoDropped += left;
    pushed.audioDropped += audio_.dropBefore(*to);
    pushed.skipped = true;
}

} // namespace rtcroom::embedded
