#pragma once

#include <atomic>
#include <cstdint>
#include <span>

namespace rtcroom::embedded {

/// A volume of the SDK's scale, and how loud the sound is after it. Set and read from any thread, applied by one.
class SoundVolume {
  public:
    /// The sound as it is: the SDK's default. Below it amplitudes are in proportion, 0 is silence.
    static constexpr int MAX = 65535;

    /// Holds from the next block on, which it is come to over, so that nothing clicks.
    /// @throws engine::EngineException InvalidArgument outside 0 to MAX
    void set(int volume);
    int value() const { return volume_; }

    /// Samples of -1 to 1 and of 16 bits, the channels interleaved. `perSecond`: sample rate × channels.
    void apply(std::span<float> block, int perSecond);
    void apply(std::span<int16_t> block, int perSecond);

    /// Of the last 100 ms: 100 is the RMS of full scale (0 dBFS), 0 is -60 dBFS and less, in between in proportion to
    /// the decibels. 0 also when no sound came for half a second.
    int level() const;

  private:
    template <typename Sample> void applyTo(std::span<Sample> block, int perSecond, double fullScale);

    std::atomic<int> volume_{MAX};
    std::atomic<int> level_{0};
    std::atomic<int64_t> levelAtUs_{0};

    // Of the applying thread.
    double gain_ = 1;
    double squares_ = 0;
    int counted_ = 0;
};

} // namespace rtcroom::embedded
