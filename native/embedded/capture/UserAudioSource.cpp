#include "embedded/capture/UserAudioSource.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "engine/Error.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

constexpr int64_t MAX_AHEAD_US = 1'000'000;
// Pieces come with the jitter of the application's timers; nearer than this they belong together.
constexpr int64_t JITTER_US = 100'000;

void check(const engine::UserAudio &audio) {
    if (audio.channels < 1 || audio.channels > 2)
        throw EngineException(ErrorCode::InvalidArgument,
                              "sound has 1 or 2 channels, not " + std::to_string(audio.channels));
    if (audio.sampleRate < 8000 || audio.sampleRate > 192'000)
        throw EngineException(ErrorCode::InvalidArgument,
                              "the sample rate may be 8000 to 192000 Hz, not " + std::to_string(audio.sampleRate));
    const size_t sampleBytes = static_cast<size_t>(audio.channels) * 2;
    if (!audio.data || audio.size == 0 || audio.size % sampleBytes != 0)
        throw EngineException(ErrorCode::InvalidArgument, std::to_string(audio.size) +
                                                              " bytes are no whole number of 16-bit samples of " +
                                                              std::to_string(audio.channels) + " channel(s)");
    if (audio.size / sampleBytes > static_cast<size_t>(audio.sampleRate))
        throw EngineException(ErrorCode::InvalidArgument,
                              "a piece of sound may be 1 s long at most; send smaller ones");
    if (audio.timestampMs > UserClock::MAX_TIMESTAMP_MS)
        throw EngineException(ErrorCode::InvalidArgument, "the sound's timestamp is above 2^53 ms");
}

} // namespace

UserAudioSource::UserAudioSource(int sampleRate, int channels, std::shared_ptr<UserClock> clock)
    : channels_(static_cast<size_t>(channels)), clock_(std::move(clock)), grid_{sampleRate, engine::clockMicros()},
      resampler_(sampleRate, channels), buffer_(channels) {}

void UserAudioSource::send(const engine::UserAudio &audio) {
    check(audio);
    const int64_t now = engine::clockMicros();
    const std::lock_guard lock(mutex_);
    if (!running_)
        return;
    const int64_t beginUs = clock_->toClockUs(audio.timestampMs, now);
    const int64_t endUs = grid_.toClockUs(buffer_.end());
    const bool stamped = audio.timestampMs >= 0;
    const bool follows = !fresh_ && (stamped ? std::llabs(beginUs - endUs) < JITTER_US / 2 : endUs > now - JITTER_US);
    const int64_t first = follows ? buffer_.end() : grid_.toSample(beginUs);
    if (grid_.toClockUs(first) > now + MAX_AHEAD_US)
        return;
    if (!follows)
        resampler_.reset();
    AVChannelLayout layout{};
    av_channel_layout_default(&layout, audio.channels);
    const auto samples = static_cast<int>(audio.size / 2 / static_cast<size_t>(audio.channels));
    const std::span<const float> sound =
        resampler_.convert(AV_SAMPLE_FMT_S16, audio.sampleRate, layout, &audio.data, samples);
    if (fresh_) {
        buffer_.reset(first);
        fresh_ = false;
    }
    buffer_.append(first, sound, grid_.sampleRate);
    if (arrived_)
        arrived_();
}

void UserAudioSource::setRunning(bool running) {
    const std::lock_guard lock(mutex_);
    if (running && !running_)
        fresh_ = true;
    running_ = running;
}

void UserAudioSource::onArrival(std::function<void()> arrived) {
    const std::lock_guard lock(mutex_);
    arrived_ = std::move(arrived);
}

ReadResult UserAudioSource::read(int64_t startUs, std::span<float> out, bool final) {
    const std::lock_guard lock(mutex_);
    if (fresh_ && buffer_.samples() == 0) {
        std::ranges::fill(out, 0.0F);
        return ReadResult::Ready;
    }
    // What was sent before a stop is played out; fresh sound lays the buffer anew.
    return grid_.read(buffer_, channels_, startUs, out, final);
}

} // namespace rtcroom::embedded
