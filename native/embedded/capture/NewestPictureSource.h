#pragma once

#include <mutex>

#include "embedded/capture/PictureFitter.h"
#include "embedded/capture/VideoSource.h"

namespace rtcroom::embedded {

/// A source whose pictures come by themselves, of which it holds the newest that was not taken yet and the last one
/// that was.
class NewestPictureSource : public VideoSource {
  public:
    bool arrivesByItself() const final { return true; }
    void onArrival(std::function<void()> arrived) final;
    CaptureResult capture(int64_t dueUs, int64_t framePeriodUs, engine::Size size, bool repeat,
                          CapturedPicture &out) override;
    uint64_t takeDropped() final;

  protected:
    /// From any thread. `captureUs`: µs of clockMicros().
    void offer(FramePtr picture, int64_t captureUs);
    /// A picture that nobody looks at any more; on the thread that replaced it.
    virtual void recycle(FramePtr) {}
    /// The capturing thread's, or the constructor's.
    PictureFitter fitter_;

  private:
    std::mutex mutex_;
    std::function<void()> arrived_;
    FramePtr newest_;
    int64_t newestUs_ = 0;
    uint64_t dropped_ = 0;

    // The capturing thread's.
    FramePtr current_;
};

} // namespace rtcroom::embedded
