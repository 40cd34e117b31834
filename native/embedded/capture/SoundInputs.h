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

/// Something to do once a device is open.
struct SoundOpening {
    /// Null: nothing to wait for, and `then` need not be there.
    std::shared_ptr<DeviceAudioSource> source{};
    std::function<void()> then{};
};

/// The microphone and the machine's own sound of one pusher: what was chosen of them, and what is open. Nothing waits
/// here for a device: what begins an opening returns it.
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

    // One thread at a time, and one opening at a time. Throw as DeviceAudioSource::open.
    /// `use` gets it when it is open, or disabled.
    using Use = std::function<void(std::shared_ptr<DeviceAudioSource>)>;
    SoundOpening openMicrophone(int sampleRate, int channels, Use use);
    SoundOpening openSystemSound(int sampleRate, int channels, Use use);
    void closeMicrophone();
    void closeSystemSound() { system_.reset(); }
    /// Opens the microphone that is chosen now instead of the one that is open.
    SoundOpening reopenMicrophone();
    SoundOpening enableMicrophone(bool enable);
    /// A microphone that is open for its level alone.
    SoundOpening openTest();
    /// Also where somebody waits for it.
    void closeTest();
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
