#pragma once

#include <memory>
#include <mutex>

#include "embedded/capture/NewestPictureSource.h"
#include "embedded/capture/UserClock.h"

namespace rtcroom::embedded {

/// Pictures of the application.
class UserVideoSource final : public NewestPictureSource {
  public:
    explicit UserVideoSource(std::shared_ptr<UserClock> clock) : clock_(std::move(clock)) {}

    /// Copies the picture; from any thread. Throws EngineException(InvalidArgument).
    void send(const engine::UserVideo &video);

  private:
    FramePtr takeSpare(engine::Size size);
    void recycle(FramePtr picture) override;

    const std::shared_ptr<UserClock> clock_;
    std::mutex spareMutex_;
    /// Its memory is for the next picture.
    FramePtr spare_;
};

} // namespace rtcroom::embedded
