#pragma once

#include "embedded/capture/AudioSource.h"

namespace rtcroom::embedded {

/// Silence with a beep (1000 Hz sine, amplitude 0.5, 60 ms) that begins exactly where clockMicros() crosses a whole
/// second, so that sound can be measured against the clock in the picture.
class SyntheticAudioSource final : public AudioSource {
  public:
    SyntheticAudioSource(int sampleRate, int channels) : sampleRate_(sampleRate), channels_(channels) {}
    ReadResult read(int64_t startUs, std::span<float> out, bool final) override;

  private:
    const int sampleRate_;
    const int channels_;
};

} // namespace rtcroom::embedded
