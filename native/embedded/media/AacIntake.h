#pragma once

#include <memory>
#include <span>
#include <vector>

#include "embedded/media/CodecConfig.h"
#include "embedded/media/EncodedPacket.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// One unit of the application's AAC.
struct AacUnit {
    /// A raw access unit.
    std::shared_ptr<const Bytes> data;
    /// An AudioSpecificConfig, the same object until it changes.
    std::shared_ptr<const Bytes> config;
    AacFormat format;
    int channels = 1;

    int64_t durationUs() const { return int64_t{format.unitSamples} * 1'000'000 / format.sampleRate; }
};

/// Takes the application's AAC apart: raw units with their configuration, or ADTS frames. Copies are cheap: work on
/// one, and keep it when nothing was refused.
class AacIntake {
  public:
    /// Throws EngineException: InvalidArgument for what is malformed, InvalidState for a raw unit whose configuration
    /// has not come. It is then of no further use.
    std::vector<AacUnit> take(const engine::UserAudio &audio);

  private:
    void configure(Bytes config);
    AacUnit unit(std::span<const uint8_t> bytes) const;

    std::shared_ptr<const Bytes> config_;
    AacFormat format_;
    int channels_ = 0;
};

} // namespace rtcroom::embedded
