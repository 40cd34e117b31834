#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>

#include "embedded/media/FrameConverter.h"
#include "engine/Frame.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// Leaves out pictures by their time stamps, evenly: at most so many a second are taken, each up to 8 ms early, which
/// are left to the jitter of a camera.
class PictureThinner {
  public:
    bool takes(int64_t timestampMs, double fps);
    /// The next one is taken.
    void restart() { lastMs_.reset(); }

  private:
    std::optional<int64_t> lastMs_;
    double dueMs_ = 0;
};

/// Pictures for the application, in the form that it asked for. Set from any thread, taken on one.
class PictureOutput {
  public:
    /// Options that are checked.
    void set(engine::OutputVideoFormat format, const engine::OutputVideoOptions &options);
    bool wanted() const { return format_ != engine::OutputVideoFormat::None; }
    /// Nothing for a picture that is left out, which costs nothing then. Throws EngineException DecodeFailed.
    std::optional<engine::VideoFrame> take(const AVFrame &frame, int64_t timestampMs);

  private:
    std::atomic<engine::OutputVideoFormat> format_{engine::OutputVideoFormat::None};
    std::mutex mutex_;
    engine::OutputVideoOptions options_;
    bool changed_ = false;

    // Of the thread that takes.
    PictureThinner thinner_;
    FrameConverter converter_;
};

} // namespace rtcroom::embedded
