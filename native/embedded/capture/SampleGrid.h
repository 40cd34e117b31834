#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "embedded/capture/AudioSource.h"
#include "embedded/media/SoundBuffer.h"

namespace rtcroom::embedded {

/// Numbers of samples for times of engine::clockMicros().
struct SampleGrid {
    int sampleRate;
    int64_t baseUs;

    int64_t toSample(int64_t clockUs) const {
        return std::llround(static_cast<double>(clockUs - baseUs) * sampleRate / 1e6);
    }
    int64_t toClockUs(int64_t sample) const { return baseUs + sample * 1'000'000 / sampleRate; }

    /// As AudioSource::read, from sound that lies on the grid; what was read is forgotten.
    ReadResult read(SoundBuffer &sound, size_t channels, int64_t startUs, std::span<float> out, bool final) const {
        int64_t first = toSample(startUs);
        // Block starts are rounded to µs; do not let that repeat or lose a sample.
        if (std::llabs(first - sound.begin()) <= 1)
            first = sound.begin();
        if (!sound.copy(first, out) && !final)
            return ReadResult::NotYet;
        sound.discardBefore(first + static_cast<int64_t>(out.size() / channels));
        return ReadResult::Ready;
    }
};

} // namespace rtcroom::embedded
