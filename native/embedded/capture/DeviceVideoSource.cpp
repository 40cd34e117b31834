#include "embedded/capture/DeviceVideoSource.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "embedded/capture/I420Frame.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;
using Reading = DeviceInput::Reading;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

/// Cameras take a second or two to start.
constexpr int64_t FIRST_PICTURE_US = 5'000'000;
/// How late a camera's picture may be noticed.
constexpr milliseconds POLL{3};
constexpr milliseconds REOPEN{500};

} // namespace

DeviceVideoSource::DeviceVideoSource(std::unique_ptr<DeviceInput> input, Callbacks callbacks, const DeviceWait &wait)
    : callbacks_(std::move(callbacks)), abort_(wait.abort), input_(std::move(input)) {
    awaitFirst(wait.meanwhile);
    reader_ = std::thread([this] { run(); });
}

DeviceVideoSource::~DeviceVideoSource() {
    *abort_ = true;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    if (reader_.joinable())
        reader_.join();
}

void DeviceVideoSource::awaitFirst(const std::function<void()> &meanwhile) {
    const int64_t deadlineUs = engine::clockMicros() + FIRST_PICTURE_US;
    FramePtr picture = makeEmptyFrame();
    int64_t captureUs = 0;
    for (;;) {
        const Reading reading = input_->read(*picture, captureUs);
        if (reading == Reading::Picture)
            break;
        if (reading == Reading::Gone)
            throw EngineException(ErrorCode::DeviceFailed, input_->whyGone());
        if (meanwhile)
            meanwhile();
        if (*abort_)
            throw EngineException(ErrorCode::Aborted, "opening the source was stopped");
        if (engine::clockMicros() > deadlineUs)
            throw EngineException(ErrorCode::DeviceFailed,
                                  "no picture came within 5 s; is the window minimised, or the camera covered by a "
                                  "program that uses it?");
        std::this_thread::sleep_for(POLL);
    }
    // What the pipeline asks for later must not fail there.
    fitter_.fit(*picture, {64, 64});
    offer(std::move(picture), captureUs);
}

void DeviceVideoSource::setRunning(bool running) {
    const std::lock_guard lock(mutex_);
    running_ = running;
    changed_.notify_all();
}

void DeviceVideoSource::run() {
    FramePtr picture = makeEmptyFrame();
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const bool watched = awaitTurn(lock);
        if (stopping_)
            return;
        lock.unlock();
        int64_t captureUs = 0;
        Reading reading = Reading::Nothing;
        if (watched)
            reading = input_->read(*picture, captureUs);
        else if (!input_->onDemand())
            reading = input_->skip();
        if (reading == Reading::Picture && watched)
            offer(std::exchange(picture, makeEmptyFrame()), captureUs);
        if (reading == Reading::Gone)
            callbacks_.onGone(input_->whyGone());
        lock.lock();
        if (reading == Reading::Gone && !comesBack(lock))
            return;
        if (reading == Reading::Nothing)
            changed_.wait_for(lock, POLL, [this] { return stopping_; });
    }
}

bool DeviceVideoSource::awaitTurn(std::unique_lock<std::mutex> &lock) {
    if (!input_->onDemand())
        return running_;
    changed_.wait(lock, [this] { return stopping_ || running_; });
    // By the grid, so that no picture is late for the ones before it.
    const int64_t nowUs = engine::clockMicros();
    dueUs_ = std::max(dueUs_ + periodUs_, nowUs);
    changed_.wait_for(lock, microseconds(std::min(dueUs_ - nowUs, periodUs_)), [this] { return stopping_; });
    return running_;
}

bool DeviceVideoSource::comesBack(std::unique_lock<std::mutex> &lock) {
    if (!callbacks_.reopen)
        return false;
    lock.unlock();
    input_.reset();
    lock.lock();
    while (!changed_.wait_for(lock, REOPEN, [this] { return stopping_; })) {
        lock.unlock();
        try {
            input_ = callbacks_.reopen();
        } catch (const std::exception &) {
            // Not plugged in again yet, or not ready; or no memory for it.
        }
        if (input_)
            callbacks_.onBack();
        lock.lock();
        if (input_)
            return true;
    }
    return false;
}

CaptureResult DeviceVideoSource::capture(int64_t dueUs, int64_t framePeriodUs, engine::Size size, bool repeat,
                                         CapturedPicture &out) {
    {
        const std::lock_guard lock(mutex_);
        periodUs_ = framePeriodUs;
    }
    return NewestPictureSource::capture(dueUs, framePeriodUs, size, repeat, out);
}

} // namespace rtcroom::embedded
