#include "embedded/capture/ImageVideoSource.h"

#include <utility>

#include "embedded/capture/StillPicture.h"

namespace rtcroom::embedded {

ImageVideoSource::ImageVideoSource(const std::string &path, const std::atomic<bool> &abort)
    : picture_(readStillPicture(path, abort)) {
    // What the pipeline asks for later must not fail there.
    fitter_.fit(*picture_, {64, 64});
}

void ImageVideoSource::setRunning(bool running) {
    const std::lock_guard lock(mutex_);
    if (running && arrived_)
        arrived_();
}

void ImageVideoSource::onArrival(std::function<void()> arrived) {
    const std::lock_guard lock(mutex_);
    arrived_ = std::move(arrived);
    if (arrived_)
        arrived_();
}

CaptureResult ImageVideoSource::capture(int64_t dueUs, int64_t, engine::Size size, bool, CapturedPicture &out) {
    out = {fitter_.fit(*picture_, size), dueUs};
    return CaptureResult::Picture;
}

} // namespace rtcroom::embedded
