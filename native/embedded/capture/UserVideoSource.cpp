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

struct RawFormat {
    const char *name;
    AVPixelFormat pixels;
};

RawFormat rawFormat(engine::UserVideoFormat format) {
    switch (format) {
    case engine::UserVideoFormat::Nv12:
        return {"NV12", AV_PIX_FMT_NV12};
    case engine::UserVideoFormat::Rgba:
        // Its alpha is nobody's: swscale would blend AV_PIX_FMT_RGBA's.
        return {"RGBA", AV_PIX_FMT_RGB0};
    default:
        return {"I420", AV_PIX_FMT_YUV420P};
    }
}

void check(const engine::UserVideo &video, const RawFormat &format) {
    const std::string size = std::to_string(video.width) + "x" + std::to_string(video.height);
    if (video.width < 2 || video.height < 2 || video.width > MAX_SIDE || video.height > MAX_SIDE)
        throw EngineException(ErrorCode::InvalidArgument, "a picture of " + size +
                                                              " cannot be sent; each side may be 2 "
                                                              "to 8192 pixels");
    const int expected = av_image_get_buffer_size(format.pixels, video.width, video.height, 1);
    if (!video.data || video.size != static_cast<size_t>(expected))
        throw EngineException(ErrorCode::InvalidArgument,
                              "a packed " + std::string(format.name) + " picture of " + size + " has " +
                                  std::to_string(expected) + " bytes, not " + std::to_string(video.size) +
                                  "; say in which format it is, and take padding out of its rows");
    if (video.timestampMs > UserClock::MAX_TIMESTAMP_MS)
        throw EngineException(ErrorCode::InvalidArgument, "the picture's timestamp is above 2^53 ms");
}

} // namespace

FramePtr UserVideoSource::takeSpare(AVPixelFormat pixels, engine::Size size) {
    FramePtr frame;
    {
        const std::lock_guard lock(spareMutex_);
        frame = std::move(spare_);
    }
    if (frame && frame->format == pixels && frame->width == size.width && frame->height == size.height &&
        av_frame_is_writable(frame.get()))
        return frame;
    return makePicture(pixels, size);
}

void UserVideoSource::send(const engine::UserVideo &video) {
    const RawFormat format = rawFormat(video.format);
    check(video, format);
    const int64_t now = engine::clockMicros();
    const int64_t captureUs = clock_->toClockUs(video.timestampMs, now);
    FramePtr frame = takeSpare(format.pixels, {video.width, video.height});
    uint8_t *planes[4] = {};
    int strides[4] = {};
    // It is only read.
    av_image_fill_arrays(planes, strides, const_cast<uint8_t *>(video.data), format.pixels, video.width, video.height,
                         1);
    av_image_copy(frame->data, frame->linesize, const_cast<const uint8_t **>(planes), strides, format.pixels,
                  video.width, video.height);
    offer(std::move(frame), captureUs);
}

void UserVideoSource::recycle(FramePtr picture) {
    const std::lock_guard lock(spareMutex_);
    spare_ = std::move(picture);
}

} // namespace rtcroom::embedded
