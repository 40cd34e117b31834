#include "embedded/media/FrameConverter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/Error.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

// swscale's SIMD may write past the last pixel of a row.
constexpr size_t writeMargin = 64;
constexpr int mostSide = 8192;

int even(double side, int most) {
    return static_cast<int>(std::clamp<int64_t>(2 * std::llround(side / 2), std::min(2, most), most));
}

struct Placement {
    engine::Size whole;
    /// Of the picture in it.
    engine::Size inner;
};

Placement place(engine::Size own, engine::Size wanted) {
    const double ratio = static_cast<double>(own.width) / own.height;
    if (wanted.width <= 0 && wanted.height <= 0)
        return {own, own};
    engine::Size whole = wanted;
    if (wanted.width <= 0)
        whole.width = wanted.height == own.height ? own.width : even(wanted.height * ratio, mostSide);
    else if (wanted.height <= 0)
        whole.height = wanted.width == own.width ? own.height : even(wanted.width / ratio, mostSide);
    if (wanted.width <= 0 || wanted.height <= 0)
        return {whole, whole};
    if (ratio * whole.height > whole.width)
        return {whole, {whole.width, even(whole.width / ratio, whole.height)}};
    return {whole, {even(whole.height * ratio, whole.width), whole.height}};
}

} // namespace

engine::VideoFrame FrameConverter::convert(const AVFrame &frame, engine::PixelFormat format, engine::Size size) {
    const Placement placement = place({frame.width, frame.height}, size);
    const auto [width, height] = placement.whole;
    engine::VideoFrame picture;
    picture.format = format;
    picture.width = width;
    picture.height = height;
    picture.timestampMs = frame.pts;
    picture.size = engine::pictureSize(format, width, height);
    picture.buffer = pool_.acquire(picture.size + writeMargin);

    const AVPixelFormat to = format == engine::PixelFormat::RGBA ? AV_PIX_FMT_RGBA : AV_PIX_FMT_YUV420P;
    std::array<uint8_t *, 4> planes{};
    std::array<int, 4> strides{};
    av_image_fill_arrays(planes.data(), strides.data(), picture.buffer->data(), to, width, height, 1);
    bool fullRange = false;
    const AVPixelFormat from = plainPixelFormat(frame, fullRange);
    const engine::Size own{frame.width, frame.height};
    if (placement.inner == own && placement.whole == own && from == to && !fullRange) {
        av_image_copy(planes.data(), strides.data(), const_cast<const uint8_t **>(frame.data), frame.linesize, to,
                      width, height);
        return picture;
    }
    if (placement.inner == own && placement.whole == own) {
        prepare(frame, {own, own, from, to, fullRange, frame.colorspace});
        scale(frame, planes.data(), strides.data());
        return picture;
    }
    // In rows with room behind them: the packed ones of several planes have none.
    const AVFrame &inner = scaled(frame, to, placement.inner);
    if (placement.inner != placement.whole) {
        const ptrdiff_t wide[4] = {strides[0], strides[1], strides[2], strides[3]};
        av_image_fill_black(planes.data(), wide, to, AVCOL_RANGE_MPEG, width, height);
        const int left = (width - placement.inner.width) / 2 & ~1;
        const int top = (height - placement.inner.height) / 2 & ~1;
        const bool packed = to == AV_PIX_FMT_RGBA;
        planes[0] += static_cast<ptrdiff_t>(top) * strides[0] + left * (packed ? 4 : 1);
        for (const size_t chroma : {1U, 2U})
            if (!packed)
                planes[chroma] += static_cast<ptrdiff_t>(top / 2) * strides[chroma] + left / 2;
    }
    av_image_copy(planes.data(), strides.data(), const_cast<const uint8_t **>(inner.data), inner.linesize, to,
                  inner.width, inner.height);
    return picture;
}

const AVFrame &FrameConverter::scaled(const AVFrame &frame, AVPixelFormat pixels, engine::Size size) {
    if (!scaled_ || scaled_->format != pixels || scaled_->width != size.width || scaled_->height != size.height) {
        scaled_.reset(av_frame_alloc());
        if (scaled_) {
            scaled_->format = pixels;
            scaled_->width = size.width;
            scaled_->height = size.height;
        }
        if (!scaled_ || av_frame_get_buffer(scaled_.get(), 0) < 0) {
            scaled_.reset();
            throw EngineException(ErrorCode::Internal, "no memory for a picture; ask for a smaller one");
        }
    }
    bool fullRange = false;
    const AVPixelFormat from = plainPixelFormat(frame, fullRange);
    prepare(frame, {{frame.width, frame.height}, size, from, pixels, fullRange, frame.colorspace});
    scale(frame, scaled_->data, scaled_->linesize);
    return *scaled_;
}

void FrameConverter::scale(const AVFrame &frame, uint8_t *const *planes, const int *strides) {
    const int rows = sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, planes, strides);
    if (rows != way_.to.height)
        throw EngineException(ErrorCode::DecodeFailed,
                              "A picture cannot be converted; ask for the other picture format");
}

void FrameConverter::prepare(const AVFrame &frame, const Way &way) {
    if (scaler_ && way_ == way)
        return;
    scaler_ = makeScaler(frame, way.toPixels, way.toPixels == AV_PIX_FMT_RGBA, SWS_BILINEAR, -1, way.to);
    if (!scaler_)
        throw EngineException(ErrorCode::DecodeFailed,
                              "The stream's pixel format cannot be converted; use 8- or 10-bit YUV");
    way_ = way;
}

} // namespace rtcroom::embedded
