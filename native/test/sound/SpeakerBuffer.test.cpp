#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "embedded/playout/SpeakerBuffer.h"
#include "sound/SoundStream.h"
#include "test/support/Tone.h"

using namespace rtcroom;
using embedded::SpeakerBuffer;

namespace {

constexpr int channels = SpeakerBuffer::channels;

/// A player and a loudspeaker in time that only the test moves on; what is heard, of the left channel.
struct VirtualSpeaker {
    explicit VirtualSpeaker(double faster = 0, int rate = 48000) : deviceFaster(faster), frameRate(rate) {}

    /// How much faster than the clock the loudspeaker is.
    const double deviceFaster;
    static constexpr int frameSamples = 1024;
    const int frameRate;

    SpeakerBuffer buffer;
    std::vector<float> heard;
    /// Writes are late by this, when it is set.
    double lateUs = 0;

    void run(double seconds) {
        const double frameUs = 1e6 * frameSamples / frameRate;
        const double blockUs = 1e6 * sound::DEVICE_BLOCK / sound::DEVICE_RATE / (1 + deviceFaster);
        const double end = now_ + seconds * 1e6;
        while (now_ < end) {
            if (nextWrite_ + lateUs <= nextRead_) {
                now_ = nextWrite_ + lateUs;
                buffer.write(frame(), static_cast<int64_t>(now_));
                nextWrite_ += frameUs;
            } else {
                now_ = nextRead_;
                std::vector<float> block(static_cast<size_t>(sound::DEVICE_BLOCK) * channels);
                buffer.read(block, static_cast<int64_t>(now_));
                for (size_t i = 0; i < block.size(); i += channels)
                    heard.push_back(block[i]);
                nextRead_ += blockUs;
            }
        }
    }

    engine::AudioFrame frame() {
        std::vector<float> sound(static_cast<size_t>(frameSamples), 0.0F);
        tone_.add(sound);
        engine::AudioFrame made;
        made.sampleRate = frameRate;
        made.channels = 1;
        made.samples = frameSamples;
        made.size = sound.size() * 2;
        made.buffer = pool_.acquire(made.size);
        auto *out = reinterpret_cast<int16_t *>(made.buffer->data());
        for (const float sample : sound)
            *out++ = static_cast<int16_t>(std::lround(sample * 32767));
        return made;
    }

    /// Of the last seconds, the largest step from sample to sample: of a tone of 440 Hz at 0.5 it is 0.029.
    double largestStep(double seconds) const {
        double largest = 0;
        for (size_t i = heard.size() - static_cast<size_t>(seconds * sound::DEVICE_RATE); i < heard.size(); ++i)
            largest = std::max(largest, std::abs(static_cast<double>(heard[i]) - heard[i - 1]));
        return largest;
    }

  private:
    double now_ = 1e6;
    double nextWrite_ = 1e6;
    double nextRead_ = 1.003e6;
    test::Tone tone_{440, 0.5, 48000};
    engine::FramePool pool_{16};
};

} // namespace

TEST_CASE("a loudspeaker whose clock differs plays without a gap and keeps its distance") {
    for (const double faster : {0.0, 0.0002, -0.0002, 0.003, -0.003}) {
        CAPTURE(faster);
        VirtualSpeaker speaker(faster);
        speaker.run(60);
        CHECK(speaker.buffer.underruns() == 0);
        CHECK(speaker.buffer.leadMs() == 40);
        CHECK(speaker.largestStep(55) < 0.032);
        // In the device's samples the tone is as high as its clock is slow; in time it is 440 Hz.
        const std::span<const float> last(speaker.heard.end() - 48000 * 4, speaker.heard.end());
        CHECK(test::amplitudeAt(last, 440 / (1 + faster), 48000) == doctest::Approx(0.5).epsilon(0.03));
    }
}

TEST_CASE("sound that comes too late once raises the lead, and then plays without a gap") {
    VirtualSpeaker speaker;
    speaker.run(5);
    REQUIRE(speaker.buffer.underruns() == 0);
    speaker.lateUs = 30'000;
    speaker.run(5);
    CHECK(speaker.buffer.underruns() >= 1);
    CHECK(speaker.buffer.leadMs() > 40);
    CHECK(speaker.buffer.leadMs() <= 100);
    const uint64_t before = speaker.buffer.underruns();
    speaker.run(20);
    CHECK(speaker.buffer.underruns() == before);
    CHECK(speaker.largestStep(15) < 0.032);
}

TEST_CASE("sound of other rates comes out at the device's") {
    VirtualSpeaker speaker(0, 8000);
    speaker.run(10);
    // The tone is made for 48 kHz: of 8 kHz it is a sixth as high.
    const std::span<const float> last(speaker.heard.end() - 48000 * 3, speaker.heard.end());
    CHECK(test::amplitudeAt(last, 440.0 / 6, 48000) == doctest::Approx(0.5).epsilon(0.05));
}

TEST_CASE("the loudspeaker's own volume scales what is heard") {
    VirtualSpeaker speaker;
    speaker.buffer.volume().set(SpeakerBuffer().volume().value() / 4);
    speaker.run(5);
    const std::span<const float> last(speaker.heard.end() - 48000 * 2, speaker.heard.end());
    CHECK(test::amplitudeAt(last, 440, 48000) == doctest::Approx(0.125).epsilon(0.05));
    CHECK_THROWS(speaker.buffer.volume().set(65536));
}

TEST_CASE("a loudspeaker that nothing is written to is silent") {
    SpeakerBuffer buffer;
    std::vector<float> block(static_cast<size_t>(sound::DEVICE_BLOCK) * channels, 0.7F);
    buffer.read(block, 1'000'000);
    CHECK(test::rms(block) == 0);
}
