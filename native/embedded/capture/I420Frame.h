#pragma once

#include "embedded/media/ffmpeg.h"
#include "engine/Error.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// A picture with a buffer of its own, content undefined. Throws EngineException(Internal) when memory is out.
inline FramePtr makePicture(AVPixelFormat pixels, engine::Size size) {
    FramePtr frame(av_frame_alloc());
    if (frame) {
        frame->format = pixels;
        frame->width = size.width;
        frame->height = size.height;
        frame->color_range = AVCOL_RANGE_MPEG;
    }
    if (!frame || av_frame_get_buffer(frame.get(), 0) < 0)
        throw engine::EngineException(engine::ErrorCode::Internal, "no memory for a picture of " +
                                                                       std::to_string(size.width) + "x" +
                                                                       std::to_string(size.height));
    return frame;
}

inline FramePtr makeI420Frame(engine::Size size) { return makePicture(AV_PIX_FMT_YUV420P, size); }

/// An empty frame, for references.
inline FramePtr makeEmptyFrame() {
    FramePtr frame(av_frame_alloc());
    if (!frame)
        throw engine::EngineException(engine::ErrorCode::Internal, "no memory for a frame");
    return frame;
}

/// Copies the buffer only when somebody else still holds it.
inline void makeWritable(AVFrame &frame) {
    if (av_frame_make_writable(&frame) < 0)
        throw engine::EngineException(engine::ErrorCode::Internal, "no memory for a picture");
}

} // namespace rtcroom::embedded
