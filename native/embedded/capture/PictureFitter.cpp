#include "embedded/capture/PictureFitter.h"

#include <algorithm>

#include "embedded/capture/I420Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

bool isFullRange(const AVFrame &frame) {
    switch (frame.format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ411P:
        return true;
    default:
        return frame.color_range == AVCOL_RANGE_JPEG;
    }
}

// swscale warns of the J formats at each context; they are the plain ones at full range.
AVPixelFormat plainFormat(int format) {
    switch (format) {
    case AV_PIX_FMT_YUVJ420P:
        return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
        return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
        return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P:
        return AV_PIX_FMT_YUV440P;
    default:
        return static_cast<AVPixelFormat>(format);
    }
}

int evenWithin(int64_t value, int max) { return std::clamp(static_cast<int>((value + 1) & ~int64_t{1}), 2, max); }

} // namespace

bool PictureFitter::Geometry::operator==(const Geometry &other) const {
    return width == other.width && height == other.height && format == other.format && fullRange == other.fullRange &&
           colorspace == other.colorspace && target == other.target && aspect.num == other.aspect.num &&
           aspect.den == other.aspect.den;
}

void PictureFitter::configure(const Geometry &g) {
    sws_.reset();
    // Displayed width : height of the source, from its pixels' shape.
    const bool square = g.aspect.num <= 0 || g.aspect.den <= 0 || g.aspect.num > 1000 * int64_t{g.aspect.den} ||
                        g.aspect.den > 1000 * int64_t{g.aspect.num};
    const double shape =
        static_cast<double>(g.width) / g.height * (square ? 1.0 : static_cast<double>(g.aspect.num) / g.aspect.den);
    int width = g.target.width;
    int height = g.target.height;
    if (shape * height > width)
        height = evenWithin(static_cast<int64_t>(width / shape), height);
    else
        width = evenWithin(static_cast<int64_t>(height * shape), width);
    left_ = (g.target.width - width) / 2 & ~1;
    top_ = (g.target.height - height) / 2 & ~1;

    sws_.reset(sws_getContext(g.width, g.height, plainFormat(g.format), width, height, AV_PIX_FMT_YUV420P,
                              SWS_BILINEAR | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
    if (!sws_)
        throw EngineException(ErrorCode::DecodeFailed, "pictures of this format cannot be scaled");
    const int *coefficients =
        sws_getCoefficients(g.colorspace == AVCOL_SPC_UNSPECIFIED ? SWS_CS_DEFAULT : g.colorspace);
    sws_setColorspaceDetails(sws_.get(), coefficients, g.fullRange, coefficients, 0, 0, 1 << 16, 1 << 16);

    frame_ = makeI420Frame(g.target);
    const ptrdiff_t strides[4] = {frame_->linesize[0], frame_->linesize[1], frame_->linesize[2], 0};
    av_image_fill_black(frame_->data, strides, AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, g.target.width, g.target.height);
    geometry_ = g;
}

const AVFrame *PictureFitter::fit(const AVFrame &source, engine::Size size) {
    const bool full = isFullRange(source);
    const bool square =
        source.sample_aspect_ratio.num == source.sample_aspect_ratio.den || source.sample_aspect_ratio.num <= 0;
    if (source.format == AV_PIX_FMT_YUV420P && !full && square && source.width == size.width &&
        source.height == size.height)
        return &source;
    const Geometry wanted{source.width, source.height,     source.format, source.sample_aspect_ratio,
                          full,         source.colorspace, size};
    if (!sws_ || !(wanted == geometry_))
        configure(wanted);
    makeWritable(*frame_);
    uint8_t *planes[4] = {
        frame_->data[0] + static_cast<ptrdiff_t>(top_) * frame_->linesize[0] + left_,
        frame_->data[1] + static_cast<ptrdiff_t>(top_ / 2) * frame_->linesize[1] + left_ / 2,
        frame_->data[2] + static_cast<ptrdiff_t>(top_ / 2) * frame_->linesize[2] + left_ / 2,
        nullptr,
    };
    if (sws_scale(sws_.get(), source.data, source.linesize, 0, source.height, planes, frame_->linesize) < 0)
        throw EngineException(ErrorCode::DecodeFailed, "a picture could not be scaled");
    return frame_.get();
}

} // namespace rtcroom::embedded
