#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "embedded/playout/SoundStretcher.h"

using namespace rtcroom;
using embedded::SoundStretcher;

namespace {

constexpr double pi = 3.14159265358979;

/// Frames of 1024 samples of a sine, as a decoder gives them.
engine::AudioFrame sine(engine::FramePool &pool, int index, int rate, int channels, double hertz) {
    engine::AudioFrame frame;
    frame.sampleRate = rate;
    frame.channels = channels;
    frame.samples = 1024;
    frame.timestampMs = 5000 + static_cast<int64_t>(index) * 1024 * 1000 / rate;
    frame.size = static_cast<size_t>(1024 * channels * 2);
    frame.buffer = pool.acquire(frame.size);
    auto *out = reinterpret_cast<int16_t *>(frame.buffer->data());
    for (int i = 0; i < 1024; ++i)
        for (int channel = 0; channel < channels; ++channel)
            *out++ = static_cast<int16_t>(10'000 * std::sin(2 * pi * hertz * (index * 1024 + i) / rate));
    return frame;
}

} // namespace

TEST_CASE("sound is made faster, with its pitch, its timestamps and all of its time") {
    struct Kind {
        int rate, channels;
        double tempo;
    };
    for (const Kind &kind : {Kind{48000, 1, 1.125}, Kind{44100, 2, 1.25}, Kind{16000, 1, 1.05}, Kind{8000, 1, 1.125}}) {
        CAPTURE(kind.rate);
        CAPTURE(kind.tempo);
        engine::FramePool pool;
        SoundStretcher stretcher;
        std::vector<int16_t> out;
        std::vector<int64_t> starts;
        double heldMs = 0;
        const auto take = [&](const engine::AudioFrame &frame) {
            CHECK(frame.sampleRate == kind.rate);
            CHECK(frame.channels == kind.channels);
            CHECK(frame.size == static_cast<size_t>(frame.samples * kind.channels * 2));
            // Where in the stream this begins.
            const double at = 5000 + 1000 * kind.tempo * static_cast<double>(out.size()) / kind.rate;
            CHECK(std::abs(static_cast<double>(frame.timestampMs) - at) <= 1);
            const auto *samples = reinterpret_cast<const int16_t *>(frame.buffer->data());
            for (int i = 0; i < frame.samples; ++i)
                out.push_back(samples[i * kind.channels]);
        };
        const int frames = 4 * kind.rate / 1024;
        for (int i = 0; i < frames; ++i) {
            stretcher.push(sine(pool, i, kind.rate, kind.channels, 440), kind.tempo, take);
            const double fedMs = 1000.0 * (i + 1) * 1024 / kind.rate;
            heldMs = std::max(heldMs, fedMs - 1000 * kind.tempo * static_cast<double>(out.size()) / kind.rate);
        }
        CHECK(stretcher.active());
        stretcher.finish(take);
        CHECK_FALSE(stretcher.active());
        const double seconds = static_cast<double>(out.size()) / kind.rate;
        CHECK(seconds == doctest::Approx(1024.0 * frames / kind.rate / kind.tempo).epsilon(0.02));
        // Besides the frame that it waits for.
        MESSAGE(kind.rate, " Hz: holds back ", heldMs - 1024e3 / kind.rate, " ms");
        CHECK(heldMs - 1024e3 / kind.rate <= SoundStretcher::latencyMs + 40);
        int rising = 0;
        for (size_t i = 1; i < out.size(); ++i)
            rising += out[i - 1] < 0 && out[i] >= 0;
        CHECK(rising / seconds == doctest::Approx(440).epsilon(0.02));
        const auto [least, most] = std::ranges::minmax_element(out);
        CHECK(*most < 11'500);
        CHECK(*least > -11'500);
    }
}

TEST_CASE("a change of the sound's format begins anew") {
    engine::FramePool pool;
    SoundStretcher stretcher;
    std::vector<engine::AudioFrame> out;
    const auto take = [&](engine::AudioFrame frame) { out.push_back(std::move(frame)); };
    for (int i = 0; i < 40; ++i)
        stretcher.push(sine(pool, i, 48000, 1, 440), 1.125, take);
    for (int i = 40; i < 80; ++i)
        stretcher.push(sine(pool, i, 44100, 2, 440), 1.125, take);
    stretcher.finish(take);
    double seconds[2] = {};
    for (const engine::AudioFrame &frame : out) {
        CHECK((frame.sampleRate == 48000) == (frame.channels == 1));
        seconds[frame.channels - 1] += static_cast<double>(frame.samples) / frame.sampleRate;
    }
    CHECK(seconds[0] == doctest::Approx(40 * 1024 / 48000.0 / 1.125).epsilon(0.05));
    CHECK(seconds[1] == doctest::Approx(40 * 1024 / 44100.0 / 1.125).epsilon(0.05));
}
