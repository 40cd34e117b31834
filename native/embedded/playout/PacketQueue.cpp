#include "embedded/playout/PacketQueue.h"

#include <algorithm>
#include <iterator>

namespace rtcroom::embedded {

void PacketQueue::clear() {
    entries_.clear();
    waitForKey_ = false;
}

size_t PacketQueue::push(Entry entry) {
    if (entry.kind == Entry::Kind::Discontinuity)
        waitForKey_ = false;
    if (entry.coded()) {
        if (paused_)
            return 0;
        if (waitForKey_ && !entry.packet.keyFrame)
            return 1;
        waitForKey_ = false;
    }
    entries_.push_back(std::move(entry));
    if (paused_)
        dropFirst(entries_.size());
    return 0;
}

size_t PacketQueue::makeRoom() {
    if (kind_ == MediaKind::Audio)
        return dropFirst((entries_.size() + 1) / 2);
    for (size_t i = entries_.size(); i-- > 1;)
        if (entries_[i].coded() && entries_[i].packet.keyFrame)
            return dropFirst(i);
    waitForKey_ = true;
    return dropFirst(entries_.size());
}

size_t PacketQueue::dropBefore(double mediaMs) {
    const auto first = std::ranges::find_if(entries_, [&](const Entry &entry) {
        return entry.coded() && entry.mediaMs >= mediaMs && (kind_ == MediaKind::Audio || entry.packet.keyFrame);
    });
    const auto count = static_cast<size_t>(std::distance(entries_.begin(), first));
    return count > 0 ? dropFirst(count) : 0;
}

std::optional<double> PacketQueue::newestKeyFrame(double mediaMs) const {
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry)
        if (entry->coded() && entry->packet.keyFrame && entry->mediaMs <= mediaMs)
            return entry->mediaMs;
    return std::nullopt;
}

void PacketQueue::setPaused(bool paused) {
    if (paused == paused_)
        return;
    paused_ = paused;
    waitForKey_ = !paused && kind_ == MediaKind::Video;
    if (paused)
        dropFirst(entries_.size());
}

const PacketQueue::Entry *PacketQueue::frontUnit() const {
    const auto found = std::ranges::find_if(entries_, [](const Entry &entry) { return entry.coded(); });
    return found == entries_.end() ? nullptr : &*found;
}

size_t PacketQueue::count(const std::function<bool(const Entry &)> &holds) const {
    return static_cast<size_t>(
        std::ranges::count_if(entries_, [&](const Entry &entry) { return entry.coded() && holds(entry); }));
}

PacketQueue::Entry PacketQueue::pop() {
    Entry entry = std::move(entries_.front());
    entries_.pop_front();
    return entry;
}

// What must outlive the dropped units is put back in front: a discontinuity, then the newest configuration.
size_t PacketQueue::dropFirst(size_t count) {
    size_t dropped = 0;
    bool discontinuity = false;
    std::optional<Entry> config;
    for (size_t i = 0; i < count; ++i) {
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
    if (config)
        entries_.push_front(std::move(*config));
    entries_.push_front({.kind = discontinuity ? Entry::Kind::Discontinuity : Entry::Kind::Gap});
    return dropped;
}

} // namespace rtcroom::embedded
