#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rtcroom::embedded {

/// A run of interleaved sound without gaps whose samples are addressed by their number on a time line of the owner's.
/// Not thread-safe.
class SoundBuffer {
  public:
    explicit SoundBuffer(int channels) : channels_(static_cast<size_t>(channels)) {}

    int64_t begin() const { return begin_; }
    /// One past the last sample.
    int64_t end() const { return begin_ + static_cast<int64_t>(samples()); }
    size_t samples() const { return (data_.size() - head_) / channels_; }

    /// Adds sound that begins at `first`: a gap is filled with silence, what lies before end() is cut off. A gap above
    /// `maxGap` samples forgets what is there and begins anew.
    void append(int64_t first, std::span<const float> sound, int64_t maxGap);
    /// Copies what is there of [first, first + out.size() / channels), silence for the rest; true when the buffer
    /// reaches that far, so that nothing of it can come later.
    bool copy(int64_t first, std::span<float> out) const;
    void discardBefore(int64_t first);
    /// Forgets all and goes on at `first`.
    void reset(int64_t first);

  private:
    const size_t channels_;
    std::vector<float> data_;
    // Samples in front of it are gone; they are moved out when they are the greater part.
    size_t head_ = 0;
    int64_t begin_ = 0;
};

} // namespace rtcroom::embedded
