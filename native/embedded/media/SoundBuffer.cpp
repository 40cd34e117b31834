#include "embedded/media/SoundBuffer.h"

#include <algorithm>

namespace rtcroom::embedded {

void SoundBuffer::append(int64_t first, std::span<const float> sound, int64_t maxGap) {
    int64_t gap = first - end();
    if (gap > maxGap) {
        reset(first);
        gap = 0;
    }
    if (gap > 0)
        data_.resize(data_.size() + static_cast<size_t>(gap) * channels_, 0.0F);
    const size_t cut = gap < 0 ? std::min(sound.size(), static_cast<size_t>(-gap) * channels_) : 0;
    data_.insert(data_.end(), sound.begin() + static_cast<ptrdiff_t>(cut), sound.end());
}

bool SoundBuffer::copy(int64_t first, std::span<float> out) const {
    const int64_t wanted = static_cast<int64_t>(out.size() / channels_);
    const int64_t from = std::clamp(begin_, first, first + wanted);
    const int64_t to = std::clamp(end(), from, first + wanted);
    std::fill(out.begin(), out.end(), 0.0F);
    if (to > from) {
        const size_t offset = head_ + static_cast<size_t>(from - begin_) * channels_;
        std::copy_n(data_.begin() + static_cast<ptrdiff_t>(offset), static_cast<size_t>(to - from) * channels_,
                    out.begin() + static_cast<ptrdiff_t>(static_cast<size_t>(from - first) * channels_));
    }
    return end() >= first + wanted;
}

void SoundBuffer::discardBefore(int64_t first) {
    if (first <= begin_)
        return;
    if (first >= end()) {
        reset(first);
        return;
    }
    head_ += static_cast<size_t>(first - begin_) * channels_;
    begin_ = first;
    if (head_ > data_.size() / 2) {
        data_.erase(data_.begin(), data_.begin() + static_cast<ptrdiff_t>(head_));
        head_ = 0;
    }
}

void SoundBuffer::reset(int64_t first) {
    data_.clear();
    head_ = 0;
    begin_ = first;
}

} // namespace rtcroom::embedded
