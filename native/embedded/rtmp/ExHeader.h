#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// Marks a video tag with an enhanced header; such a sound tag has this format instead.
constexpr uint8_t enhancedVideoFlag = 0x80;
constexpr uint8_t enhancedSoundFormat = 9;

/// Packet types of enhanced RTMP (Veovera, E-RTMP v2: VideoPacketType, AudioPacketType) that video and sound share, and
/// how each has several tracks.
enum class ExPacketType : uint8_t {
    SequenceStart = 0,
    CodedFrames = 1,
    SequenceEnd = 2,
    CodedFramesX = 3,
    SoundMultitrack = 5, // of video it begins MPEG-2 TS
    VideoMultitrack = 6,
    ModEx = 7
};

/// What stands before the bytes of one track's packet in an enhanced tag.
struct ExHeader {
    CodecId codec;
    ExPacketType type;
    /// Of video: 1 a key frame, 2 another, 5 a command without a picture.
    uint8_t frameType = 0;
    /// Presentation minus decoding time, ms.
    int32_t ctsMs = 0;
    /// All of it, bytes.
    size_t size = 0;
};

/// None for what is not enhanced, damaged, in several tracks, or of a codec without a CodecId. What ModEx packets add
/// (nanoseconds) is left out.
std::optional<ExHeader> readExHeader(MediaKind kind, std::span<const uint8_t> tag);

} // namespace rtcroom::embedded
