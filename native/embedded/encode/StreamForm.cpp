#include "embedded/encode/StreamForm.h"

#include "embedded/media/Av1Config.h"
#include "embedded/media/H264Config.h"
#include "embedded/media/HevcConfig.h"

namespace rtcroom::embedded {

namespace {

/// Parameter sets travel in the config packet; the SEI is only the encoder's name.
bool isPicture(CodecId codec, std::span<const uint8_t> nal) {
    if (codec == CodecId::Hevc)
        return hevcNalType(nal) <= HevcNalType::LastPicture;
    const NalType type = nalType(nal);
    return type != NalType::Sps && type != NalType::Pps && type != NalType::Sei && type != NalType::AccessUnitDelimiter;
}

} // namespace

Bytes configRecord(CodecId codec, std::span<const uint8_t> globalHeader) {
    if (codec == CodecId::Av1)
        return av1ConfigFromObus(globalHeader);
    return codec == CodecId::Hevc ? hevcConfigFromAnnexB(globalHeader) : avcConfigFromAnnexB(globalHeader);
}

Bytes streamUnit(CodecId codec, std::span<const uint8_t> encoded) {
    if (codec == CodecId::Av1)
        return withoutTemporalDelimiter(encoded);
    Bytes unit;
    unit.reserve(encoded.size() + 16);
    for (const auto nal : splitAnnexB(encoded))
        if (isPicture(codec, nal))
            appendLengthPrefixed(unit, nal);
    return unit;
}

} // namespace rtcroom::embedded
