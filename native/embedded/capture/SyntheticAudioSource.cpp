#include "embedded/capture/SyntheticAudioSource.h"

#include <cmath>
#include <numbers>

namespace rtcroom::embedded {

ReadResult SyntheticAudioSource::read(int64_t startUs, std::span<float> out, bool) {
    constexpr double BEEP_US = 60'000;
    constexpr double AMPLITUDE = 0.5;
    constexpr double FREQUENCY_HZ = 1000;
    const auto phaseUs = static_cast<double>(startUs % 1'000'000);
    const size_t channels = static_cast<size_t>(channels_);
    for (size_t i = 0; i < out.size() / channels; ++i) {
        const double inSecondUs = std::fmod(phaseUs + static_cast<double>(i) * 1e6 / sampleRate_, 1e6);
        const double value =
            inSecondUs < BEEP_US ? AMPLITUDE * std::sin(2 * std::numbers::pi * FREQUENCY_HZ * inSecondUs / 1e6) : 0;
        for (size_t channel = 0; channel < channels; ++channel)
            out[i * channels + channel] = static_cast<float>(value);
    }
    return ReadResult::Ready;
}

} // namespace rtcroom::embedded
