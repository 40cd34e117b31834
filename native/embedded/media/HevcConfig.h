#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "embedded/media/EncodedPacket.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// NAL unit types of HEVC (ISO/IEC 23008-2, table 7-1) that matter to a transport. Up to 31 they are pictures.
enum class HevcNalType : uint8_t {
    LastPicture = 31,
    Vps = 32,
    Sps = 33,
    Pps = 34,
    AccessUnitDelimiter = 35,
    PrefixSei = 39,
    SuffixSei = 40
};

/// The header has two bytes.
inline HevcNalType hevcNalType(std::span<const uint8_t> nal) { return static_cast<HevcNalType>(nal[0] >> 1 & 0x3f); }

/// HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, 8.3.3.1.2) from the parameter sets of an Annex B stream of 4:2:0
/// and 8 bits, with 4-byte NAL lengths. Empty when there is no VPS, SPS or PPS.
Bytes hevcConfigFromAnnexB(std::span<const uint8_t> stream);

/// The bytes of a NAL unit's length in an HEVCDecoderConfigurationRecord: 1, 2 or 4. None when it is none.
std::optional<int> hevcNalLengthSize(std::span<const uint8_t> hvcC);

/// The cropped size of a coded picture, from an SPS in the unit itself (4-byte NAL lengths) or else in its
/// configuration. None when neither has a valid one.
std::optional<engine::Size> hevcPictureSize(std::span<const uint8_t> hvcC, std::span<const uint8_t> unit = {});

/// The parameter sets of the record as NAL units with 4-byte lengths, to be put in front of a key frame. Empty when it
/// is damaged.
Bytes hevcParameterSets(std::span<const uint8_t> hvcC);

} // namespace rtcroom::embedded
