#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "embedded/media/DriftControl.h"
#include "embedded/media/Resampler.h"
#include "embedded/media/SoundBuffer.h"
#include "embedded/media/SoundVolume.h"
#include "engine/Frame.h"
#include "sound/FarEnd.h"
#include "sound/SoundStream.h"

namespace rtcroom::embedded {

/// Sound on its way to a loudspeaker, from the playout's clock to the device's: written by one thread leadMs() before
/// it shall be heard, read by the device's. What the clocks drift apart by is taken out by resampling; sound that comes
/// too late for the device raises the lead.
class SpeakerBuffer {
  public:
    static constexpr int channels = 2;

    /// Times are those of engine::clockMicros().
    void write(const engine::AudioFrame &sound, int64_t nowUs);
    /// Silence where there is nothing.
    void read(std::span<float> out, int64_t nowUs);
    /// Forgets what is there, for a device that is opened afterwards.
    void clear();

    /// From write() until it is heard.
    double leadMs() const;
    /// How often the device ran out of sound that came a little later.
    uint64_t underruns() const;
    /// Of this loudspeaker alone; see SoundVolume.
    SoundVolume &volume() { return volume_; }
    const SoundVolume &volume() const { return volume_; }

  private:
    /// What the writer finds: beyond the cushion; none after it began anew.
    double surplusMs(int64_t nowUs);
    std::span<const float> converted(const engine::AudioFrame &sound, double shorter);

    mutable std::mutex mutex_;
    SoundBuffer buffer_{channels};
    /// The device's block, and what its threads and ours may be late by.
    double cushionMs_ = 20;
    bool filled_ = false;
    int64_t lastReadUs_ = 0;
    int64_t dryUs_ = 0;
    uint64_t underruns_ = 0;

    SoundVolume volume_;
    /// From the first device on.
    std::shared_ptr<sound::FarEnd::Voice> voice_;

    // The writer's own.
    Resampler resampler_{sound::DEVICE_RATE, channels};
    DriftControl drift_;
    int64_t lastWriteUs_ = 0;
};

} // namespace rtcroom::embedded
