#include "embedded/rtmp/FlvTags.h"

#include "embedded/media/Av1Config.h"
#include "embedded/media/ByteOrder.h"
#include "embedded/media/HevcConfig.h"
#include "embedded/media/OpusConfig.h"
#include "embedded/rtmp/ExHeader.h"
#include "embedded/rtmp/FlvFormat.h"
#include "embedded/rtmp/FourCc.h"
#include "embedded/rtmp/SequenceHeaders.h"

namespace rtcroom::embedded {

namespace {

void removeFront(Bytes &bytes, size_t count) {
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
}

/// Whether a unit is a row of NAL units with lengths of that size, to its end.
bool isLengthPrefixed(std::span<const uint8_t> unit, size_t lengthSize) {
    while (unit.size() >= lengthSize) {
        const uint64_t length = readBigEndian(unit.data(), lengthSize);
        if (length > unit.size() - lengthSize)
            return false;
        unit = unit.subspan(lengthSize + length);
    }
    return unit.empty();
}

Bytes withLongLengths(std::span<const uint8_t> unit, size_t lengthSize) {
    Bytes out;
    out.reserve(unit.size() + 64);
    while (unit.size() >= lengthSize) {
        const uint64_t length = readBigEndian(unit.data(), lengthSize);
        out.resize(out.size() + 4);
        writeBigEndian(out.data() + out.size() - 4, length, 4);
        const auto nal = unit.subspan(lengthSize, length);
        out.insert(out.end(), nal.begin(), nal.end());
        unit = unit.subspan(lengthSize + length);
    }
    return out;
}

/// The size of an ADTS header (ISO/IEC 13818-7, 6.2) that frames exactly this unit, else 0. A raw access unit with
/// anything in it does not begin with these twelve bits.
size_t adtsHeaderSize(std::span<const uint8_t> unit) {
    if (unit.size() < 7 || unit[0] != 0xff || (unit[1] & 0xf6) != 0xf0)
        return 0;
    const size_t frame = static_cast<size_t>(unit[3] & 3) << 11 | static_cast<size_t>(unit[4]) << 3 | unit[5] >> 5;
    const size_t header = unit[1] & 1 ? 7 : 9;
    return frame == unit.size() && frame > header ? header : 0;
}

bool hasNalUnits(CodecId codec) { return codec == CodecId::H264 || codec == CodecId::Hevc; }

} // namespace

FlvTagReader::UnitType FlvTagReader::typeOf(uint8_t packetType) {
    if (packetType == flv::SequenceHeader)
        return UnitType::Config;
    return packetType == flv::CodedUnit ? UnitType::Coded : UnitType::Other;
}

FlvTagReader::UnitType FlvTagReader::typeOf(const ExHeader &header) {
    if (header.type == ExPacketType::SequenceStart)
        return UnitType::Config;
    const bool coded = header.type == ExPacketType::CodedFrames ||
                       (header.type == ExPacketType::CodedFramesX && fourCcOf(header.codec).kind == MediaKind::Video);
    return coded ? UnitType::Coded : UnitType::Other;
}

void FlvTagReader::read(Message &message, const OnPacket &onPacket) {
    if (message.type == MessageType::Aggregate)
        readAggregate(message, onPacket);
    else
        readTag(message.type, message.timestamp, std::move(message.body), onPacket);
}

void FlvTagReader::readAggregate(const Message &message, const OnPacket &onPacket) {
    // FLV tags one after another (RTMP 1.0, 7.1.6): type, size, time, its upper byte, stream, body, size of all that.
    constexpr size_t headerSize = 11, trailerSize = 4;
    std::span<const uint8_t> left(message.body);
    std::optional<uint32_t> first;
    while (left.size() >= headerSize) {
        const auto type = static_cast<MessageType>(left[0] & 0x1f);
        const uint64_t size = readBigEndian(left.data() + 1, 3);
        const uint32_t time = flv::readTimestamp(left.data() + 4);
        left = left.subspan(headerSize);
        if (size > left.size()) {
            ++damaged_;
            return;
        }
        // The message's own time is that of its first tag; the tags' times differ from it by an offset.
        if (!first)
            first = time;
        readTag(type, message.timestamp + (time - *first),
                Bytes(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(size)), onPacket);
        left = left.subspan(std::min<size_t>(left.size(), size + trailerSize));
    }
}

void FlvTagReader::readTag(MessageType type, uint32_t timestamp, Bytes body, const OnPacket &onPacket) {
    if (type == MessageType::Video)
        readVideo(timestamp, std::move(body), onPacket);
    else if (type == MessageType::Audio)
        readAudio(timestamp, std::move(body), onPacket);
}

void FlvTagReader::readVideo(uint32_t timestamp, Bytes body, const OnPacket &onPacket) {
    Unit unit;
    if (const auto header = readExHeader(MediaKind::Video, body)) {
        unit = {header->codec, typeOf(*header), header->frameType, header->ctsMs, timestamp};
        removeFront(body, header->size);
    } else {
        if (body.size() <= flv::videoHeaderSize || (body[0] & enhancedVideoFlag))
            return;
        const auto codec = body[0] & 0x0f;
        if (codec != flv::avcCodec && codec != flv::hevcCodec)
            return;
        // 24 bits, signed.
        const auto cts = static_cast<int32_t>(static_cast<uint32_t>(readBigEndian(body.data() + 2, 3)) << 8) >> 8;
        unit = {codec == flv::avcCodec ? CodecId::H264 : CodecId::Hevc, typeOf(body[1]),
                static_cast<uint8_t>(body[0] >> 4), cts, timestamp};
        removeFront(body, flv::videoHeaderSize);
    }
    if (body.empty() || unit.type == UnitType::Other ||
        (unit.frameType != flv::keyFrame && unit.frameType != flv::interFrame))
        return;
    if (unit.type == UnitType::Config)
        readVideoConfig(unit, std::move(body), onPacket);
    else
        readPicture(unit, std::move(body), onPacket);
}

void FlvTagReader::readVideoConfig(const Unit &unit, Bytes config, const OnPacket &onPacket) {
    if (hasNalUnits(unit.codec)) {
        const auto lengthSize = unit.codec == CodecId::H264 ? nalLengthSize(config) : hevcNalLengthSize(config);
        if (!lengthSize) {
            ++damaged_;
            return;
        }
        nalLengthSize_ = *lengthSize;
        constexpr size_t avcLengthAt = 4, hevcLengthAt = 21;
        config[unit.codec == CodecId::H264 ? avcLengthAt : hevcLengthAt] |= 3;
    } else if (unit.codec == CodecId::Av1 && !isAv1Config(config)) {
        ++damaged_;
        return;
    }
    emitConfig(unit, MediaKind::Video, std::move(config), videoConfig_, onPacket);
}

void FlvTagReader::readPicture(const Unit &unit, Bytes body, const OnPacket &onPacket) {
    if (!videoConfig_ || videoConfig_->codec != unit.codec)
        return;
    const auto lengthSize = static_cast<size_t>(hasNalUnits(unit.codec) ? nalLengthSize_ : 4);
    const bool damaged =
        hasNalUnits(unit.codec) ? !isLengthPrefixed(body, lengthSize) : unit.codec == CodecId::Av1 && !isObuRow(body);
    if (damaged) {
        ++damaged_;
        body.clear();
    }
    EncodedPacket packet = begin(unit, MediaKind::Video);
    lastTimeMs_ = packet.dtsMs;
    packet.keyFrame = unit.frameType == flv::keyFrame && !damaged;
    packet.ctsMs = unit.ctsMs;
    packet.data = std::make_shared<const Bytes>(lengthSize == 4 ? std::move(body) : withLongLengths(body, lengthSize));
    onPacket(std::move(packet));
}

void FlvTagReader::readAudio(uint32_t timestamp, Bytes body, const OnPacket &onPacket) {
    Unit unit;
    if (const auto header = readExHeader(MediaKind::Audio, body)) {
        unit = {header->codec, typeOf(*header), 0, 0, timestamp};
        removeFront(body, header->size);
    } else {
        if (body.size() <= flv::audioHeaderSize || body[0] >> 4 != flv::aacFormat)
            return;
        unit = {CodecId::Aac, typeOf(body[1]), 0, 0, timestamp};
        removeFront(body, flv::audioHeaderSize);
    }
    if (body.empty() || unit.type == UnitType::Other)
        return;
    if (unit.type == UnitType::Config) {
        if (unit.codec == CodecId::Aac ? !readAudioFormat(body) : !readOpusHead(body)) {
            ++damaged_;
            return;
        }
        emitConfig(unit, MediaKind::Audio, std::move(body), audioConfig_, onPacket);
        return;
    }
    if (!audioConfig_ || audioConfig_->codec != unit.codec)
        return;
    EncodedPacket packet = begin(unit, MediaKind::Audio);
    lastTimeMs_ = packet.dtsMs;
    if (unit.codec == CodecId::Aac)
        removeFront(body, adtsHeaderSize(body));
    packet.keyFrame = true;
    packet.data = std::make_shared<const Bytes>(std::move(body));
    onPacket(std::move(packet));
}

EncodedPacket FlvTagReader::begin(const Unit &unit, MediaKind kind) const {
    EncodedPacket packet;
    packet.kind = kind;
    packet.codec = unit.codec;
    packet.dtsMs = unwrap(unit.timestamp);
    return packet;
}

void FlvTagReader::emitConfig(const Unit &unit, MediaKind kind, Bytes config, std::optional<Config> &last,
                              const OnPacket &onPacket) {
    if (last && last->codec == unit.codec && *last->data == config)
        return;
    last = {unit.codec, std::make_shared<const Bytes>(std::move(config))};
    EncodedPacket packet = begin(unit, kind);
    packet.isConfig = true;
    packet.data = last->data;
    onPacket(std::move(packet));
}

int64_t FlvTagReader::unwrap(uint32_t timestamp) const {
    if (!lastTimeMs_)
        return timestamp;
    // Neither way further than half the range.
    return *lastTimeMs_ + static_cast<int32_t>(timestamp - static_cast<uint32_t>(*lastTimeMs_));
}

} // namespace rtcroom::embedded
