#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <thread>
#include <vector>

#include "embedded/media/SoundVolume.h"
#include "engine/Error.h"

using namespace rtcroom;
using embedded::SoundVolume;

namespace {

constexpr int RATE = 48000;

/// A second of 480 Hz with that RMS.
std::vector<float> sine(double rmsDb) {
    const double amplitude = std::pow(10, rmsDb / 20) * std::numbers::sqrt2;
    std::vector<float> samples(RATE);
    for (size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * static_cast<double>(i) / 100));
    return samples;
}

void applyInBlocks(SoundVolume &volume, std::vector<float> &samples) {
    for (size_t at = 0; at < samples.size(); at += 960)
        volume.apply(std::span(samples).subspan(at, 960), RATE);
}

float peakFrom(const std::vector<float> &samples, size_t from) {
    float peak = 0;
    for (size_t i = from; i < samples.size(); ++i)
        peak = std::max(peak, std::abs(samples[i]));
    return peak;
}

} // namespace

TEST_CASE("a level is the decibels of the RMS, from -60 to 0") {
    for (const auto &[decibels, level] : {std::pair{-3.01, 95}, {-20.0, 67}, {-40.0, 33}, {-59.0, 2}, {-70.0, 0}}) {
        CAPTURE(decibels);
        SoundVolume volume;
        CHECK(volume.level() == 0);
        auto samples = sine(decibels);
        applyInBlocks(volume, samples);
        CHECK(volume.level() == level);
        // As it is: nothing is touched.
        CHECK(samples == sine(decibels));
    }
    SoundVolume loudest;
    std::vector<int16_t> square(RATE, -32768);
    loudest.apply(square, RATE);
    CHECK(loudest.level() == 100);
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    CHECK(loudest.level() == 0);
    SoundVolume silent;
    std::vector<float> nothing(RATE);
    silent.apply(nothing, RATE);
    silent.apply(std::span<float>(), RATE);
    CHECK(silent.level() == 0);
}

TEST_CASE("a volume scales amplitudes, without a step") {
    SoundVolume volume;
    auto before = sine(-20);
    applyInBlocks(volume, before);
    volume.set(SoundVolume::MAX / 5);
    CHECK(volume.value() == 13107);
    auto after = sine(-20);
    applyInBlocks(volume, after);
    const float full = peakFrom(before, 0);
    // The first block goes over to it.
    CHECK(peakFrom(after, 960) == doctest::Approx(full / 5).epsilon(0.001));
    CHECK(volume.level() == doctest::Approx(100 * (1 - (20 + 13.98) / 60)).epsilon(0.02));
    const auto untouched = sine(-20);
    float step = 0, usual = 0;
    for (size_t i = 1; i < 2000; ++i) {
        step = std::max(step, std::abs(after[i] - after[i - 1]));
        usual = std::max(usual, std::abs(untouched[i] - untouched[i - 1]));
    }
    CHECK(step <= usual * 1.01F);
    volume.set(0);
    std::vector<int16_t> pcm(12000, 20000);
    volume.apply(std::span(pcm).first(960), RATE);
    volume.apply(std::span(pcm).subspan(960, 4800), RATE);
    volume.apply(std::span(pcm).subspan(5760), RATE);
    CHECK(pcm[0] < 4000);
    CHECK(pcm[960] == 0);
    CHECK(pcm.back() == 0);
    CHECK(volume.level() == 0);
    volume.set(SoundVolume::MAX);
    std::vector<int16_t> again(9600, -32768);
    volume.apply(std::span(again).first(4800), RATE);
    volume.apply(std::span(again).subspan(4800), RATE);
    CHECK(again.back() == -32768);
}

TEST_CASE("a volume out of its range is refused and the old one stays") {
    SoundVolume volume;
    volume.set(1000);
    for (const int wrong : {-1, SoundVolume::MAX + 1, INT32_MIN, INT32_MAX})
        CHECK_THROWS_AS(volume.set(wrong), engine::EngineException);
    CHECK(volume.value() == 1000);
}
