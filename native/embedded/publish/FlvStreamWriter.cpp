#include "embedded/publish/FlvStreamWriter.h"

#include <algorithm>

#include "embedded/rtmp/FlvTagHeader.h"
#include "embedded/rtmp/StreamMetadata.h"

namespace rtcroom::embedded {

namespace {

/// How far the first packets of one lane may be behind those of the other. A header farther back would make a step in
/// time that servers do not follow, as after a reconnect, where headers are old.
constexpr int64_t maxLaneLagMs = 1000;

} // namespace

void FlvStreamWriter::write(const EncodedPacket &packet) {
    Lane &own = lane(packet.kind);
    if (packet.isConfig) {
        own.config = packet;
        own.configSent = false;
        return;
    }
    const int64_t timeMs = std::max(packet.dtsMs, own.lastTimeMs);
    writeHeaders(timeMs);
    own.lastTimeMs = timeMs;
    writeTag(packet, timeMs);
}

void FlvStreamWriter::writeHeaders(int64_t timeMs) {
    const auto isNew = [](const Lane &lane) { return lane.config && !lane.configSent; };
    if (!isNew(video_) && !isNew(audio_))
        return;
    Bytes body = metadataBody(video_.config ? videoFormatOf(*video_.config) : std::nullopt,
                              audio_.config ? audioFormatOf(*audio_.config) : std::nullopt);
    if (!metadata_ || *metadata_ != body) {
        metadata_ = std::make_shared<const Bytes>(std::move(body));
        // Time 0: FFmpeg takes metadata with any other time for a subtitle track.
        connection_.send(ChunkStreamId::Data, MessageType::DataAmf0, 0, {}, metadata_);
    }
    for (Lane *each : {&video_, &audio_}) {
        if (!isNew(*each))
            continue;
        each->configSent = true;
        // the other lane's time would push this lane's first packets, queued behind it, onto one time
        each->lastTimeMs = std::max({each->lastTimeMs, each->config->dtsMs, timeMs - maxLaneLagMs});
        writeTag(*each->config, each->lastTimeMs);
    }
}

void FlvStreamWriter::writeTag(const EncodedPacket &packet, int64_t timeMs) {
    const bool video = packet.kind == MediaKind::Video;
    connection_.send(video ? ChunkStreamId::Video : ChunkStreamId::Audio,
                     video ? MessageType::Video : MessageType::Audio, static_cast<uint32_t>(timeMs),
                     FlvTagHeader(packet).bytes(), packet.data);
}

} // namespace rtcroom::embedded
