#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "embedded/media/Resampler.h"
#include "test/support/Tone.h"

using namespace rtcroom::embedded;
using rtcroom::test::amplitudeAt;
using rtcroom::test::Tone;

namespace {

constexpr int RATE = 48000;
constexpr double HZ = 440;

/// A second of the tone, as loud as told in each channel, in the wanted channels, one after the other.
std::vector<std::vector<float>> converted(const std::vector<double> &loudness, int rate, int channels) {
    const int from = static_cast<int>(loudness.size());
    std::vector<float> sound(static_cast<size_t>(rate * from));
    for (size_t channel = 0; channel < loudness.size(); ++channel) {
        std::vector<float> one(static_cast<size_t>(rate));
        Tone(HZ, loudness[channel], rate).add(one);
        for (size_t i = 0; i < one.size(); ++i)
            sound[i * loudness.size() + channel] = one[i];
    }
    Resampler resampler(RATE, channels);
    AVChannelLayout layout{};
    av_channel_layout_default(&layout, from);
    const auto *data = reinterpret_cast<const uint8_t *>(sound.data());
    const std::span<const float> made = resampler.convert(AV_SAMPLE_FMT_FLT, rate, layout, &data, rate);
    std::vector<std::vector<float>> out(static_cast<size_t>(channels));
    for (size_t i = 0; i < made.size(); ++i)
        out[i % out.size()].push_back(made[i]);
    return out;
}

double amplitude(const std::vector<float> &sound) { return amplitudeAt(sound, HZ, RATE); }

double peak(const std::vector<float> &sound) {
    return std::abs(*std::ranges::max_element(sound, {}, [](float each) { return std::abs(each); }));
}

} // namespace

TEST_CASE("one channel is as loud in two") {
    for (const int rate : {48000, 44100}) {
        const auto out = converted({0.8}, rate, 2);
        CHECK(amplitude(out[0]) == doctest::Approx(0.8).epsilon(0.01));
        CHECK(amplitude(out[1]) == doctest::Approx(0.8).epsilon(0.01));
    }
}

TEST_CASE("two channels are in one as their mean, which cannot clip") {
    for (const int rate : {48000, 44100}) {
        const auto same = converted({0.99, 0.99}, rate, 1);
        CHECK(amplitude(same[0]) == doctest::Approx(0.99).epsilon(0.01));
        CHECK(peak(same[0]) <= 1);
        CHECK(amplitude(converted({0.8, 0}, rate, 1)[0]) == doctest::Approx(0.4).epsilon(0.01));
        // They cancel each other out.
        CHECK(amplitude(converted({0.8, -0.8}, rate, 1)[0]) < 0.001);
    }
}

TEST_CASE("channels that stay are as they were") {
    const auto out = converted({0.9, 0.3}, 44100, 2);
    CHECK(amplitude(out[0]) == doctest::Approx(0.9).epsilon(0.01));
    CHECK(amplitude(out[1]) == doctest::Approx(0.3).epsilon(0.01));
}

TEST_CASE("more channels than two cannot clip either") {
    for (const int channels : {1, 2})
        for (const auto &each : converted(std::vector<double>(6, 0.99), RATE, channels)) {
            CHECK(peak(each) <= 1);
            CHECK(amplitude(each) > 0.5);
        }
}
