#pragma once

#include <memory>
#include <mutex>

#include "embedded/effects/Beauty.h"
#include "embedded/effects/Watermark.h"

namespace rtcroom::embedded {

/// What is done to captured pictures. Set from any thread; the pictures are one thread's. What is off costs nothing.
class PictureEffects {
  public:
    void setBeauty(const BeautyLevels &levels) {
        const std::lock_guard lock(mutex_);
        levels_ = levels;
    }
    /// Null takes it away.
    void setWatermark(std::shared_ptr<const Watermark> watermark) {
        const std::lock_guard lock(mutex_);
        watermark_ = std::move(watermark);
    }

    bool any() const {
        const std::lock_guard lock(mutex_);
        return !levels_.off() || watermark_;
    }

    /// Each gives the picture itself, or one that is valid until its next call.
    const AVFrame *beautify(const AVFrame &picture) {
        std::unique_lock lock(mutex_);
        const BeautyLevels levels = levels_;
        lock.unlock();
        return beauty_.apply(picture, levels);
    }
    const AVFrame *mark(const AVFrame &picture) {
        std::unique_lock lock(mutex_);
        const auto watermark = watermark_;
        lock.unlock();
        return painter_.paint(picture, watermark);
    }

  private:
    mutable std::mutex mutex_;
    BeautyLevels levels_;
    std::shared_ptr<const Watermark> watermark_;

    Beauty beauty_;
    WatermarkPainter painter_;
};

} // namespace rtcroom::embedded
