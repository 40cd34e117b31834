#pragma once

#include "embedded/media/Scaler.h"
#include "embedded/media/ffmpeg.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

/// Decoded pictures to packed ones. I420 is 8 bit, limited range, in the stream's own colour matrix; RGBA is full
/// range. 8-bit 4:2:0 to I420 of its own size is a copy of planes, all else goes through swscale. Not for several
/// threads at once.
class FrameConverter {
  public:
    /// Of `size` where that is given: with one side alone the other follows in the picture's ratio, even; with both the
    /// whole picture is in the middle, with black bars. Time stamps: pts in ms, `decodedAtUs` is left 0. Throws
    /// EngineException DecodeFailed.
    engine::VideoFrame convert(const AVFrame &frame, engine::PixelFormat format, engine::Size size = {});

  private:
    /// What a scaler is for.
    struct Way {
        engine::Size from;
        engine::Size to;
        AVPixelFormat fromPixels = AV_PIX_FMT_NONE;
        AVPixelFormat toPixels = AV_PIX_FMT_NONE;
        bool fullRange = false;
        AVColorSpace colorSpace = AVCOL_SPC_UNSPECIFIED;
        bool operator==(const Way &) const = default;
    };
    void prepare(const AVFrame &frame, const Way &way);
    void scale(const AVFrame &frame, uint8_t *const *planes, const int *strides);
    /// `frame` as a picture of `size`, valid until the next call.
    const AVFrame &scaled(const AVFrame &frame, AVPixelFormat pixels, engine::Size size);

    SwsPtr scaler_;
    Way way_;
    FramePtr scaled_;
    engine::FramePool pool_;
};

} // namespace rtcroom::embedded
