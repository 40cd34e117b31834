#pragma once

#include <memory>
#include <mutex>

#include "embedded/capture/AudioSource.h"
#include "embedded/capture/SampleGrid.h"
#include "embedded/capture/UserClock.h"
#include "embedded/media/Resampler.h"
#include "embedded/media/SoundBuffer.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// Sound of the application: 16-bit PCM, mono or stereo, of any rate from 8 to 192 kHz. Pieces without a timestamp
/// follow each other; the first, and one after a pause, begins when it arrives. Holds up to 1 s; what goes beyond is
/// dropped.
class UserAudioSource final : public AudioSource {
  public:
    UserAudioSource(int sampleRate, int channels, std::shared_ptr<UserClock> clock);

    /// Copies the sound; from any thread. Throws EngineException(InvalidArgument). While the source does not run the
    /// sound is checked and dropped.
    void send(const engine::UserAudio &audio);

    void setRunning(bool running) override;
    void onArrival(std::function<void()> arrived) override;
    int64_t patienceUs() const override { return 60'000; }
    ReadResult read(int64_t startUs, std::span<float> out, bool final) override;

  private:
    const size_t channels_;
    const std::shared_ptr<UserClock> clock_;
    const SampleGrid grid_;

    std::mutex mutex_;
    std::function<void()> arrived_;
    bool running_ = false;
    bool fresh_ = true;
    Resampler resampler_;
    SoundBuffer buffer_;
};

} // namespace rtcroom::embedded
