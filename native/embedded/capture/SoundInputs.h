#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "embedded/capture/DeviceAudioSource.h"
#include "embedded/media/SoundVolume.h"
#include "engine/Error.h"
#include "sound/SoundProcessor.h"

namespace rtcroom::embedded {

/// The SDK's event for a microphone, or the machine's sound, that cannot be opened.
int openFailureEvent(engine::ErrorCode code);

/// The microphone and the machine's own sound of one pusher: what was chosen of them, and what is open.
class SoundInputs {
  public:
    struct Callbacks {
        /// Once, until onBack.
        std::function<void(const engine::Error &)> onLost{};
        std::function<void()> onBack{};
    };

    explicit SoundInputs(Callbacks callbacks) : callbacks_(std::move(callbacks)) {}

    // From any thread.
    /// The one at that place of the list. Throws as sound::deviceName; the choice stays then as it was.
    void select(int index);
    SoundVolume &microphoneVolume() { return *microphoneVolume_; }
    SoundVolume &systemVolume() { return *systemVolume_; }
    /// Of SoundProcessor::Part. Throws EngineException(InvalidArgument, Unsupported).
    void enablePart(int part, bool enable);

    // One thread at a time. The abort flag ends an opening.
    /// Throws as DeviceAudioSource::open.
    std::shared_ptr<DeviceAudioSource> openMicrophone(int sampleRate, int channels, const std::atomic<bool> &abort);
    std::shared_ptr<DeviceAudioSource> openSystemSound(int sampleRate, int channels, const std::atomic<bool> &abort);
    void closeMicrophone();
    void closeSystemSound() { system_.reset(); }
    /// Opens the microphone that is chosen now instead of the one that is open.
    void reopenMicrophone(const std::atomic<bool> &abort);
    void enableMicrophone(bool enable, const std::atomic<bool> &abort);
    /// A microphone that is open for its level alone.
    void openTest(const std::atomic<bool> &abort);
    void closeTest() { test_.reset(); }
    bool hears() const { return microphone_ || test_; }
    bool anyOpen() const { return microphone_ || system_ || test_; }
    /// Now and again while any is open.
    void check();

  private:
    std::string chosen() const;
    std::shared_ptr<sound::SoundProcessor> processor();
    void check(DeviceAudioSource *source);

    const Callbacks callbacks_;
    const std::shared_ptr<SoundVolume> microphoneVolume_ = std::make_shared<SoundVolume>();
    const std::shared_ptr<SoundVolume> systemVolume_ = std::make_shared<SoundVolume>();

    mutable std::mutex mutex_;
    std::string chosen_;
    int parts_ = sound::SoundProcessor::all;
    std::shared_ptr<sound::SoundProcessor> processor_;

    bool enabled_ = true;
    std::shared_ptr<DeviceAudioSource> microphone_;
    std::shared_ptr<DeviceAudioSource> system_;
    std::shared_ptr<DeviceAudioSource> test_;
};

} // namespace rtcroom::embedded
