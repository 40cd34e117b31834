#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>

#include "embedded/capture/AudioSource.h"
#include "embedded/capture/UserClock.h"
#include "embedded/media/AacIntake.h"

namespace rtcroom::embedded {

struct EncodedSound {
    AacUnit unit;
    /// µs of clockMicros().
    int64_t beginUs = 0;
};

/// AAC of the application, to go out as it is. Units without a timestamp follow each other; the first, and one after a
/// pause, begins when it arrives. Holds what was not taken yet, the oldest of MAX_WAITING give way.
class EncodedAudioSource final : public AudioSource {
  public:
    static constexpr size_t MAX_WAITING = 500;

    explicit EncodedAudioSource(std::shared_ptr<UserClock> clock) : clock_(std::move(clock)) {}

    /// Copies the bytes; from any thread. Throws EngineException (InvalidArgument, InvalidState), and then nothing has
    /// changed. While the source does not run the sound is checked and dropped, its configuration is kept.
    void send(const engine::UserAudio &audio);
    std::deque<EncodedSound> take();

    void setRunning(bool running) override;
    void onArrival(std::function<void()> arrived) override;
    /// It is silent: see take().
    ReadResult read(int64_t, std::span<float> out, bool) override {
        std::ranges::fill(out, 0.0F);
        return ReadResult::Ready;
    }

  private:
    const std::shared_ptr<UserClock> clock_;
    std::mutex mutex_;
    std::function<void()> arrived_;
    AacIntake intake_;
    std::deque<EncodedSound> waiting_;
    bool running_ = false;
    /// Where the last unit ended.
    int64_t nextUs_ = 0;
};

} // namespace rtcroom::embedded
