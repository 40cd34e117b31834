#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "embedded/capture/PictureFitter.h"
#include "embedded/capture/VideoSource.h"

namespace rtcroom::embedded {

/// A still picture of a file, of a video its first. It comes in when the stream begins; then the worker repeats it, as
/// it does any picture that stays the last.
class ImageVideoSource final : public VideoSource {
  public:
    /// Blocks on the file. Throws as MediaInput does, and NotMedia when the file has no picture. `abort` ends it.
    ImageVideoSource(const std::string &path, const std::atomic<bool> &abort);

    void setRunning(bool running) override;
    bool arrivesByItself() const override { return true; }
    void onArrival(std::function<void()> arrived) override;
    CaptureResult capture(int64_t dueUs, int64_t framePeriodUs, engine::Size size, bool repeat,
                          CapturedPicture &out) override;

  private:
    std::mutex mutex_;
    std::function<void()> arrived_;
    // The capturing thread's.
    FramePtr picture_;
    PictureFitter fitter_;
};

} // namespace rtcroom::embedded
