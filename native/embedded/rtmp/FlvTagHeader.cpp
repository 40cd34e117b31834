#include "embedded/rtmp/FlvTagHeader.h"

#include "embedded/media/ByteOrder.h"
#include "embedded/rtmp/ExHeader.h"
#include "embedded/rtmp/FlvFormat.h"
#include "embedded/rtmp/FourCc.h"

namespace rtcroom::embedded {

FlvTagHeader::FlvTagHeader(const EncodedPacket &packet) {
    if (packet.codec == CodecId::H264 || packet.codec == CodecId::Aac)
        writeLegacy(packet);
    else
        writeEnhanced(packet);
}

void FlvTagHeader::writeLegacy(const EncodedPacket &packet) {
    const uint8_t type = packet.isConfig ? flv::SequenceHeader : flv::CodedUnit;
    if (packet.kind == MediaKind::Audio) {
        // AAC is always marked 44 kHz, 16 bits, stereo (E.4.2.1); the AudioSpecificConfig tells the truth.
        bytes_ = {flv::aacFormat << 4 | 0x0f, type};
        size_ = flv::audioHeaderSize;
        return;
    }
    const uint8_t frame = packet.isConfig || packet.keyFrame ? flv::keyFrame : flv::interFrame;
    bytes_ = {static_cast<uint8_t>(frame << 4 | flv::avcCodec), type};
    writeBigEndian(bytes_.data() + 2, packet.isConfig ? 0 : static_cast<uint32_t>(packet.ctsMs), 3);
    size_ = flv::videoHeaderSize;
}

void FlvTagHeader::writeEnhanced(const EncodedPacket &packet) {
    ExPacketType type = packet.isConfig ? ExPacketType::SequenceStart : ExPacketType::CodedFrames;
    const bool hevcUnit = packet.codec == CodecId::Hevc && !packet.isConfig;
    if (hevcUnit && packet.ctsMs == 0)
        type = ExPacketType::CodedFramesX;
    if (packet.kind == MediaKind::Audio) {
        bytes_[0] = static_cast<uint8_t>(enhancedSoundFormat << 4 | static_cast<uint8_t>(type));
    } else {
        const uint8_t frame = packet.isConfig || packet.keyFrame ? flv::keyFrame : flv::interFrame;
        bytes_[0] = static_cast<uint8_t>(enhancedVideoFlag | frame << 4 | static_cast<uint8_t>(type));
    }
    writeBigEndian(bytes_.data() + 1, fourCcOf(packet.codec).number(), 4);
    size_ = 5;
    if (hevcUnit && type == ExPacketType::CodedFrames) {
        writeBigEndian(bytes_.data() + size_, static_cast<uint32_t>(packet.ctsMs), 3);
        size_ += 3;
    }
}

} // namespace rtcroom::embedded
