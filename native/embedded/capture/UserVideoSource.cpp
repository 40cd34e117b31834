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
        const std::lock_guard lock(spareMutex_);
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
    offer(std::move(frame), captureUs);
}

void UserVideoSource::recycle(FramePtr picture) {
    const std::lock_guard lock(spareMutex_);
    spare_ = std::move(picture);
}

} // namespace rtcroom::embedded
