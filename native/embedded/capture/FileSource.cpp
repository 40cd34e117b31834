#include "embedded/capture/FileSource.h"

#include <algorithm>

namespace rtcroom::embedded {

namespace {

/// A picture's time is that much ahead of the clock at most.
constexpr int64_t MOST_EARLY_US = 10'000;

} // namespace

CaptureResult FileVideoSource::capture(int64_t dueUs, int64_t framePeriodUs, engine::Size size, bool,
                                       CapturedPicture &out) {
    // Absorbs the rounding of the container's times, and some jitter, when both rates are the same.
    const int64_t toleranceUs = std::min(framePeriodUs / 4, MOST_EARLY_US);
    int64_t captureUs = dueUs;
    const CaptureResult result = file_->pictureAt(dueUs, toleranceUs, current_, captureUs);
    if (!current_)
        return result;
    if (result == CaptureResult::Picture || !fitted_ || fitted_->width != size.width || fitted_->height != size.height)
        fitted_ = fitter_.fit(*current_, size);
    // Its own moment, as its sound has it. One that the disk gave late goes behind the one before it.
    out = {fitted_, std::max(captureUs, dueUs - framePeriodUs)};
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
            out[2 * i] = out[2 * i + 1] = block_[i];
    return result;
}

} // namespace rtcroom::embedded
