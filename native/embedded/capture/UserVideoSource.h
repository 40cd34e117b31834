#pragma once

#include <memory>
#include <mutex>

#include "embedded/capture/NewestPictureSource.h"
#include "embedded/capture/UserClock.h"

namespace rtcroom::embedded {

/// Raw pictures of the application, of any format each; the video thread converts them as it scales them.
class UserVideoSource final : public NewestPictureSource {
  public:
    explicit UserVideoSource(std::shared_ptr<UserClock> clock) : clock_(std::move(clock)) {}

    /// Copies the picture; from any thread. Throws EngineException(InvalidArgument).
    void send(const engine::UserVideo &video);

  private:
    FramePtr takeSpare(AVPixelFormat pixels, engine::Size size);
    void recycle(FramePtr picture) override;

    const std::shared_ptr<UserClock> clock_;
    std::mutex spareMutex_;
    /// Its memory is for the next picture.
    FramePtr spare_;
};

} // namespace rtcroom::embedded
