#include "liteav/FrameQueue.h"

#include <utility>

namespace rtcroom::liteav {

void FrameQueue::push(const char *method, std::function<void()> send) {
    const std::lock_guard lock(mutex_);
    frames_.push_back({method, std::move(send)});
    if (frames_.size() > maxWaiting) {
        // The dropped one's turn becomes this one's.
        frames_.pop_front();
        return;
    }
    bool taken = false;
    try {
        taken = thread_.offer([this] { sendOldest(); });
    } catch (...) {
        frames_.pop_back();
        throw;
    }
    if (taken)
        return;
    frames_.pop_back();
    throw engine::EngineException(engine::ErrorCode::Timeout,
                                  "the LiteAV SDK does not answer: too many calls wait for it; close the object");
}

void FrameQueue::sendOldest() {
    Frame frame;
    {
        const std::lock_guard lock(mutex_);
        frame = std::move(frames_.front());
        frames_.pop_front();
    }
    const auto error = errorOf(frame.send);
    if (!error)
        refusing_ = false;
    else if (error->code != engine::ErrorCode::Aborted && !std::exchange(refusing_, true))
        refused_(frame.method, *error);
}

} // namespace rtcroom::liteav
