#include "embedded/media/PictureOutput.h"

#include <algorithm>
#include <utility>

namespace rtcroom::embedded {

namespace {

// Of a camera's time stamps.
constexpr double JITTER_MS = 8;

} // namespace

bool PictureThinner::takes(int64_t timestampMs, double fps) {
    const double periodMs = 1000 / fps;
    const auto atMs = static_cast<double>(timestampMs);
    // The first one, and after a jump back.
    const bool fresh = !lastMs_ || timestampMs < *lastMs_;
    if (!fresh && atMs < dueMs_ - std::min(JITTER_MS, periodMs / 4))
        return false;
    lastMs_ = timestampMs;
    dueMs_ = fresh || atMs > dueMs_ + periodMs ? atMs + periodMs : dueMs_ + periodMs;
    return true;
}

void PictureOutput::set(engine::OutputVideoFormat format, const engine::OutputVideoOptions &options) {
    const std::lock_guard lock(mutex_);
    changed_ = changed_ || options != options_;
    options_ = options;
    format_ = format;
}

std::optional<engine::VideoFrame> PictureOutput::take(const AVFrame &frame, int64_t timestampMs) {
    engine::OutputVideoFormat format{};
    engine::OutputVideoOptions options;
    {
        const std::lock_guard lock(mutex_);
        format = format_;
        options = options_;
        if (std::exchange(changed_, false))
            thinner_.restart();
    }
    if (format == engine::OutputVideoFormat::None || (options.fps > 0 && !thinner_.takes(timestampMs, options.fps)))
        return std::nullopt;
    return converter_.convert(
        frame, format == engine::OutputVideoFormat::RGBA ? engine::PixelFormat::RGBA : engine::PixelFormat::I420,
        {options.width, options.height});
}

} // namespace rtcroom::embedded
