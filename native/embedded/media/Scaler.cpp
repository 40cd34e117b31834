#include "embedded/media/Scaler.h"

#include <utility>

namespace rtcroom::embedded {

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

SwsPtr makeScaler(const AVFrame &frame, AVPixelFormat to, bool toFullRange, int flags, int toMatrix,
                  engine::Size size) {
    SwsPtr scaler(sws_alloc_context());
    if (!scaler)
        return nullptr;
    bool fullRange = false;
    const AVPixelFormat from = plainPixelFormat(frame, fullRange);
    // Ranges must be known before the initialisation, which takes a plain copy for equal formats otherwise.
    const std::pair<const char *, int64_t> options[] = {
        {"srcw", frame.width},
        {"srch", frame.height},
        {"src_format", from},
        {"dstw", size.width > 0 ? size.width : frame.width},
        {"dsth", size.height > 0 ? size.height : frame.height},
        {"dst_format", to},
        {"src_range", fullRange},
        {"dst_range", toFullRange},
        {"sws_flags", flags},
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

} // namespace rtcroom::embedded
