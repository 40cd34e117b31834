#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "embedded/media/EncodedPacket.h"
#include "embedded/rtmp/Message.h"
#include "embedded/rtmp/SequenceHeaders.h"

namespace rtcroom::embedded {

/// What stands before a packet's bytes in an FLV tag body (Adobe, FLV 10.1, E.4.2 and E.4.3): 5 bytes for video, 2 for
/// sound.
class FlvTagHeader {
  public:
    explicit FlvTagHeader(const EncodedPacket &packet);
    std::span<const uint8_t> bytes() const { return {bytes_.data(), size_}; }

  private:
    std::array<uint8_t, 5> bytes_{};
    size_t size_ = 0;
};

/// The body of a data message with a stream's description, as encoders send it and servers keep it for players. Fields
/// that are not known are left out.
Bytes metadataBody(const std::optional<VideoFormat> &video, const std::optional<AudioFormat> &audio);

/// Takes packets out of a foreign stream's audio, video and aggregate messages. What is not H.264 or AAC, the enhanced
/// headers of other codecs, and damaged configurations are skipped; nothing makes it fail. A damaged picture comes
/// without data, so that the decoder tells of it and waits for a key frame. NAL lengths of 1 or 2 bytes become 4, ADTS
/// headers go.
class FlvTagReader {
  public:
    using OnPacket = std::function<void(EncodedPacket)>;

    /// `dtsMs` of handed-out packets is unwrapped: the first coded unit has the message's own time, later ones run on
    /// past 2^32. Configs have no say in it, since servers send them to a new player with time 0, whatever the
    /// stream's.
    void read(Message &message, const OnPacket &onPacket);
    /// Units that were H.264 or AAC and yet not usable.
    uint64_t damaged() const { return damaged_; }

  private:
    void readTag(MessageType type, uint32_t timestamp, Bytes body, const OnPacket &onPacket);
    void readAggregate(const Message &message, const OnPacket &onPacket);
    void readVideo(uint32_t timestamp, Bytes body, const OnPacket &onPacket);
    void readAudio(uint32_t timestamp, Bytes body, const OnPacket &onPacket);
    void emitConfig(EncodedPacket packet, Bytes config, std::shared_ptr<const Bytes> &last, const OnPacket &onPacket);
    int64_t unwrap(uint32_t timestamp) const;

    std::optional<int64_t> lastTimeMs_;
    int nalLengthSize_ = 4;
    std::shared_ptr<const Bytes> videoConfig_;
    std::shared_ptr<const Bytes> audioConfig_;
    uint64_t damaged_ = 0;
};

} // namespace rtcroom::embedded
