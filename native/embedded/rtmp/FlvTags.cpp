#include "embedded/rtmp/FlvTags.h"

#include "embedded/rtmp/Amf0.h"
#include "embedded/rtmp/ByteOrder.h"

namespace rtcroom::embedded {

namespace {

constexpr uint8_t avcCodec = 7;
constexpr uint8_t aacFormat = 10;
constexpr uint8_t keyFrameType = 1;
constexpr uint8_t interFrameType = 2;
constexpr uint8_t enhancedFlag = 0x80;
constexpr size_t videoHeaderSize = 5;
constexpr size_t audioHeaderSize = 2;
enum PacketType : uint8_t { SequenceHeader = 0, CodedUnit = 1 };

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

} // namespace

FlvTagHeader::FlvTagHeader(const EncodedPacket &packet) {
    const uint8_t type = packet.isConfig ? SequenceHeader : CodedUnit;
    if (packet.kind == MediaKind::Audio) {
        // AAC is always marked 44 kHz, 16 bits, stereo (E.4.2.1); the AudioSpecificConfig tells the truth.
        bytes_ = {aacFormat << 4 | 0x0f, type, 0, 0, 0};
        size_ = audioHeaderSize;
        return;
    }
    const uint8_t frame = packet.isConfig || packet.keyFrame ? keyFrameType : interFrameType;
    bytes_ = {static_cast<uint8_t>(frame << 4 | avcCodec), type, 0, 0, 0};
    writeBigEndian(bytes_.data() + 2, packet.isConfig ? 0 : static_cast<uint32_t>(packet.ctsMs), 3);
    size_ = videoHeaderSize;
}

Bytes metadataBody(const std::optional<VideoFormat> &video, const std::optional<AudioFormat> &audio) {
    Amf0Writer out;
    out.string("@setDataFrame").string("onMetaData");
    const bool hasRate = video && video->framesPerSecond > 0;
    out.ecmaArray((video ? 3u : 0u) + (hasRate ? 1u : 0u) + (audio ? 4u : 0u) + 1u);
    if (video) {
        out.property("width").number(video->width);
        out.property("height").number(video->height);
        out.property("videocodecid").number(avcCodec);
        if (hasRate)
            out.property("framerate").number(video->framesPerSecond);
    }
    if (audio) {
        out.property("audiocodecid").number(aacFormat);
        out.property("audiosamplerate").number(audio->sampleRate);
        out.property("audiosamplesize").number(16);
        out.property("stereo").boolean(audio->channels == 2);
    }
    out.property("encoder").string("liteav-rtcroom");
    return out.end().take();
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
        const auto time = static_cast<uint32_t>(readBigEndian(left.data() + 4, 3)) | static_cast<uint32_t>(left[7])
                                                                                         << 24;
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
    if (body.size() <= videoHeaderSize || (body[0] & enhancedFlag) || (body[0] & 0x0f) != avcCodec)
        return;
    const uint8_t frameType = body[0] >> 4;
    if (frameType != keyFrameType && frameType != interFrameType)
        return;
    const uint8_t packetType = body[1];
    // 24 bits, signed.
    const auto cts = static_cast<int32_t>(static_cast<uint32_t>(readBigEndian(body.data() + 2, 3)) << 8) >> 8;
    removeFront(body, videoHeaderSize);

    EncodedPacket packet;
    packet.kind = MediaKind::Video;
    packet.codec = CodecId::H264;
    packet.dtsMs = unwrap(timestamp);
    if (packetType == SequenceHeader) {
        const auto lengthSize = nalLengthSize(body);
        if (!lengthSize) {
            ++damaged_;
            return;
        }
        nalLengthSize_ = *lengthSize;
        body[4] |= 3;
        emitConfig(std::move(packet), std::move(body), videoConfig_, onPacket);
        return;
    }
    if (packetType != CodedUnit || !videoConfig_)
        return;
    const auto lengthSize = static_cast<size_t>(nalLengthSize_);
    const bool damaged = !isLengthPrefixed(body, lengthSize);
    if (damaged) {
        ++damaged_;
        body.clear();
    }
    lastTimeMs_ = packet.dtsMs;
    packet.keyFrame = frameType == keyFrameType && !damaged;
    packet.ctsMs = cts;
    packet.data = std::make_shared<const Bytes>(lengthSize == 4 ? std::move(body) : withLongLengths(body, lengthSize));
    onPacket(std::move(packet));
}

void FlvTagReader::readAudio(uint32_t timestamp, Bytes body, const OnPacket &onPacket) {
    if (body.size() <= audioHeaderSize || body[0] >> 4 != aacFormat)
        return;
    const uint8_t packetType = body[1];
    removeFront(body, audioHeaderSize);
    EncodedPacket packet;
    packet.kind = MediaKind::Audio;
    packet.codec = CodecId::Aac;
    packet.dtsMs = unwrap(timestamp);
    if (packetType == SequenceHeader) {
        if (!readAudioFormat(body)) {
            ++damaged_;
            return;
        }
        emitConfig(std::move(packet), std::move(body), audioConfig_, onPacket);
        return;
    }
    if (packetType != CodedUnit || !audioConfig_)
        return;
    lastTimeMs_ = packet.dtsMs;
    removeFront(body, adtsHeaderSize(body));
    packet.keyFrame = true;
    packet.data = std::make_shared<const Bytes>(std::move(body));
    onPacket(std::move(packet));
}

void FlvTagReader::emitConfig(EncodedPacket packet, Bytes config, std::shared_ptr<const Bytes> &last,
                              const OnPacket &onPacket) {
    if (last && *last == config)
        return;
    last = std::make_shared<const Bytes>(std::move(config));
    packet.isConfig = true;
    packet.data = last;
    onPacket(std::move(packet));
}

int64_t FlvTagReader::unwrap(uint32_t timestamp) const {
    if (!lastTimeMs_)
        return timestamp;
    // Neither way further than half the range.
    return *lastTimeMs_ + static_cast<int32_t>(timestamp - static_cast<uint32_t>(*lastTimeMs_));
}

} // namespace rtcroom::embedded
