#include "embedded/playout/PlayoutFeed.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace rtcroom::embedded {

namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;
/// Waiting without an end in sight.
constexpr double foreverMs = 3.6e6;

} // namespace

double PlayoutFeed::now() { return Milliseconds(std::chrono::steady_clock::now().time_since_epoch()).count(); }

void PlayoutFeed::configure(const PlayoutSettings &settings) {
    {
        const std::lock_guard lock(mutex_);
        buffer_.configure(settings);
    }
    videoFilled_.notify_all();
    audioFilled_.notify_all();
}

void PlayoutFeed::setSoundLead(double ms) {
    const std::lock_guard lock(mutex_);
    buffer_.setSoundLead(ms);
}

void PlayoutFeed::open() {
    const std::lock_guard lock(mutex_);
    buffer_.clear();
    open_ = true;
    watcherCame_ = false;
}

bool PlayoutFeed::closed() const {
    const std::lock_guard lock(mutex_);
    return !open_;
}

void PlayoutFeed::noteWatcher() {
    {
        const std::lock_guard lock(mutex_);
        watcherCame_ = true;
    }
    videoFilled_.notify_one();
}

void PlayoutFeed::close() {
    {
        const std::lock_guard lock(mutex_);
        open_ = false;
        buffer_.clear();
    }
    videoFilled_.notify_all();
    audioFilled_.notify_all();
}

void PlayoutFeed::push(EncodedPacket packet) {
    const MediaKind kind = packet.kind;
    JitterBuffer::Pushed pushed;
    {
        const std::lock_guard lock(mutex_);
        if (!open_)
            return;
        pushed = buffer_.push(std::move(packet), now());
    }
    filled(kind).notify_one();
    if (pushed.skipped)
        filled(kind == MediaKind::Video ? MediaKind::Audio : MediaKind::Video).notify_one();
    tell(pushed);
}

void PlayoutFeed::tell(const JitterBuffer::Pushed &pushed) {
    videoDropped_ += pushed.videoDropped;
    audioDropped_ += pushed.audioDropped;
    if (pushed.stalledMs > 0 && callbacks_.onReceiveLag)
        callbacks_.onReceiveLag(static_cast<int64_t>(pushed.stalledMs));
    if (!callbacks_.onVideoDiscontinuity)
        return;
    if (pushed.videoJumped)
        callbacks_.onVideoDiscontinuity("the pictures' timestamps have jumped; playing goes on with the new ones");
    else if (pushed.picturesLeftOut > 0)
        callbacks_.onVideoDiscontinuity(
            std::to_string(pushed.picturesLeftOut) +
            (pushed.picturesLeftOut == 1 ? " late picture was left out" : " late pictures were left out") +
            "; playing goes on at a key frame");
}

void PlayoutFeed::discontinuity() {
    {
        const std::lock_guard lock(mutex_);
        if (!open_)
            return;
        buffer_.discontinuity();
    }
    videoFilled_.notify_one();
    audioFilled_.notify_one();
}

void PlayoutFeed::setPaused(bool paused) {
    {
        const std::lock_guard lock(mutex_);
        buffer_.setPaused(paused);
    }
    videoFilled_.notify_one();
    audioFilled_.notify_one();
}

std::optional<PacketQueue::Entry> PlayoutFeed::pop(MediaKind kind, double leadMs) {
    std::unique_lock lock(mutex_);
    while (open_) {
        if (kind == MediaKind::Video && std::exchange(watcherCame_, false))
            return PacketQueue::Entry{.kind = PacketQueue::Entry::Kind::Watcher};
        const bool dry = buffer_.dry();
        JitterBuffer::Next next = buffer_.next(kind, now(), leadMs);
        if (!next.entry) {
            await(lock, filled(kind), next.waitMs);
            continue;
        }
        const bool playing = dry && !buffer_.dry();
        lock.unlock();
        if (playing && callbacks_.onPlaying)
            callbacks_.onPlaying();
        return std::move(next.entry);
    }
    return std::nullopt;
}

void PlayoutFeed::await(std::unique_lock<std::mutex> &lock, std::condition_variable &filled,
                        std::optional<double> waitMs) {
    const std::optional<double> dryIn = buffer_.dryInMs(now());
    if (dryIn && *dryIn <= 0) {
        buffer_.noteDry();
        lock.unlock();
        if (callbacks_.onDry)
            callbacks_.onDry();
        lock.lock();
        return;
    }
    const double wait = std::min({waitMs.value_or(foreverMs), dryIn.value_or(foreverMs), foreverMs});
    filled.wait_for(lock, Milliseconds(wait));
}

bool PlayoutFeed::waitUntilDue(MediaKind kind, double mediaMs, double mostMs) {
    std::unique_lock lock(mutex_);
    const double end = now() + mostMs;
    for (;;) {
        const double at = now();
        const double wait = std::min(buffer_.dueInMs(kind, mediaMs, at), end - at);
        if (!open_ || wait <= 0)
            return open_;
        filled(kind).wait_for(lock, Milliseconds(wait));
    }
}

double PlayoutFeed::rate() {
    const std::lock_guard lock(mutex_);
    return buffer_.rate(now());
}

bool PlayoutFeed::dry() const {
    const std::lock_guard lock(mutex_);
    return buffer_.dry();
}

bool PlayoutFeed::noteDryIfEmpty() {
    const std::lock_guard lock(mutex_);
    if (!buffer_.empty())
        return false;
    buffer_.noteDry();
    return true;
}

PlayoutFeed::Stats PlayoutFeed::stats() {
    const std::lock_guard lock(mutex_);
    return {.videoUnits = static_cast<int>(buffer_.size(MediaKind::Video)),
            .audioUnits = static_cast<int>(buffer_.size(MediaKind::Audio)),
            .videoDue = buffer_.dueUnits(MediaKind::Video, now()),
            .videoDropped = videoDropped_,
            .audioDropped = audioDropped_,
            .delayMs = buffer_.clock().delayMs()};
}

} // namespace rtcroom::embedded
