#include "embedded/rtmp/ExHeader.h"

#include "embedded/media/ByteOrder.h"
#include "embedded/rtmp/FourCc.h"

namespace rtcroom::embedded {

namespace {

/// Skips the data of ModEx packets, each of which tells the type of what follows. False when it is damaged.
bool skipModEx(std::span<const uint8_t> tag, ExHeader &header) {
    while (header.type == ExPacketType::ModEx) {
        if (header.size + 1 > tag.size())
            return false;
        size_t length = size_t{tag[header.size++]} + 1;
        if (length == 256) {
            if (header.size + 2 > tag.size())
                return false;
            length = static_cast<size_t>(readBigEndian(tag.data() + header.size, 2)) + 1;
            header.size += 2;
        }
        if (length + 1 > tag.size() - header.size)
            return false;
        header.size += length;
        header.type = static_cast<ExPacketType>(tag[header.size++] & 0x0f);
    }
    return true;
}

bool hasCompositionTime(const ExHeader &header) {
    return header.type == ExPacketType::CodedFrames && (header.codec == CodecId::H264 || header.codec == CodecId::Hevc);
}

} // namespace

std::optional<ExHeader> readExHeader(MediaKind kind, std::span<const uint8_t> tag) {
    constexpr uint8_t commandFrame = 5;
    const auto multitrack = kind == MediaKind::Video ? ExPacketType::VideoMultitrack : ExPacketType::SoundMultitrack;
    constexpr size_t fourCcSize = 4, compositionTimeSize = 3;
    if (tag.empty())
        return std::nullopt;
    const bool enhanced =
        kind == MediaKind::Video ? (tag[0] & enhancedVideoFlag) != 0 : tag[0] >> 4 == enhancedSoundFormat;
    if (!enhanced)
        return std::nullopt;
    ExHeader out{};
    out.type = static_cast<ExPacketType>(tag[0] & 0x0f);
    out.frameType = kind == MediaKind::Video ? tag[0] >> 4 & 7 : 0;
    out.size = 1;
    if (!skipModEx(tag, out) || out.type == multitrack || out.frameType == commandFrame ||
        fourCcSize > tag.size() - out.size)
        return std::nullopt;
    const auto codec = codecOfFourCc(kind, static_cast<uint32_t>(readBigEndian(tag.data() + out.size, fourCcSize)));
    if (!codec)
        return std::nullopt;
    out.codec = *codec;
    out.size += fourCcSize;
    if (hasCompositionTime(out)) {
        if (compositionTimeSize > tag.size() - out.size)
            return std::nullopt;
        // 24 bits, signed.
        const auto bits = static_cast<uint32_t>(readBigEndian(tag.data() + out.size, compositionTimeSize));
        out.ctsMs = static_cast<int32_t>(bits << 8) >> 8;
        out.size += compositionTimeSize;
    }
    return out;
}

} // namespace rtcroom::embedded
