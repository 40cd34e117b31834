#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <deque>
#include <functional>
#include <numbers>
#include <random>
#include <vector>

#include "engine/Error.h"
#include "sound/FarEnd.h"
#include "sound/SoundProcessor.h"
#include "sound/SoundStream.h"
#include "test/support/Tone.h"

using namespace rtcroom;
using sound::DEVICE_BLOCK;
using sound::FarEnd;
using sound::SoundProcessor;

namespace {

using Block = std::array<float, DEVICE_BLOCK>;

/// Something like speech: syllables of different length, loudness and vowel, over a voice or a breath, with pauses.
class Speech {
  public:
    explicit Speech(unsigned seed) : random_(seed) {}
    void fill(std::span<float> out, double amplitude) {
        for (float &sample : out) {
            if (--left_ <= 0)
                nextSyllable();
            pitch_ += hz_ / sound::DEVICE_RATE;
            const bool glottis = pitch_ >= 1;
            pitch_ -= glottis ? 1 : 0;
            const double source = voiced_ ? (glottis ? 8 : 0) : noise_(random_);
            double sum = 0;
            for (Formant &formant : formants_)
                sum += formant.step(source);
            const double shape = std::sin(std::numbers::pi * left_ / length_);
            sample = static_cast<float>(std::clamp(amplitude * loud_ * shape * sum, -0.99, 0.99));
        }
    }

  private:
    struct Formant {
        double a = 0, b = 0, y1 = 0, y2 = 0;
        void set(double hz, double width) {
            const double r = std::exp(-std::numbers::pi * width / sound::DEVICE_RATE);
            a = 2 * r * std::cos(2 * std::numbers::pi * hz / sound::DEVICE_RATE);
            b = -r * r;
        }
        double step(double x) {
            const double y = 0.05 * x + a * y1 + b * y2;
            y2 = y1;
            y1 = y;
            return y;
        }
    };

    double between(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
    void nextSyllable() {
        length_ = left_ = static_cast<int>(between(0.07, 0.3) * sound::DEVICE_RATE);
        loud_ = between(0, 1) < 0.2 ? 0 : between(0.3, 1);
        voiced_ = between(0, 1) < 0.7;
        hz_ = between(90, 220);
        formants_[0].set(between(250, 900), 100);
        formants_[1].set(between(900, 2400), 150);
        formants_[2].set(between(2400, 5000), 300);
    }

    std::mt19937 random_;
    std::normal_distribution<double> noise_{0, 0.5};
    std::array<Formant, 3> formants_;
    int left_ = 0;
    int length_ = 1;
    double loud_ = 0;
    double hz_ = 120;
    double pitch_ = 0;
    bool voiced_ = true;
};

/// A room where the loudspeaker is heard by the microphone, later and with another gain, and again from a wall.
class Room {
  public:
    Room(int delayMs, float gain) : delay_(static_cast<size_t>(delayMs * 48)), gain_(gain) {
        past_.assign(delay_ + 480, 0.0F);
    }
    void add(std::span<const float> played, std::span<float> microphone) {
        for (size_t i = 0; i < played.size(); ++i) {
            past_.push_back(played[i]);
            past_.pop_front();
            microphone[i] += gain_ * past_[past_.size() - 1 - delay_] + gain_ / 3 * past_.front();
        }
    }

  private:
    const size_t delay_;
    const float gain_;
    std::deque<float> past_;
};

/// Plays, hears and processes for so long; what went in and came out of the last second.
struct Second {
    std::vector<float> in, near, out;
};
Second run(SoundProcessor &processor, FarEnd::Voice &voice, Room &room, double seconds,
           const std::function<void(std::span<float>)> &far, const std::function<void(std::span<float>)> &near) {
    Second last;
    for (int i = 0; i < static_cast<int>(seconds * 100); ++i) {
        Block played{}, spoken{}, heard{};
        far(played);
        near(spoken);
        voice.play(played, 1);
        heard = spoken;
        room.add(played, heard);
        const Block before = heard;
        processor.process(heard, 1);
        if (i < static_cast<int>(seconds * 100) - 100)
            continue;
        last.in.insert(last.in.end(), before.begin(), before.end());
        last.near.insert(last.near.end(), spoken.begin(), spoken.end());
        last.out.insert(last.out.end(), heard.begin(), heard.end());
    }
    return last;
}

double decibels(double ratio) { return 20 * std::log10(ratio); }
const auto silent = [](std::span<float>) {};

} // namespace

TEST_CASE("the echo of what is played is taken out of the microphone, the voice beside it is kept") {
    REQUIRE(SoundProcessor::unsupported() == nullptr);
    for (const auto &[delayMs, gain] : {std::pair{20, 0.5F}, {80, 0.3F}, {160, 0.5F}}) {
        CAPTURE(delayMs);
        SoundProcessor processor(SoundProcessor::Echo);
        const auto voice = FarEnd::instance().addVoice();
        Room room(delayMs, gain);
        Speech far(1), near(2);
        const auto speak = [&](std::span<float> out) { far.fill(out, 0.3); };
        const Second echo = run(processor, *voice, room, 15, speak, silent);
        REQUIRE(test::rms(echo.in) > 0.01);
        const double reduction = decibels(test::rms(echo.in) / std::max(1e-6, test::rms(echo.out)));
        MESSAGE("echo after ", delayMs, " ms: ", reduction, " dB less");
        CHECK(reduction >= 20);
        const Second alone =
            run(processor, *voice, room, 4, silent, [&](std::span<float> out) { near.fill(out, 0.3); });
        const double kept = decibels(test::rms(alone.out) / test::rms(alone.near));
        MESSAGE("voice alone: ", kept, " dB");
        CHECK(kept > -3);
        CHECK(kept < 3);
        const Second both = run(processor, *voice, room, 4, speak, [&](std::span<float> out) { near.fill(out, 0.6); });
        const double through = decibels(test::rms(both.out) / test::rms(both.near));
        MESSAGE("voice over the echo: ", through, " dB");
        CHECK(through > -9);
    }
}

TEST_CASE("without echo cancellation the echo stays") {
    SoundProcessor processor(0);
    const auto voice = FarEnd::instance().addVoice();
    Room room(60, 0.5F);
    Speech far(1);
    const Second echo = run(
        processor, *voice, room, 5, [&](std::span<float> out) { far.fill(out, 0.3); }, silent);
    CHECK(echo.in == echo.out);
}

TEST_CASE("two loudspeakers are one echo, and one that ends is forgotten") {
    SoundProcessor processor(SoundProcessor::Echo);
    auto first = FarEnd::instance().addVoice();
    const auto second = FarEnd::instance().addVoice();
    Room room(40, 0.4F);
    Speech one(1), two(5);
    Second last;
    for (int i = 0; i < 1500; ++i) {
        Block a{}, b{}, sum{}, heard{};
        one.fill(a, 0.2);
        two.fill(b, 0.2);
        for (size_t k = 0; k < sum.size(); ++k)
            sum[k] = a[k] + b[k];
        first->play(a, 1);
        second->play(b, 1);
        room.add(sum, heard);
        const Block before = heard;
        processor.process(heard, 1);
        if (i >= 1400) {
            last.in.insert(last.in.end(), before.begin(), before.end());
            last.out.insert(last.out.end(), heard.begin(), heard.end());
        }
    }
    CHECK(decibels(test::rms(last.in) / std::max(1e-6, test::rms(last.out))) >= 20);
    first.reset();
    Block heard{};
    second->play(heard, 1);
    processor.process(heard, 1);
}

TEST_CASE("steady noise is suppressed, and a quiet voice made louder") {
    const auto voice = FarEnd::instance().addVoice();
    Room room(40, 0);
    std::mt19937 random(3);
    std::normal_distribution<float> noise(0, 0.02F);
    SoundProcessor quieter(SoundProcessor::Noise);
    const Second hiss = run(quieter, *voice, room, 10, silent, [&](std::span<float> out) {
        for (float &sample : out)
            sample = noise(random);
    });
    MESSAGE("noise: ", decibels(test::rms(hiss.out) / test::rms(hiss.in)), " dB");
    CHECK(decibels(test::rms(hiss.out) / test::rms(hiss.in)) < -8);
    SoundProcessor louder(SoundProcessor::Gain);
    Speech near(2);
    const Second soft = run(louder, *voice, room, 20, silent, [&](std::span<float> out) { near.fill(out, 0.03); });
    MESSAGE("quiet voice: ", decibels(test::rms(soft.out) / test::rms(soft.in)), " dB");
    CHECK(decibels(test::rms(soft.out) / test::rms(soft.in)) > 6);
}

TEST_CASE("blocks of another size are left alone") {
    SoundProcessor processor;
    std::vector<float> odd(123, 0.5F);
    processor.process(odd, 1);
    CHECK(odd == std::vector<float>(123, 0.5F));
    std::vector<float> stereo(static_cast<size_t>(DEVICE_BLOCK) * 2, 0.1F);
    processor.process(stereo, 2);
    processor.process(stereo, 3);
    CHECK(stereo.size() == static_cast<size_t>(DEVICE_BLOCK) * 2);
}
