#pragma once

#include <span>
#include <vector>

#include "embedded/media/ffmpeg.h"

namespace rtcroom::embedded {

/// Brings sound of any format to interleaved float of one rate and channel count. Follows changes of the input.
class Resampler {
  public:
    Resampler(int sampleRate, int channels);
    ~Resampler();
    Resampler(const Resampler &) = delete;
    Resampler &operator=(const Resampler &) = delete;

    /// The result is valid until the next call. Throws EngineException(InvalidArgument) for a format that cannot be
    /// converted.
    std::span<const float> convert(AVSampleFormat format, int sampleRate, const AVChannelLayout &layout,
                                   const uint8_t *const *data, int samples);
    /// Input that is still inside, in output samples.
    int64_t delay() const;
    /// Forgets what is inside, for a jump in time.
    void reset() { swr_.reset(); }

  private:
    const int sampleRate_;
    const int channels_;
    SwrPtr swr_;
    AVSampleFormat inFormat_ = AV_SAMPLE_FMT_NONE;
    int inRate_ = 0;
    AVChannelLayout inLayout_{};
    std::vector<float> out_;
};

} // namespace rtcroom::embedded
