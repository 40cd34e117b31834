#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>

namespace rtcroom::test {

/// Adds a sine to interleaved sound and goes on where it ended.
class Tone {
  public:
    Tone(double hz, double amplitude, int sampleRate, int channels = 1)
        : step_(2 * std::numbers::pi * hz / sampleRate), amplitude_(amplitude), channels_(channels) {}
    void add(std::span<float> out) {
        for (size_t i = 0; i < out.size(); i += static_cast<size_t>(channels_), phase_ += step_)
            for (int channel = 0; channel < channels_; ++channel)
                out[i + static_cast<size_t>(channel)] += static_cast<float>(amplitude_ * std::sin(phase_));
    }

  private:
    const double step_;
    const double amplitude_;
    const int channels_;
    double phase_ = 0;
};

/// The amplitude of a frequency in a piece of one channel.
inline double amplitudeAt(std::span<const float> sound, double hz, int sampleRate) {
    double re = 0, im = 0;
    const double step = 2 * std::numbers::pi * hz / sampleRate;
    for (size_t i = 0; i < sound.size(); ++i) {
        // A Hann window, so that what is beside the frequency does not leak.
        const double window =
            1 - std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(sound.size()));
        re += window * sound[i] * std::cos(step * static_cast<double>(i));
        im += window * sound[i] * std::sin(step * static_cast<double>(i));
    }
    return 2 * std::hypot(re, im) / static_cast<double>(sound.size());
}

inline double rms(std::span<const float> sound) {
    double sum = 0;
    for (const float sample : sound)
        sum += static_cast<double>(sample) * sample;
    return sound.empty() ? 0 : std::sqrt(sum / static_cast<double>(sound.size()));
}

} // namespace rtcroom::test
