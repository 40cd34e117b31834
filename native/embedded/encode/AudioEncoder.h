#pragma once

#include <functional>
#include <memory>
#include <span>

#include "embedded/encode/PushPipeline.h"
#include "embedded/media/EncodedPacket.h"
#include "embedded/media/ffmpeg.h"

namespace rtcroom::embedded {

/// Samples a channel of one block: AAC-LC's frame, or 20 ms of Opus.
int blockSamples(const AudioSettings &settings);

/// AAC-LC or Opus. A packet's time is that of the sound that comes out when it is decoded: the encoder's priming (of
/// AAC 1024 samples) is subtracted, and the packet that begins with it is left out.
class AudioEncoder {
  public:
    /// The packet, and its beginning in samples of the caller's count.
    using Sink = std::function<void(EncodedPacket, int64_t firstSample)>;

    /// Throws EngineException(EncodeFailed).
    explicit AudioEncoder(const AudioSettings &settings);

    /// Samples a channel of one block.
    int blockSamples() const { return codec_->frame_size; }
    /// The configuration, as a packet.
    EncodedPacket config(int64_t dtsMs) const;
    /// Interleaved sound of one block that begins at sample `firstSample`, which never goes back. Packets come one or
    /// two blocks later. Throws EngineException(EncodeFailed).
    void encode(std::span<const float> block, int64_t firstSample, const Sink &sink);

  private:
    void fillInput(std::span<const float> block);

    const CodecId id_;
    CodecPtr codec_;
    FramePtr input_;
    PacketPtr output_;
    std::shared_ptr<const Bytes> config_;
    int64_t originSample_ = -1;
};

} // namespace rtcroom::embedded
