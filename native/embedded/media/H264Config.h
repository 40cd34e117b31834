#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// NAL unit types of H.264 (ISO/IEC 14496-10, table 7-1) that matter to a transport.
enum class NalType : uint8_t {
    NonIdr = 1,
    DataPartitionA = 2,
    DataPartitionC = 4,
    Idr = 5,
    Sei = 6,
    Sps = 7,
    Pps = 8,
    AccessUnitDelimiter = 9,
    EndOfSequence = 10,
    EndOfStream = 11,
    Filler = 12,
    AuxiliarySlice = 19,
    LastReserved = 23
};

inline NalType nalType(std::span<const uint8_t> nal) { return static_cast<NalType>(nal[0] & 0x1f); }

/// The NAL units of an Annex B byte stream (start codes of 3 or 4 bytes), in order, never empty. They point into
/// `stream`.
std::vector<std::span<const uint8_t>> splitAnnexB(std::span<const uint8_t> stream);

/// AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.2.4.1) from the parameter sets of an Annex B stream, with 4-byte
/// NAL lengths. Empty when there is no SPS or no PPS.
Bytes avcConfigFromAnnexB(std::span<const uint8_t> stream);

/// The same from the NAL units themselves, the one with the profile first; they fit into its 16-bit lengths.
Bytes avcConfig(std::span<const std::span<const uint8_t>> sps, std::span<const std::span<const uint8_t>> pps);

/// What the beginning of a picture parameter set says (7.3.2.2). None when it is damaged.
struct PpsHead {
    uint32_t id = 0;
    uint32_t spsId = 0;
};
std::optional<PpsHead> readPpsHead(std::span<const uint8_t> nal);

/// Of a slice (7.3.3), likewise.
struct SliceHead {
    /// 0 begins a picture.
    uint32_t firstMacroblock = 0;
    uint32_t ppsId = 0;
};
std::optional<SliceHead> readSliceHead(std::span<const uint8_t> nal);

/// Appends `nal` with its 4-byte big-endian length.
void appendLengthPrefixed(Bytes &out, std::span<const uint8_t> nal);

/// The payload of a NAL unit as it was before zeros were protected from looking like a start code (7.4.1).
Bytes withoutEmulationPrevention(std::span<const uint8_t> nal);

} // namespace rtcroom::embedded
