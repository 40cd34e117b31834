#pragma once

#include <span>
#include <vector>

#include "embedded/media/ffmpeg.h"

namespace rtcroom::embedded {

/// How channels become others, before swr_init(): one goes to both sides as loud as it was, two become one as their
/// mean, and what has more is FFmpeg's mix, made quieter so that it cannot clip. FFmpeg's own way makes one channel's
/// two sides 3 dB quieter, and lets the sum of two clip. Below 0: FFmpeg's error.
int setChannelMix(SwrContext &swr, int from, int to);

/// Brings sound of any format to interleaved float of one rate and channel count (see setChannelMix).
/// Follows changes of the input.
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
    /// From the next call on the result is shorter by this part (below 0 longer) than the rates say; up to 0.05.
    void shorten(double part) { shorter_ = part; }
    /// Forgets what is inside, for a jump in time.
    void reset() { swr_.reset(); }

  private:
    const int sampleRate_;
    const int channels_;
    void compensate();

    SwrPtr swr_;
    double shorter_ = 0;
    /// Once changed, the rate is set before each piece.
    bool compensating_ = false;
    AVSampleFormat inFormat_ = AV_SAMPLE_FMT_NONE;
    int inRate_ = 0;
    AVChannelLayout inLayout_{};
    std::vector<float> out_;
};

} // namespace rtcroom::embedded
