#pragma once

#include <optional>

#include "embedded/media/ffmpeg.h"
#include "engine/Frame.h"
#include "window/Canvas.h"

namespace rtcroom::embedded {

/// `frame` as a window shows it, by reference and without a copy. Nothing when it is not 8-bit 4:2:0 of limited range:
/// then it must be converted first.
std::optional<window::Picture> windowPicture(const AVFrame &frame);

/// A packed I420 picture, by reference.
window::Picture windowPicture(const engine::VideoFrame &frame);

} // namespace rtcroom::embedded
