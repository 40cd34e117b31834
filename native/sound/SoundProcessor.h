#pragma once

#include <atomic>
#include <memory>
#include <span>

#include "engine/System.h"

namespace rtcroom::sound {

/// Echo cancellation, gain control and noise suppression of one microphone, by WebRTC's audio processing. The echo is
/// that of what this process plays in loudspeakers (FarEnd). The library is loaded with the first processor.
class SoundProcessor {
  public:
    /// The SDK's numbers.
    enum Part { Echo = 1, Gain = 2, Noise = 4 };
    static constexpr int all = Echo | Gain | Noise;

    /// Why this build or machine has none; null when it has.
    static const char *unsupported();
    /// Why no build for that system has one; null when one may.
    static const char *unsupported(engine::System system);

    /// Throws EngineException(Unsupported).
    explicit SoundProcessor(int parts = all);
    ~SoundProcessor();
    SoundProcessor(const SoundProcessor &) = delete;
    SoundProcessor &operator=(const SoundProcessor &) = delete;

    /// From any thread; holds from the next block on.
    void setParts(int parts) { parts_ = parts; }
    int parts() const { return parts_; }
    /// A block of DEVICE_BLOCK samples a channel, 1 or 2 of them interleaved, in place. By one thread at a time.
    void process(std::span<float> block, int channels);

  private:
    class Impl;
    std::atomic<int> parts_;
    const std::unique_ptr<Impl> impl_;
};

} // namespace rtcroom::sound
