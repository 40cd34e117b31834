#include "embedded/capture/EncodedAudioSource.h"

#include <cstdlib>
#include <utility>

#include "engine/Error.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

// Units come with the jitter of the application's timers; nearer than this they belong together.
constexpr int64_t JITTER_US = 100'000;

} // namespace

void EncodedAudioSource::send(const engine::UserAudio &audio) {
    if (audio.format == engine::UserAudioFormat::Pcm)
        throw EngineException(ErrorCode::InvalidState,
                              "the capture takes the application's AAC and no PCM; start it with the format 'pcm', or "
                              "say format: 'aac' or 'adts'");
    if (audio.timestampMs > UserClock::MAX_TIMESTAMP_MS)
        throw EngineException(ErrorCode::InvalidArgument, "the sound's timestamp is above 2^53 ms");
    const int64_t now = engine::clockMicros();
    const std::lock_guard lock(mutex_);
    AacIntake intake = intake_;
    std::vector<AacUnit> units = intake.take(audio);
    intake_ = std::move(intake);
    if (!running_)
        return;
    const bool follows = audio.timestampMs < 0 && std::llabs(nextUs_ - now) < JITTER_US;
    int64_t beginUs = follows ? nextUs_ : clock_->toClockUs(audio.timestampMs, now, UserClock::LIVE_AHEAD_US);
    for (AacUnit &unit : units) {
        const int64_t endUs = beginUs + unit.durationUs();
        if (waiting_.size() == MAX_WAITING)
            waiting_.pop_front();
        waiting_.push_back({std::move(unit), std::exchange(beginUs, endUs)});
    }
    nextUs_ = beginUs;
    if (arrived_)
        arrived_();
}

std::deque<EncodedSound> EncodedAudioSource::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
}

void EncodedAudioSource::setRunning(bool running) {
    const std::lock_guard lock(mutex_);
    running_ = running;
    waiting_.clear();
}

void EncodedAudioSource::onArrival(std::function<void()> arrived) {
    const std::lock_guard lock(mutex_);
    arrived_ = std::move(arrived);
    if (!waiting_.empty() && arrived_)
        arrived_();
}

} // namespace rtcroom::embedded
