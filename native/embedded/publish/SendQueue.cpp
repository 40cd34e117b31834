#include "embedded/publish/SendQueue.h"

#include <utility>

#include "embedded/rtmp/FlvTagHeader.h"

namespace rtcroom::embedded {

namespace {

// The length of an RTMP message has 24 bits.
constexpr size_t maxPacket = 0xffffff - FlvTagHeader::maxSize;

bool isVideo(const EncodedPacket &packet) { return packet.kind == MediaKind::Video && !packet.isConfig; }

} // namespace

void SendQueue::open() {
    const std::lock_guard lock(mutex_);
    entries_.clear();
    bytes_ = 0;
    open_ = true;
    waitsForKeyFrame_ = true;
    for (const auto &config : {videoConfig_, audioConfig_})
        if (config) {
            entries_.push_back({*config, Clock::now()});
            bytes_ += config->data->size();
        }
}

void SendQueue::close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
    entries_.clear();
    bytes_ = 0;
}

void SendQueue::forgetConfigs() {
    const std::lock_guard lock(mutex_);
    videoConfig_.reset();
    audioConfig_.reset();
}

SendQueue::PushResult SendQueue::push(EncodedPacket packet, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    if (!packet.data || packet.data->empty())
        return PushResult::Discarded;
    if (packet.data->size() > maxPacket) {
        ++dropped_;
        if (!isVideo(packet) || !open_)
            return PushResult::Discarded;
        // What follows would refer to it.
        return std::exchange(waitsForKeyFrame_, true) ? PushResult::Discarded : PushResult::KeyFrameWanted;
    }
    if (packet.isConfig)
        (packet.kind == MediaKind::Video ? videoConfig_ : audioConfig_) = packet;
    if (!open_)
        return PushResult::Discarded;
    if (isVideo(packet) && waitsForKeyFrame_) {
        if (!packet.keyFrame) {
            ++dropped_;
            return PushResult::Discarded;
        }
        waitsForKeyFrame_ = false;
    }
    bytes_ += packet.data->size();
    entries_.push_back({std::move(packet), now});
    return isFull(now) && makeRoom(now) ? PushResult::KeyFrameWanted : PushResult::Queued;
}

std::optional<EncodedPacket> SendQueue::pop() {
    const std::lock_guard lock(mutex_);
    if (entries_.empty())
        return std::nullopt;
    EncodedPacket packet = std::move(entries_.front().packet);
    entries_.pop_front();
    bytes_ -= packet.data->size();
    return packet;
}

bool SendQueue::empty() const {
    const std::lock_guard lock(mutex_);
    return entries_.empty();
}

SendQueue::State SendQueue::state(Clock::time_point now) const {
    const std::lock_guard lock(mutex_);
    State out;
    out.packets = static_cast<int>(entries_.size());
    out.bytes = bytes_;
    out.dropped = dropped_;
    if (!entries_.empty())
        out.ageMs = std::chrono::duration_cast<std::chrono::milliseconds>(now - entries_.front().since).count();
    return out;
}

bool SendQueue::isFull(Clock::time_point now) const {
    return bytes_ > maxBytes || isLate(MediaKind::Video, now) || isLate(MediaKind::Audio, now);
}

bool SendQueue::isLate(MediaKind kind, Clock::time_point now) const {
    for (const Entry &entry : entries_) {
        if (now - entry.since <= maxAge)
            return false;
        if (entry.packet.kind == kind && !entry.packet.isConfig)
            return true;
    }
    return false;
}

bool SendQueue::makeRoom(Clock::time_point now) {
    for (size_t i = entries_.size(); i-- > 0;)
        if (isVideo(entries_[i].packet) && entries_[i].packet.keyFrame) {
            dropVideoBefore(i);
            break;
        }
    bool keyFrameWanted = false;
    if (bytes_ > maxBytes || isLate(MediaKind::Video, now)) {
        dropVideoBefore(entries_.size());
        keyFrameWanted = !std::exchange(waitsForKeyFrame_, true);
    }
    for (size_t i = 0; i < entries_.size() && (bytes_ > maxBytes || isLate(MediaKind::Audio, now));) {
        if (entries_[i].packet.isConfig) {
            ++i;
            continue;
        }
        bytes_ -= entries_[i].packet.data->size();
        entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i));
        ++dropped_;
    }
    return keyFrameWanted;
}

void SendQueue::dropVideoBefore(size_t end) {
    std::deque<Entry> kept;
    for (size_t i = 0; i < entries_.size(); ++i) {
        Entry &entry = entries_[i];
        if (i < end && isVideo(entry.packet)) {
            bytes_ -= entry.packet.data->size();
            ++dropped_;
        } else {
            kept.push_back(std::move(entry));
        }
    }
    entries_ = std::move(kept);
}

} // namespace rtcroom::embedded
