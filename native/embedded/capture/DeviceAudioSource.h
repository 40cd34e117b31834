#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "embedded/capture/AudioSource.h"
#include "embedded/capture/SampleGrid.h"
#include "embedded/media/DriftControl.h"
#include "embedded/media/Resampler.h"
#include "embedded/media/SoundBuffer.h"
#include "embedded/media/SoundVolume.h"
#include "sound/SoundDevices.h"
#include "sound/SoundProcessor.h"

namespace rtcroom::embedded {

/// The sound of a microphone, or what the machine plays. The device's clock is brought to ours by resampling. Silent
/// while the device is gone or disabled.
class DeviceAudioSource final : public AudioSource {
  public:
    /// @param volume what the device's sound is scaled by, and its level measured with
    /// @param processor may be null
    DeviceAudioSource(sound::DeviceKind kind, int sampleRate, int channels, std::shared_ptr<SoundVolume> volume,
                      std::shared_ptr<sound::SoundProcessor> processor);
    ~DeviceAudioSource() override { close(); }

    // One thread at a time.
    /// Begins to open the device of that name; see SoundDevices::open, whose exceptions it throws. What was open goes
    /// on until settle() is true.
    void open(const std::string &name);
    /// Whether that has come to an end, which it does within 5 s. Throws EngineException(DeviceNotFound,
    /// DeviceOccupied, DeviceFailed) when it cannot be opened; what was open before is then still open.
    bool settle();
    /// Gives an opening up; what was open goes on.
    void giveUp() { next_.reset(); }
    void close();
    enum class Change { None, Lost, Back };
    /// Now and again: opens a device again that was lost.
    Change check();
    const engine::Error &lastError() const { return lastError_; }

    void setRunning(bool running) override;
    void onArrival(std::function<void()> arrived) override;
    int64_t patienceUs() const override { return 80'000; }
    ReadResult read(int64_t startUs, std::span<float> out, bool final) override;

  private:
    /// A device that is open, or being opened and not yet heard.
    struct Line {
        std::shared_ptr<std::atomic<bool>> heard;
        std::unique_ptr<sound::SoundStream> stream;
    };

    /// An opening that was asked for.
    struct Next {
        std::string name;
        Line line;
        std::chrono::steady_clock::time_point end;
    };

    Line begin(const std::string &name);
    /// One is heard at a time.
    void use(Line line);
    void hear(std::span<float> block);
    void place(std::span<const float> block, int64_t beginUs);

    const sound::DeviceKind kind_;
    const int channels_;
    const SampleGrid grid_;
    const std::shared_ptr<SoundVolume> volume_;
    const std::shared_ptr<sound::SoundProcessor> processor_;

    // Of the opening thread.
    std::shared_ptr<sound::SoundDevices> devices_;
    Line line_;
    std::optional<Next> next_;
    /// That is tried again after a loss.
    Line trial_;
    std::string name_;
    bool wanted_ = false;
    bool lost_ = false;
    engine::Error lastError_;
    std::chrono::steady_clock::time_point nextTry_{};

    std::mutex mutex_;
    std::function<void()> arrived_;
    bool running_ = false;
    bool fresh_ = true;
    std::atomic<bool> present_{false};
    Resampler resampler_;
    DriftControl drift_;
    SoundBuffer buffer_;
};

} // namespace rtcroom::embedded
