#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "embedded/capture/UserClock.h"
#include "embedded/capture/VideoSource.h"
#include "embedded/media/H264Intake.h"

namespace rtcroom::embedded {

struct EncodedPicture {
    H264Unit unit;
    /// µs of clockMicros().
    int64_t dtsUs = 0;
    int32_t ctsMs = 0;
    /// One before it, that it may refer to, is missing.
    bool afterLoss = false;
};

/// H.264 of the application, to go out as it is. Holds what was not taken yet, up to MAX_WAITING; what is more is lost
/// up to the next key frame.
class EncodedVideoSource final : public VideoSource {
  public:
    static constexpr size_t MAX_WAITING = 300;
    static constexpr size_t MAX_WAITING_BYTES = 16 << 20;

    explicit EncodedVideoSource(std::shared_ptr<UserClock> clock) : clock_(std::move(clock)) {}

    /// Copies the bytes; from any thread. Throws EngineException (InvalidArgument, InvalidState), and then nothing has
    /// changed. While the source does not run pictures are checked and dropped, parameter sets are kept.
    void send(const engine::UserVideo &video);
    std::deque<EncodedPicture> take();

    void setRunning(bool running) override;
    bool arrivesByItself() const override { return true; }
    void onArrival(std::function<void()> arrived) override;
    /// It has none: see take().
    CaptureResult capture(int64_t, int64_t, engine::Size, bool, CapturedPicture &) override {
        return CaptureResult::Nothing;
    }
    uint64_t takeDropped() override;

  private:
    void checkTimes(const engine::UserVideo &video, bool keyFrame) const;

    const std::shared_ptr<UserClock> clock_;
    mutable std::mutex mutex_;
    std::function<void()> arrived_;
    H264Intake intake_;
    std::deque<EncodedPicture> waiting_;
    size_t waitingBytes_ = 0;
    uint64_t dropped_ = 0;
    bool running_ = false;
    bool lost_ = true;
    /// The last picture's, on the application's clock.
    std::optional<int64_t> lastDtsMs_;
};

} // namespace rtcroom::embedded
