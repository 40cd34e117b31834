#include "embedded/playout/PacketQueue.h"

namespace rtcroom::embedded {

void PacketQueue::open() {
    const std::lock_guard lock(mutex_);
    entries_.clear();
    waitForKey_ = false;
    open_ = true;
}

void PacketQueue::close() {
    {
        const std::lock_guard lock(mutex_);
        open_ = false;
        entries_.clear();
    }
    filled_.notify_all();
}

size_t PacketQueue::push(EncodedPacket packet) {
    size_t dropped = 0;
    {
        const std::lock_guard lock(mutex_);
        if (!open_)
            return 0;
        if (!packet.isConfig) {
            if (paused_)
                return 0;
            if (waitForKey_ && !packet.keyFrame)
                return 1;
            waitForKey_ = false;
        }
        const bool startsGop = !packet.isConfig && packet.keyFrame;
        entries_.push_back({Entry::Kind::Unit, std::move(packet), std::chrono::steady_clock::now()});
        if (paused_)
            dropBefore(entries_.size());
        else if (overBound())
            dropped = kind_ == MediaKind::Video && startsGop ? dropBefore(entries_.size() - 1) : makeRoom();
    }
    filled_.notify_one();
    return dropped;
}

void PacketQueue::discontinuity() {
    {
        const std::lock_guard lock(mutex_);
        if (!open_)
            return;
        waitForKey_ = false;
        entries_.push_back({Entry::Kind::Discontinuity, {}, std::chrono::steady_clock::now()});
        if (overBound())
            makeRoom();
    }
    filled_.notify_one();
}

void PacketQueue::setPaused(bool paused) {
    {
        const std::lock_guard lock(mutex_);
        if (paused == paused_)
            return;
        paused_ = paused;
        waitForKey_ = !paused && kind_ == MediaKind::Video;
        if (paused)
            dropBefore(entries_.size());
    }
    filled_.notify_one();
}

std::optional<PacketQueue::Entry> PacketQueue::pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return !open_ || !entries_.empty(); });
    if (!open_)
        return std::nullopt;
    Entry entry = std::move(entries_.front());
    entries_.pop_front();
    return entry;
}

size_t PacketQueue::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

bool PacketQueue::overBound() const {
    return entries_.size() > maxUnits || std::chrono::steady_clock::now() - entries_.front().arrived > maxWait;
}

// What must outlive the dropped units is put back in front: a discontinuity, then the newest configuration.
size_t PacketQueue::dropBefore(size_t keepFrom) {
    size_t dropped = 0;
    bool discontinuity = false;
    std::optional<Entry> config;
    for (size_t i = 0; i < keepFrom; ++i) {
        Entry &entry = entries_.front();
        if (entry.kind == Entry::Kind::Discontinuity) {
            discontinuity = true;
            config.reset();
        } else if (entry.kind == Entry::Kind::Unit && entry.packet.isConfig) {
            config = std::move(entry);
        } else if (entry.kind == Entry::Kind::Unit) {
            ++dropped;
        }
        entries_.pop_front();
    }
    const auto now = std::chrono::steady_clock::now();
    if (config) {
        config->arrived = now;
        entries_.push_front(std::move(*config));
    }
    const Entry::Kind mark = discontinuity ? Entry::Kind::Discontinuity : Entry::Kind::Gap;
    entries_.push_front({mark, {}, now});
    return dropped;
}

size_t PacketQueue::makeRoom() {
    if (kind_ == MediaKind::Audio)
        return dropBefore((entries_.size() + 1) / 2);
    for (size_t i = entries_.size(); i-- > 1;) {
        const Entry &entry = entries_[i];
        if (entry.kind == Entry::Kind::Unit && entry.packet.keyFrame && !entry.packet.isConfig)
            return dropBefore(i);
    }
    waitForKey_ = true;
    return dropBefore(entries_.size());
}

} // namespace rtcroom::embedded
