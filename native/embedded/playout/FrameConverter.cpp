#include "embedded/playout/FrameConverter.h"

#include <array>
#include <utility>

#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

// swscale's SIMD may write past the last pixel of a row.
constexpr size_t writeMargin = 64;

} // namespace

AVPixelFormat plainPixelFormat(const AVFrame &frame, bool &fullRange) {
    fullRange = frame.color_range == AVCOL_RANGE_JPEG;
    const auto twin = [&](AVPixelFormat plain) {
        fullRange = true;
        return plain;
    };
    switch (frame.format) {
    case AV_PIX_FMT_YUVJ420P:
        return twin(AV_PIX_FMT_YUV420P);
    case AV_PIX_FMT_YUVJ422P:
        return twin(AV_PIX_FMT_YUV422P);
    case AV_PIX_FMT_YUVJ444P:
        return twin(AV_PIX_FMT_YUV444P);
    default:
        return static_cast<AVPixelFormat>(frame.format);
    }
}

SwsPtr makeScaler(const AVFrame &frame, AVPixelFormat to, bool toFullRange, int flags, int toMatrix) {
    SwsPtr scaler(sws_alloc_context());
    if (!scaler)
        return nullptr;
    bool fullRange = false;
    const AVPixelFormat from = plainPixelFormat(frame, fullRange);
    // Ranges must be known before the initialisation, which takes a plain copy for equal formats otherwise.
    const std::pair<const char *, int64_t> options[] = {
        {"srcw", frame.width},    {"srch", frame.height},     {"src_format", from},
        {"dstw", frame.width},    {"dsth", frame.height},     {"dst_format", to},
        {"src_range", fullRange}, {"dst_range", toFullRange}, {"sws_flags", flags},
    };
    for (const auto &[name, value] : options)
        if (av_opt_set_int(scaler.get(), name, value, 0) < 0)
            return nullptr;
    if (sws_init_context(scaler.get(), nullptr, nullptr) < 0)
        return nullptr;
    // swscale takes unspecified as BT.601, which is what real-time encoders mean by it.
    const int *fromMatrix = sws_getCoefficients(frame.colorspace);
    sws_setColorspaceDetails(scaler.get(), fromMatrix, fullRange,
                             toMatrix < 0 ? fromMatrix : sws_getCoefficients(toMatrix), toFullRange, 0, 1 << 16,
                             1 << 16);
    return scaler;
}

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
