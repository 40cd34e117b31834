#include "embedded/media/H264Sps.h"

#include "embedded/media/BitReader.h"
#include "embedded/media/CroppedSize.h"
#include "embedded/media/H264Config.h"

namespace rtcroom::embedded {

namespace {

void skipScalingList(BitReader &in, int size) {
    int32_t last = 8;
    int32_t next = 8;
    for (int i = 0; i < size; ++i) {
        if (next != 0) {
            const int32_t delta = in.se();
            if (delta < -128 || delta > 127)
                throw Truncated();
            next = (last + delta + 256) % 256;
        }
        last = next == 0 ? last : next;
    }
}

bool hasChromaFormat(uint32_t profile) {
    switch (profile) {
    case 100:
    case 110:
    case 122:
    case 244:
    case 44:
    case 83:
    case 86:
    case 118:
    case 128:
    case 138:
    case 139:
    case 134:
    case 135:
        return true;
    default:
        return false;
    }
}

/// VUI up to the timing (E.1.1).
double readFrameRate(BitReader &in) {
    constexpr uint32_t extendedSar = 255;
    if (in.flag() && in.bits(8) == extendedSar)
        in.skip(32);
    if (in.flag())
        in.skip(1); // overscan
    if (in.flag()) {
        in.skip(4); // video_format, full range
        if (in.flag())
            in.skip(24);
    }
    if (in.flag()) {
        in.ue();
        in.ue();
    }
    if (!in.flag())
        return 0;
    const uint32_t unitsInTick = in.bits(32);
    const uint32_t timeScale = in.bits(32);
    const bool fixed = in.flag();
    // A frame is two ticks.
    return fixed && unitsInTick > 0 ? timeScale / (2.0 * unitsInTick) : 0;
}

/// seq_parameter_set_data (7.3.2.1.1).
H264Sps readSps(BitReader in) {
    H264Sps out;
    in.skip(8); // NAL header
    const uint32_t profile = in.bits(8);
    in.skip(16);
    out.id = in.ue();
    uint32_t &chroma = out.chromaFormat;
    if (hasChromaFormat(profile)) {
        chroma = in.ue();
        if (chroma == 3)
            in.skip(1);
        out.lumaBits = in.ue() + 8;
        out.chromaBits = in.ue() + 8;
        in.skip(1);
        if (in.flag())
            for (int i = 0; i < (chroma == 3 ? 12 : 8); ++i)
                if (in.flag())
                    skipScalingList(in, i < 6 ? 16 : 64);
    }
    in.ue();
    const uint32_t orderType = in.ue();
    if (orderType == 0) {
        in.ue();
    } else if (orderType == 1) {
        in.skip(1);
        in.se();
        in.se();
        const uint32_t cycle = in.ue();
        if (cycle > 255)
            throw Truncated();
        for (uint32_t i = 0; i < cycle; ++i)
            in.se();
    }
    in.ue();
    in.skip(1);
    const uint32_t widthInMbs = in.ue() + 1;
    const uint32_t heightInUnits = in.ue() + 1;
    const bool framesOnly = in.flag();
    if (!framesOnly)
        in.skip(1);
    in.skip(1);
    constexpr uint32_t macroblock = 16;
    constexpr uint32_t maxMbs = maxSpsSide / macroblock;
    if (out.id > 31 || chroma > 3 || out.lumaBits > 14 || out.chromaBits > 14 || widthInMbs > maxMbs ||
        heightInUnits > maxMbs)
        throw Truncated();
    const uint32_t fields = framesOnly ? 1 : 2;
    const engine::Size size =
        readCroppedSize(in, widthInMbs * macroblock, heightInUnits * macroblock * fields, chroma, fields);
    out.width = size.width;
    out.height = size.height;
    try {
        if (in.flag())
            out.framesPerSecond = readFrameRate(in);
    } catch (const Truncated &) {
        // The size stands.
    }
    return out;
}

} // namespace

std::optional<H264Sps> readH264Sps(std::span<const uint8_t> nal) {
    const Bytes bytes = withoutEmulationPrevention(nal);
    try {
        return readSps(BitReader(bytes));
    } catch (const Truncated &) {
        return std::nullopt;
    }
}

} // namespace rtcroom::embedded
