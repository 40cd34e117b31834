#include "embedded/media/FrameConverter.h"

#include <array>
#include <utility>

#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

// swscale's SIMD may write past the last pixel of a row.
constexpr size_t writeMargin = 64;

} // namespace

engine::VideoFrame FrameConverter::convert(const AVFrame &frame, engine::PixelFormat format) {
    engine::VideoFrame picture;
    picture.format = format;
    picture.width = frame.width;
    picture.height = frame.height;
    picture.timestampMs = frame.pts;
    picture.size = engine::pictureSize(format, frame.width, frame.height);
    picture.buffer = pool_.acquire(picture.size + writeMargin);

    const AVPixelFormat to = format == engine::PixelFormat::RGBA ? AV_PIX_FMT_RGBA : AV_PIX_FMT_YUV420P;
    std::array<uint8_t *, 4> planes{};
    std::array<int, 4> strides{};
    av_image_fill_arrays(planes.data(), strides.data(), picture.buffer->data(), to, frame.width, frame.height, 1);
    bool fullRange = false;
    const AVPixelFormat from = plainPixelFormat(frame, fullRange);
    if (from == to && !fullRange) {
        av_image_copy(planes.data(), strides.data(), const_cast<const uint8_t **>(frame.data), frame.linesize, to,
                      frame.width, frame.height);
        return picture;
    }
    prepare(frame, from, fullRange, to);
    const int rows =
        sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, planes.data(), strides.data());
    if (rows != frame.height)
        throw engine::EngineException(engine::ErrorCode::DecodeFailed,
                                      "A picture cannot be converted; ask for the other picture format");
    return picture;
}

void FrameConverter::prepare(const AVFrame &frame, AVPixelFormat from, bool fullRange, AVPixelFormat to) {
    if (scaler_ && width_ == frame.width && height_ == frame.height && from_ == from && to_ == to &&
        fullRange_ == fullRange && colorSpace_ == frame.colorspace)
        return;
    scaler_ = makeScaler(frame, to, to == AV_PIX_FMT_RGBA, SWS_BILINEAR);
    if (!scaler_)
        throw engine::EngineException(engine::ErrorCode::DecodeFailed,
                                      "The stream's pixel format cannot be converted; use 8- or 10-bit YUV");
    width_ = frame.width;
    height_ = frame.height;
    from_ = from;
    to_ = to;
    fullRange_ = fullRange;
    colorSpace_ = frame.colorspace;
}

} // namespace rtcroom::embedded
