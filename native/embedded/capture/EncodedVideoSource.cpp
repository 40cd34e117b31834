#include "embedded/capture/EncodedVideoSource.h"

#include <string>
#include <utility>

#include "engine/Error.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

// Reordering by more is none.
constexpr int64_t MAX_CTS_MS = 10'000;
// A clock that goes back by more began anew, as a file does that is repeated.
constexpr int64_t RESTART_MS = 1000;

[[noreturn]] void invalid(const std::string &what) { throw EngineException(ErrorCode::InvalidArgument, what); }

} // namespace

void EncodedVideoSource::checkTimes(const engine::UserVideo &video, bool keyFrame) const {
    if (video.timestampMs > UserClock::MAX_TIMESTAMP_MS || video.dtsMs > UserClock::MAX_TIMESTAMP_MS)
        invalid("the picture's timestamp is above 2^53 ms");
    if (video.timestampMs < 0) {
        if (video.dtsMs >= 0)
            invalid("a picture with dtsMs needs its timestampMs as well");
        return;
    }
    const int64_t dtsMs = video.dtsMs >= 0 ? video.dtsMs : video.timestampMs;
    if (video.timestampMs < dtsMs || video.timestampMs - dtsMs > MAX_CTS_MS)
        invalid("timestampMs is when the picture is shown: 0 to 10000 ms after dtsMs, when it is decoded");
    if (!lastDtsMs_ || dtsMs > *lastDtsMs_ || (keyFrame && dtsMs < *lastDtsMs_ - RESTART_MS))
        return;
    invalid("the picture's time (" + std::to_string(dtsMs) + " ms) is not after that of the one before (" +
            std::to_string(*lastDtsMs_) +
            " ms); send pictures in the order in which they are decoded, with B-frames dtsMs and timestampMs of each");
}

void EncodedVideoSource::send(const engine::UserVideo &video) {
    if (video.format != engine::UserVideoFormat::H264)
        throw EngineException(ErrorCode::InvalidState,
                              "the preview takes the application's H.264 and no raw pictures; start "
                              "it with the format 'i420', or say format: 'h264'");
    if (!video.data)
        invalid("there are no bytes of H.264");
    const int64_t now = engine::clockMicros();
    const std::lock_guard lock(mutex_);
    H264Intake intake = intake_;
    auto unit = intake.take({video.data, video.size});
    if (unit)
        checkTimes(video, unit->keyFrame);
    intake_ = std::move(intake);
    if (!unit)
        return;
    const int64_t dtsMs = video.dtsMs >= 0 ? video.dtsMs : video.timestampMs;
    if (video.timestampMs >= 0)
        lastDtsMs_ = dtsMs;
    if (!running_) {
        lost_ = true;
        return;
    }
    if (unit->premature)
        lost_ = true;
    if (waiting_.size() >= MAX_WAITING || waitingBytes_ + unit->data.size() > MAX_WAITING_BYTES) {
        dropped_ += waiting_.size();
        waiting_.clear();
        waitingBytes_ = 0;
        lost_ = true;
    }
    const bool keyFrame = unit->keyFrame;
    waitingBytes_ += unit->data.size();
    const int64_t dtsUs = clock_->toClockUs(dtsMs, now, UserClock::LIVE_AHEAD_US);
    waiting_.push_back({std::move(*unit), dtsUs,
                        static_cast<int32_t>(video.timestampMs >= 0 ? video.timestampMs - dtsMs : 0),
                        std::exchange(lost_, false)});
    // What followed a loss is lost as well, until a key frame makes it good.
    if (!keyFrame && waiting_.back().afterLoss)
        lost_ = true;
    if (arrived_)
        arrived_();
}

std::deque<EncodedPicture> EncodedVideoSource::take() {
    const std::lock_guard lock(mutex_);
    waitingBytes_ = 0;
    return std::exchange(waiting_, {});
}

void EncodedVideoSource::setRunning(bool running) {
    const std::lock_guard lock(mutex_);
    if (running == running_)
        return;
    running_ = running;
    lost_ = true;
    waiting_.clear();
    waitingBytes_ = 0;
}

void EncodedVideoSource::onArrival(std::function<void()> arrived) {
    const std::lock_guard lock(mutex_);
    arrived_ = std::move(arrived);
    if (!waiting_.empty() && arrived_)
        arrived_();
}

uint64_t EncodedVideoSource::takeDropped() {
    const std::lock_guard lock(mutex_);
    return std::exchange(dropped_, 0);
}

} // namespace rtcroom::embedded
