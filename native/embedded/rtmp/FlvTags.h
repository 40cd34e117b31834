#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "embedded/media/EncodedPacket.h"
#include "embedded/rtmp/Message.h"

namespace rtcroom::embedded {

struct ExHeader;

/// Takes packets out of a foreign stream's audio, video and aggregate messages, with the headers of FLV and of enhanced
/// RTMP. Codecs without a CodecId, streams of several tracks and damaged configurations are skipped; nothing makes it
/// fail. A damaged picture comes without data, so that the decoder tells of it and waits for a key frame. NAL lengths
/// of 1 or 2 bytes become 4, ADTS headers go.
class FlvTagReader {
  public:
    using OnPacket = std::function<void(EncodedPacket)>;

    /// `dtsMs` of handed-out packets is unwrapped: the first coded unit has the message's own time, later ones run on
    /// past 2^32. Configs have no say in it, since servers send them to a new player with time 0, whatever the
    /// stream's.
    void read(Message &message, const OnPacket &onPacket);
    /// Units of a codec that is known and yet not usable.
    uint64_t damaged() const { return damaged_; }

  private:
    enum class UnitType { Config, Coded, Other };
    /// What a header of either sort says.
    struct Unit {
        CodecId codec = CodecId::H264;
        UnitType type = UnitType::Other;
        uint8_t frameType = 0;
        int32_t ctsMs = 0;
        uint32_t timestamp = 0;
    };
    struct Config {
        CodecId codec;
        std::shared_ptr<const Bytes> data;
    };

    static UnitType typeOf(uint8_t packetType);
    static UnitType typeOf(const ExHeader &header);
    void readTag(MessageType type, uint32_t timestamp, Bytes body, const OnPacket &onPacket);
    void readAggregate(const Message &message, const OnPacket &onPacket);
    void readVideo(uint32_t timestamp, Bytes body, const OnPacket &onPacket);
    void readVideoConfig(const Unit &unit, Bytes config, const OnPacket &onPacket);
    void readPicture(const Unit &unit, Bytes body, const OnPacket &onPacket);
    void readAudio(uint32_t timestamp, Bytes body, const OnPacket &onPacket);
    EncodedPacket begin(const Unit &unit, MediaKind kind) const;
    void emitConfig(const Unit &unit, MediaKind kind, Bytes config, std::optional<Config> &last,
                    const OnPacket &onPacket);
    int64_t unwrap(uint32_t timestamp) const;

    std::optional<int64_t> lastTimeMs_;
    int nalLengthSize_ = 4;
    std::optional<Config> videoConfig_;
    std::optional<Config> audioConfig_;
    uint64_t damaged_ = 0;
};

} // namespace rtcroom::embedded
