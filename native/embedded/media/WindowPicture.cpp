#include "embedded/media/WindowPicture.h"

#include <new>

namespace rtcroom::embedded {

std::optional<window::Picture> windowPicture(const AVFrame &frame) {
    if (frame.format != AV_PIX_FMT_YUV420P || frame.color_range == AVCOL_RANGE_JPEG)
        return std::nullopt;
    const std::shared_ptr<AVFrame> held(av_frame_clone(&frame), AvDeleter());
    if (!held)
        throw std::bad_alloc();
    const AVRational aspect = frame.sample_aspect_ratio;
    // Shapes that no camera has are mistakes of the sender.
    const bool square = aspect.num <= 0 || aspect.den <= 0 || aspect.num > 8 * int64_t{aspect.den} ||
                        aspect.den > 8 * int64_t{aspect.num};
    window::Picture picture;
    picture.size = {frame.width, frame.height};
    picture.pixelAspect = square ? 1.0 : av_q2d(aspect);
    picture.planes = {held->data[0], held->data[1], held->data[2]};
    picture.strides = {held->linesize[0], held->linesize[1], held->linesize[2]};
    picture.bt709 = frame.colorspace == AVCOL_SPC_BT709;
    picture.owner = held;
    return picture;
}

window::Picture windowPicture(const engine::VideoFrame &frame) {
    const int chromaWidth = (frame.width + 1) / 2;
    const size_t luma = static_cast<size_t>(frame.width) * static_cast<size_t>(frame.height);
    const size_t chroma = static_cast<size_t>(chromaWidth) * static_cast<size_t>((frame.height + 1) / 2);
    const uint8_t *data = frame.buffer->data();
    window::Picture picture;
    picture.size = {frame.width, frame.height};
    picture.planes = {data, data + luma, data + luma + chroma};
    picture.strides = {frame.width, chromaWidth, chromaWidth};
    picture.owner = frame.buffer;
    return picture;
}

} // namespace rtcroom::embedded
