#include "embedded/encode/HardwareInput.h"

#include "engine/Error.h"

extern "C" {
#include <libavutil/hwcontext.h>
}

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

bool takes(const AVCodec &codec, AVPixelFormat format) {
    for (const AVPixelFormat *each = codec.pix_fmts; each && *each != AV_PIX_FMT_NONE; ++each)
        if (*each == format)
            return true;
    return false;
}

[[noreturn]] void fail(const char *what, int code) {
    throw EngineException(ErrorCode::EncodeFailed, std::string(what) + ": " + avErrorText(code));
}

/// Pictures that the device holds at once; of one in, one out.
constexpr int POOL = 8;

} // namespace

bool HardwareInput::prepare(AVCodecContext &context, const AVCodec &codec, engine::Size size) {
    *this = {};
    if (!codec.pix_fmts || takes(codec, AV_PIX_FMT_YUV420P)) {
        context.pix_fmt = AV_PIX_FMT_YUV420P;
        return true;
    }
    const bool onDevice = takes(codec, AV_PIX_FMT_VAAPI);
    if (!onDevice && !takes(codec, AV_PIX_FMT_NV12))
        return false;
    context.pix_fmt = onDevice ? AV_PIX_FMT_VAAPI : AV_PIX_FMT_NV12;
    scaler_.reset(sws_getContext(size.width, size.height, AV_PIX_FMT_YUV420P, size.width, size.height, AV_PIX_FMT_NV12,
                                 SWS_POINT, nullptr, nullptr, nullptr));
    converted_.reset(av_frame_alloc());
    uploaded_.reset(av_frame_alloc());
    if (!scaler_ || !converted_ || !uploaded_)
        return false;
    converted_->format = AV_PIX_FMT_NV12;
    converted_->width = size.width;
    converted_->height = size.height;
    converted_->color_range = AVCOL_RANGE_MPEG;
    return av_frame_get_buffer(converted_.get(), 0) >= 0 && (!onDevice || openDevice(context, size));
}

bool HardwareInput::openDevice(AVCodecContext &context, engine::Size size) {
    AVBufferRef *device = nullptr;
    if (av_hwdevice_ctx_create(&device, AV_HWDEVICE_TYPE_VAAPI, nullptr, nullptr, 0) < 0)
        return false;
    frames_.reset(av_hwframe_ctx_alloc(device));
    av_buffer_unref(&device);
    if (!frames_)
        return false;
    auto &frames = *reinterpret_cast<AVHWFramesContext *>(frames_->data);
    frames.format = AV_PIX_FMT_VAAPI;
    frames.sw_format = AV_PIX_FMT_NV12;
    frames.width = size.width;
    frames.height = size.height;
    frames.initial_pool_size = POOL;
    if (av_hwframe_ctx_init(frames_.get()) < 0)
        return false;
    context.hw_frames_ctx = av_buffer_ref(frames_.get());
    return context.hw_frames_ctx != nullptr;
}

const AVFrame *HardwareInput::convert(const AVFrame &picture) {
    if (!scaler_)
        return &picture;
    // The encoder may still hold the one before.
    int result = av_frame_make_writable(converted_.get());
    if (result >= 0)
        result = sws_scale(scaler_.get(), picture.data, picture.linesize, 0, picture.height, converted_->data,
                           converted_->linesize);
    if (result < 0)
        fail("a picture could not be made NV12", result);
    if (!frames_)
        return converted_.get();
    av_frame_unref(uploaded_.get());
    if (result = av_hwframe_get_buffer(frames_.get(), uploaded_.get(), 0); result < 0)
        fail("the device has no memory for a picture", result);
    if (result = av_hwframe_transfer_data(uploaded_.get(), converted_.get(), 0); result < 0)
        fail("a picture did not reach the device", result);
    return uploaded_.get();
}

} // namespace rtcroom::embedded
