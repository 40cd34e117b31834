#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "embedded/media/SoundOutput.h"

using namespace rtcroom::embedded;
namespace engine = rtcroom::engine;

namespace {

constexpr double TONE_HZ = 440;
constexpr double LOUDNESS = 12000;

/// A tone that goes through all frames by the stream's time, the right side without sound.
engine::AudioFrame tone(int64_t beginMs, int ms, int sampleRate, int channels) {
    engine::AudioFrame frame;
    frame.sampleRate = sampleRate;
    frame.channels = channels;
    frame.samples = sampleRate * ms / 1000;
    frame.timestampMs = beginMs;
    frame.decodedAtUs = beginMs * 7;
    frame.size = static_cast<size_t>(frame.samples * channels) * 2;
    frame.buffer = std::make_shared<engine::FrameBuffer>(frame.size);
    auto *out = reinterpret_cast<int16_t *>(frame.buffer->data());
    for (int i = 0; i < frame.samples; ++i) {
        const double at = static_cast<double>(beginMs) / 1000 + static_cast<double>(i) / sampleRate;
        *out++ = static_cast<int16_t>(std::lround(LOUDNESS * std::sin(2 * std::numbers::pi * TONE_HZ * at)));
        if (channels == 2)
            *out++ = 0;
    }
    return frame;
}

/// The tone's samples of one side by the frames' time stamps; how far the worst is from the tone, in parts of it.
struct Heard {
    std::vector<engine::AudioFrame> frames{};

    SoundOutput::Sink sink() {
        return [this](engine::AudioFrame frame) { frames.push_back(std::move(frame)); };
    }
    int64_t samples() const {
        int64_t sum = 0;
        for (const auto &frame : frames)
            sum += frame.samples;
        return sum;
    }
    const int16_t *data(const engine::AudioFrame &frame) const {
        return reinterpret_cast<const int16_t *>(frame.buffer->data());
    }
    /// From the first frame's time stamp on, all others following it without a gap; but for the first and last 10 ms.
    double worst(double loudness, int side = 0) const {
        double at = static_cast<double>(frames.front().timestampMs) / 1000;
        const double first = at;
        const double end = static_cast<double>(frames.back().timestampMs) / 1000;
        double out = 0;
        for (const auto &frame : frames) {
            CHECK(std::abs(static_cast<double>(frame.timestampMs) / 1000 - at) <= 0.0025);
            for (int i = 0; i < frame.samples; ++i, at += 1.0 / frame.sampleRate) {
                if (at < first + 0.01 || at > end - 0.01)
                    continue;
                const double wanted = loudness * std::sin(2 * std::numbers::pi * TONE_HZ * at);
                out = std::max(out, std::abs(data(frame)[i * frame.channels + side] - wanted) / LOUDNESS);
            }
        }
        return out;
    }
};

} // namespace

TEST_CASE("sound that is asked for as it is goes on as it is, in the same memory") {
    SoundOutput output;
    for (const engine::OutputAudioOptions &options :
         {engine::OutputAudioOptions{}, engine::OutputAudioOptions{48000, 1}}) {
        output.set(true, options);
        Heard heard;
        const auto frame = tone(5, 20, 48000, 1);
        output.pass(frame, heard.sink());
        REQUIRE(heard.frames.size() == 1);
        CHECK(heard.frames[0].buffer == frame.buffer);
        CHECK(heard.frames[0].timestampMs == 5);
    }
}

TEST_CASE("sound comes at the rate that was asked for, at its time, without seams between its frames") {
    struct Way {
        int from;
        int to;
    };
    for (const Way &way :
         {Way{48000, 16000}, Way{48000, 44100}, Way{44100, 48000}, Way{16000, 48000}, Way{8000, 22050}}) {
        CAPTURE(way.from);
        CAPTURE(way.to);
        SoundOutput output;
        output.set(true, {way.to, 0});
        Heard heard;
        for (int i = 0; i < 50; ++i)
            output.pass(tone(1000 + i * 20, 20, way.from, 1), heard.sink());
        CHECK(std::abs(heard.samples() - way.to) < way.to / 100);
        CHECK(heard.frames.front().timestampMs == 1000);
        CHECK(heard.frames.front().decodedAtUs == 7000);
        // 1 ms of a time stamp is 2.7 of the tone: what the first one rounds away.
        CHECK(heard.worst(LOUDNESS) < 0.05);
    }
}

TEST_CASE("two sides become their mean, and one both, as loud as it was") {
    SoundOutput output;
    output.set(true, {0, 1});
    Heard mean;
    output.pass(tone(0, 100, 48000, 2), mean.sink());
    REQUIRE(mean.frames.size() == 1);
    CHECK(mean.frames[0].channels == 1);
    CHECK(mean.worst(LOUDNESS / 2) < 0.01);
    output.set(true, {24000, 2});
    Heard both;
    for (int i = 0; i < 10; ++i)
        output.pass(tone(i * 20, 20, 48000, 1), both.sink());
    CHECK(both.worst(LOUDNESS, 0) < 0.05);
    CHECK(both.worst(LOUDNESS, 1) < 0.05);
}

TEST_CASE("a stream that changes its rate is heard without a seam") {
    SoundOutput output;
    output.set(true, {32000, 1});
    Heard heard;
    int64_t atMs = 0;
    for (const int rate : {48000, 16000, 32000, 44100})
        for (int i = 0; i < 10; ++i, atMs += 20)
            output.pass(tone(atMs, 20, rate, 1), heard.sink());
    for (const auto &frame : heard.frames)
        CHECK(frame.sampleRate == 32000);
    CHECK(std::abs(heard.samples() - 32 * atMs) < 200);
    // At the changes a filter that begins knows nothing of what was before.
    CHECK(heard.worst(LOUDNESS) < 0.3);
}

TEST_CASE("after a jump in time sound has its own time stamps, and nothing of what was before") {
    SoundOutput output;
    output.set(true, {16000, 1});
    Heard heard;
    for (const int64_t atMs : {0, 20, 5000, 5020, 1000, 1020}) {
        heard.frames.clear();
        output.pass(tone(atMs, 20, 48000, 1), heard.sink());
        REQUIRE(heard.frames.size() == 1);
        CHECK(std::abs(heard.frames[0].timestampMs - atMs) <= 2);
    }
    output.set(true, {8000, 2});
    heard.frames.clear();
    output.pass(tone(1040, 20, 48000, 1), heard.sink());
    REQUIRE(heard.frames.size() == 1);
    CHECK(heard.frames[0].sampleRate == 8000);
    CHECK(heard.frames[0].channels == 2);
}
