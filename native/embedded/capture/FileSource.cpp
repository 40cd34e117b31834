#include "embedded/capture/FileSource.h"

namespace rtcroom::embedded {

CaptureResult FileVideoSource::capture(int64_t dueUs, int64_t framePeriodUs, engine::Size size, bool,
                                       CapturedPicture &out) {
    // A quarter of a period absorbs the rounding of the container's times when both rates are the same.
    const CaptureResult result = file_->pictureAt(dueUs, framePeriodUs / 4, current_);
    if (!current_)
        return result;
    if (result == CaptureResult::Picture || !fitted_ || fitted_->width != size.width || fitted_->height != size.height)
        fitted_ = fitter_.fit(*current_, size);
    out = {fitted_, dueUs};
    return result == CaptureResult::Ended ? CaptureResult::Ended : CaptureResult::Picture;
}

} // namespace rtcroom::embedded
