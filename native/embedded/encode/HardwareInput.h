#pragma once

#include "embedded/media/ffmpeg.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// How an encoder wants its pictures: I420 as they are, NV12, or (VAAPI) NV12 on the device.
class HardwareInput {
  public:
    /// Sets what `context` needs before it is opened, by what `codec` takes. False when the device does not open.
    bool prepare(AVCodecContext &context, const AVCodec &codec, engine::Size size);
    /// `picture` itself, or one that is valid until the next call. Throws EngineException(EncodeFailed).
    const AVFrame *convert(const AVFrame &picture);

  private:
    struct BufferDeleter {
        void operator()(AVBufferRef *p) const { av_buffer_unref(&p); }
    };

    bool openDevice(AVCodecContext &context, engine::Size size);

    std::unique_ptr<AVBufferRef, BufferDeleter> frames_;
    SwsPtr scaler_;
    FramePtr converted_;
    FramePtr uploaded_;
};

} // namespace rtcroom::embedded
