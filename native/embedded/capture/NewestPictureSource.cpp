#include "embedded/capture/NewestPictureSource.h"

#include <utility>

namespace rtcroom::embedded {

void NewestPictureSource::onArrival(std::function<void()> arrived) {
    const std::lock_guard lock(mutex_);
    arrived_ = std::move(arrived);
    if (newest_ && arrived_)
        arrived_();
}

void NewestPictureSource::offer(FramePtr picture, int64_t captureUs) {
    FramePtr replaced;
    {
        const std::lock_guard lock(mutex_);
        replaced = std::exchange(newest_, std::move(picture));
        newestUs_ = captureUs;
        if (replaced)
            ++dropped_;
        if (arrived_)
            arrived_();
    }
    if (replaced)
        recycle(std::move(replaced));
}

CaptureResult NewestPictureSource::capture(int64_t dueUs, int64_t, engine::Size size, bool repeat,
                                           CapturedPicture &out) {
    int64_t captureUs = dueUs;
    FramePtr replaced;
    {
        const std::lock_guard lock(mutex_);
        if (newest_) {
            replaced = std::exchange(current_, std::move(newest_));
            captureUs = newestUs_;
        } else if (!repeat) {
            return CaptureResult::Nothing;
        }
    }
    if (replaced)
        recycle(std::move(replaced));
    if (!current_)
        return CaptureResult::Nothing;
    out = {fitter_.fit(*current_, size), captureUs};
    return CaptureResult::Picture;
}

uint64_t NewestPictureSource::takeDropped() {
    const std::lock_guard lock(mutex_);
    return std::exchange(dropped_, 0);
}

} // namespace rtcroom::embedded
