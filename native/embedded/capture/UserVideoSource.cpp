#include "embedded/capture/UserVideoSource.h"

#include <string>
#include <utility>

#include "embedded/capture/I420Frame.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

constexpr int MAX_SIDE = 8192;

void check(const engine::UserVideo &video) {
    const std::string size = std::to_string(video.width) + "x" + std::to_string(video.height);
    if (video.width < 2 || video.height < 2 || video.width > MAX_SIDE || video.height > MAX_SIDE)
        throw EngineException(ErrorCode::InvalidArgument, "a picture of " + size +
                                                              " cannot be sent; each side may be 2 "
                                                              "to 8192 pixels");
    const size_t expected = engine::pictureSize(engine::PixelFormat::I420, video.width, video.height);
    if (!video.data || video.size != expected)
        throw EngineException(ErrorCode::InvalidArgument, "an I420 picture of " + size + " has " +
                                                              std::to_string(expected) + " bytes, not " +
                                                              std::to_string(video.size));
    if (video.timestampMs > UserClock::MAX_TIMESTAMP_MS)
        throw EngineException(ErrorCode::InvalidArgument, "the picture's timestamp is above 2^53 ms");
}

} // namespace

FramePtr UserVideoSource::takeSpare(engine::Size size) {
    FramePtr frame;
    {
        const std::lock_guard lock(mutex_);
        frame = std::move(spare_);
    }
    if (frame && frame->width == size.width && frame->height == size.height && av_frame_is_writable(frame.get()))
        return frame;
    return makeI420Frame(size);
}

void UserVideoSource::send(const engine::UserVideo &video) {
    check(video);
    const int64_t now = engine::clockMicros();
    const int64_t captureUs = clock_->toClockUs(video.timestampMs, now);
    FramePtr frame = takeSpare({video.width, video.height});
    const uint8_t *planes[4] = {};
    int strides[4] = {};
    const int chromaWidth = (video.width + 1) / 2;
    const size_t lumaSize = static_cast<size_t>(video.width) * video.height;
    planes[0] = video.data;
    planes[1] = video.data + lumaSize;
    planes[2] = planes[1] + static_cast<size_t>(chromaWidth) * ((video.height + 1) / 2);
    strides[0] = video.width;
    strides[1] = strides[2] = chromaWidth;
    av_image_copy(frame->data, frame->linesize, planes, strides, AV_PIX_FMT_YUV420P, video.width, video.height);

    const std::lock_guard lock(mutex_);
    if (newest_) {
        ++dropped_;
        spare_ = std::move(newest_);
    }
    newest_ = std::move(frame);
    newestUs_ = captureUs;
    if (arrived_)
        arrived_();
}

void UserVideoSource::onArrival(std::function<void()> arrived) {
    const std::lock_guard lock(mutex_);
    arrived_ = std::move(arrived);
    if (newest_ && arrived_)
        arrived_();
}

CaptureResult UserVideoSource::capture(int64_t dueUs, int64_t, engine::Size size, bool repeat, CapturedPicture &out) {
    int64_t captureUs = dueUs;
    {
        const std::lock_guard lock(mutex_);
        if (newest_) {
            if (current_)
                spare_ = std::move(current_);
            current_ = std::move(newest_);
            captureUs = newestUs_;
        } else if (!repeat) {
            return CaptureResult::Nothing;
        }
    }
    if (!current_)
        return CaptureResult::Nothing;
    out = {fitter_.fit(*current_, size), captureUs};
    return CaptureResult::Picture;
}

uint64_t UserVideoSource::takeDropped() {
    const std::lock_guard lock(mutex_);
    return std::exchange(dropped_, 0);
}

} // namespace rtcroom::embedded
