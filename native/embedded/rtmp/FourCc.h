#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// A codec's name in enhanced RTMP (Veovera, E-RTMP v2: VideoFourCc and AudioFourCc).
struct FourCc {
    CodecId codec;
    MediaKind kind;
    std::array<char, 4> name;

    uint32_t number() const {
        uint32_t value = 0;
        for (const char c : name)
            value = value << 8 | static_cast<uint8_t>(c);
        return value;
    }
    std::string text() const { return {name.begin(), name.end()}; }
};

inline constexpr std::array fourCcs{
    FourCc{CodecId::H264, MediaKind::Video, {'a', 'v', 'c', '1'}},
    FourCc{CodecId::Hevc, MediaKind::Video, {'h', 'v', 'c', '1'}},
    FourCc{CodecId::Av1, MediaKind::Video, {'a', 'v', '0', '1'}},
    FourCc{CodecId::Vp9, MediaKind::Video, {'v', 'p', '0', '9'}},
    FourCc{CodecId::Aac, MediaKind::Audio, {'m', 'p', '4', 'a'}},
    FourCc{CodecId::Opus, MediaKind::Audio, {'O', 'p', 'u', 's'}},
};

inline const FourCc &fourCcOf(CodecId codec) { return *std::ranges::find(fourCcs, codec, &FourCc::codec); }

inline std::optional<CodecId> codecOfFourCc(MediaKind kind, uint32_t number) {
    for (const FourCc &each : fourCcs)
        if (each.kind == kind && each.number() == number)
            return each.codec;
    return std::nullopt;
}

} // namespace rtcroom::embedded
