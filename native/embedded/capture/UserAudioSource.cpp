#include "embedded/capture/UserAudioSource.h"

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
    : sampleRate_(sampleRate), channels_(static_cast<size_t>(channels)), clock_(std::move(clock)),
      baseUs_(engine::clockMicros()), resampler_(sampleRate, channels), buffer_(channels) {}

int64_t UserAudioSource::toSample(int64_t clockUs) const {
    return std::llround(static_cast<double>(clockUs - baseUs_) * sampleRate_ / 1e6);
}

int64_t UserAudioSource::toClockUs(int64_t sample) const { return baseUs_ + sample * 1'000'000 / sampleRate_; }

void UserAudioSource::send(const engine::UserAudio &audio) {
    check(audio);
    const int64_t now = engine::clockMicros();
    const std::lock_guard lock(mutex_);
    if (!running_)
        return;
    const int64_t beginUs = clock_->toClockUs(audio.timestampMs, now);
    const int64_t endUs = toClockUs(buffer_.end());
    const bool stamped = audio.timestampMs >= 0;
    const bool follows = !fresh_ && (stamped ? std::llabs(beginUs - endUs) < JITTER_US / 2 : endUs > now - JITTER_US);
    const int64_t first = follows ? buffer_.end() : toSample(beginUs);
    if (toClockUs(first) > now + MAX_AHEAD_US)
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
    buffer_.append(first, sound, sampleRate_);
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
    const auto count = static_cast<int64_t>(out.size() / channels_);
    int64_t first = toSample(startUs);
    // Block starts are rounded to µs; do not let that repeat or lose a sample.
    if (std::llabs(first - buffer_.begin()) <= 1)
        first = buffer_.begin();
    const bool complete = buffer_.copy(first, out);
    if (!complete && !final && !(fresh_ && buffer_.samples() == 0))
        return ReadResult::NotYet;
    if (!fresh_)
        buffer_.discardBefore(first + count);
    return ReadResult::Ready;
}

} // namespace rtcroom::embedded
