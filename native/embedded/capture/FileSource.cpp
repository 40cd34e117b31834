#include "embedded/capture/FileSource.h"

#include <numbers>

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

ReadResult FileAudioSource::read(int64_t startUs, std::span<float> out, bool final) {
    if (file_->channels() == channels_)
        return file_->soundAt(startUs, out, final);
    const size_t samples = out.size() / static_cast<size_t>(channels_);
    block_.resize(samples * static_cast<size_t>(file_->channels()));
    const ReadResult result = file_->soundAt(startUs, block_, final);
    // As loud as the resampler makes them.
    for (size_t i = 0; i < samples; ++i)
        if (channels_ == 1)
            out[i] = (block_[2 * i] + block_[2 * i + 1]) / 2;
        else
            out[2 * i] = out[2 * i + 1] = block_[i] * std::numbers::sqrt2_v<float> / 2;
    return result;
}

} // namespace rtcroom::embedded
