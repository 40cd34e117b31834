#pragma once

#include <memory>
#include <mutex>

#include "embedded/capture/PictureFitter.h"
#include "embedded/capture/UserClock.h"
#include "embedded/capture/VideoSource.h"

namespace rtcroom::embedded {

/// Pictures of the application. Holds the newest one only.
class UserVideoSource final : public VideoSource {
  public:
    explicit UserVideoSource(std::shared_ptr<UserClock> clock) : clock_(std::move(clock)) {}

    /// Copies the picture; from any thread. Throws EngineException(InvalidArgument).
    void send(const engine::UserVideo &video);

    bool arrivesByItself() const override { return true; }
    void onArrival(std::function<void()> arrived) override;
    CaptureResult capture(int64_t dueUs, int64_t framePeriodUs, engine::Size size, bool repeat,
                          CapturedPicture &out) override;
    uint64_t takeDropped() override;

  private:
    FramePtr takeSpare(engine::Size size);

    const std::shared_ptr<UserClock> clock_;
    mutable std::mutex mutex_;
    std::function<void()> arrived_;
    FramePtr newest_;
    int64_t newestUs_ = 0;
    FramePtr spare_;
    uint64_t dropped_ = 0;

    // The capturing thread's.
    FramePtr current_;
    PictureFitter fitter_;
};

} // namespace rtcroom::embedded
