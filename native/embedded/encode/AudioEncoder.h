#pragma once

#include <functional>
#include <memory>
#include <span>

#include "embedded/encode/PushPipeline.h"
#include "embedded/media/EncodedPacket.h"
#include "embedded/media/ffmpeg.h"

namespace rtcroom::embedded {

/// AAC-LC. A packet's time is that of the sound that comes out when it is decoded: the encoder's priming (1024 samples)
/// is subtracted, and the packet that holds nothing else is left out.
class AudioEncoder {
  public:
    /// The packet, and its beginning in samples of the caller's count.
    using Sink = std::function<void(EncodedPacket, int64_t firstSample)>;

    /// Throws EngineException(EncodeFailed).
    explicit AudioEncoder(const AudioSettings &settings);

    /// Samples a channel of one block.
    int blockSamples() const { return codec_->frame_size; }
    /// The AudioSpecificConfig, as a packet.
    EncodedPacket config(int64_t dtsMs) const;
    /// Interleaved sound of one block that begins at sample `firstSample`, which never goes back. Packets come two
    /// blocks later. Throws EngineException(EncodeFailed).
    void encode(std::span<const float> block, int64_t firstSample, const Sink &sink);

  private:
    CodecPtr codec_;
    FramePtr input_;
    PacketPtr output_;
    std::shared_ptr<const Bytes> config_;
    int64_t originSample_ = -1;
};

} // namespace rtcroom::embedded
