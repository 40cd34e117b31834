#pragma once

#include "embedded/media/Scaler.h"
#include "embedded/media/ffmpeg.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

/// Decoded pictures to packed ones. I420 is 8 bit, limited range, in the stream's own colour matrix; RGBA is full
/// range. 8-bit 4:2:0 to I420 is a copy of planes, all else goes through swscale. Not for several threads at once.
class FrameConverter {
  public:
    /// Time stamps: pts in ms, `decodedAtUs` is left 0. Throws EngineException DecodeFailed.
    engine::VideoFrame convert(const AVFrame &frame, engine::PixelFormat format);

  private:
    void prepare(const AVFrame &frame, AVPixelFormat from, bool fullRange, AVPixelFormat to);

    SwsPtr scaler_;
    int width_ = 0;
    int height_ = 0;
    AVPixelFormat from_ = AV_PIX_FMT_NONE;
    AVPixelFormat to_ = AV_PIX_FMT_NONE;
    bool fullRange_ = false;
    AVColorSpace colorSpace_ = AVCOL_SPC_UNSPECIFIED;
    engine::FramePool pool_;
};

} // namespace rtcroom::embedded
