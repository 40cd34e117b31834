#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "embedded/media/EncodedPacket.h"
#include "embedded/rtmp/RtmpConnection.h"

namespace rtcroom::embedded {

/// Writes one connection's packets as RTMP messages. Configs go out, with the metadata made from all that are known,
/// right before the next media packet, so that players and servers see a whole description first.
class FlvStreamWriter {
  public:
    explicit FlvStreamWriter(RtmpConnection &connection) : connection_(connection) {}
    void write(const EncodedPacket &packet);

  private:
    struct Lane {
        std::optional<EncodedPacket> config;
        bool configSent = false;
        int64_t lastTimeMs = 0;
    };

    Lane &lane(MediaKind kind) { return kind == MediaKind::Video ? video_ : audio_; }
    void writeHeaders(int64_t timeMs);
    void writeTag(const EncodedPacket &packet, int64_t timeMs);

    RtmpConnection &connection_;
    Lane video_;
    Lane audio_;
    std::shared_ptr<const Bytes> metadata_;
};

} // namespace rtcroom::embedded
