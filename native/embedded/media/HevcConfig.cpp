#include "embedded/media/HevcConfig.h"

#include <algorithm>
#include <array>
#include <vector>

#include "embedded/media/BitReader.h"
#include "embedded/media/ByteOrder.h"
#include "embedded/media/CroppedSize.h"
#include "embedded/media/H264Config.h"

namespace rtcroom::embedded {

namespace {

using Nal = std::span<const uint8_t>;

constexpr size_t recordHeaderSize = 23;
constexpr size_t nalHeaderSize = 2;

void skipProfileTierLevel(BitReader &in, uint32_t subLayers) {
    constexpr int profileBits = 88, levelBits = 8;
    in.skip(profileBits + levelBits);
    std::array<bool, 8> hasProfile{}, hasLevel{};
    for (uint32_t i = 0; i < subLayers; ++i) {
        hasProfile[i] = in.flag();
        hasLevel[i] = in.flag();
    }
    if (subLayers > 0)
        in.skip(static_cast<int>(2 * (8 - subLayers)));
    for (uint32_t i = 0; i < subLayers; ++i) {
        in.skip(hasProfile[i] ? profileBits : 0);
        in.skip(hasLevel[i] ? levelBits : 0);
    }
}

/// seq_parameter_set_rbsp (7.3.2.2.1) up to the size.
std::optional<engine::Size> sizeInSps(Nal sps) {
    const Bytes bytes = withoutEmulationPrevention(sps);
    BitReader in(bytes);
    try {
        in.skip(8 * nalHeaderSize);
        in.skip(4); // VPS
        const uint32_t subLayers = in.bits(3);
        in.skip(1);
        skipProfileTierLevel(in, subLayers);
        in.ue();
        const uint32_t chroma = in.ue();
        if (chroma == 3)
            in.skip(1);
        const uint32_t width = in.ue();
        const uint32_t height = in.ue();
        return readCroppedSize(in, width, height, chroma);
    } catch (const Truncated &) {
        return std::nullopt;
    }
}

/// The NAL units of a record's arrays, in order; none when it is damaged.
std::optional<std::vector<Nal>> nalsOf(Nal hvcC) {
    if (!hevcNalLengthSize(hvcC))
        return std::nullopt;
    std::vector<Nal> nals;
    size_t at = recordHeaderSize;
    const auto number16 = [&] { return static_cast<size_t>(readBigEndian(hvcC.data() + at, 2)); };
    for (int arrays = hvcC[recordHeaderSize - 1]; arrays > 0; --arrays) {
        ++at; // type
        if (at + 2 > hvcC.size())
            return std::nullopt;
        size_t count = number16();
        at += 2;
        for (; count > 0; --count) {
            if (at + 2 > hvcC.size())
                return std::nullopt;
            const size_t length = number16();
            at += 2;
            if (length > hvcC.size() - at)
                return std::nullopt;
            if (length > nalHeaderSize)
                nals.push_back(hvcC.subspan(at, length));
            at += length;
        }
    }
    return nals;
}

} // namespace

Bytes hevcConfigFromAnnexB(std::span<const uint8_t> stream) {
    constexpr std::array types{HevcNalType::Vps, HevcNalType::Sps, HevcNalType::Pps};
    // NAL header, VPS, sub-layers, then general profile, tier, constraints and level.
    constexpr size_t profileAt = nalHeaderSize + 1, profileSize = 12;
    std::array<std::vector<Nal>, types.size()> sets;
    for (const Nal nal : splitAnnexB(stream)) {
        const auto type = std::ranges::find(types, hevcNalType(nal));
        if (type != types.end() && nal.size() > nalHeaderSize && nal.size() <= 0xffff)
            sets[static_cast<size_t>(type - types.begin())].push_back(nal);
    }
    if (std::ranges::any_of(sets, [](const auto &each) { return each.empty(); }))
        return {};
    const Bytes sps = withoutEmulationPrevention(sets[1].front());
    if (sps.size() < profileAt + profileSize)
        return {};
    Bytes out{1};
    out.insert(out.end(), sps.begin() + profileAt, sps.begin() + profileAt + profileSize);
    const int temporalLayers = (sps[nalHeaderSize] >> 1 & 7) + 1;
    const int nested = sps[nalHeaderSize] & 1;
    // No word on slices and threads; 4:2:0, 8 bits; no constant frame rate; lengths of 4 bytes.
    out.insert(out.end(), {0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0,
                           static_cast<uint8_t>(temporalLayers << 3 | nested << 2 | 3), types.size()});
    const auto number16 = [&out](size_t value) {
        out.push_back(static_cast<uint8_t>(value >> 8));
        out.push_back(static_cast<uint8_t>(value));
    };
    for (size_t i = 0; i < types.size(); ++i) {
        constexpr uint8_t complete = 0x80;
        out.push_back(complete | static_cast<uint8_t>(types[i]));
        number16(sets[i].size());
        for (const Nal nal : sets[i]) {
            number16(nal.size());
            out.insert(out.end(), nal.begin(), nal.end());
        }
    }
    return out;
}

std::optional<int> hevcNalLengthSize(std::span<const uint8_t> hvcC) {
    if (hvcC.size() < recordHeaderSize || hvcC[0] != 1)
        return std::nullopt;
    const int size = (hvcC[21] & 3) + 1;
    return size == 3 ? std::nullopt : std::optional(size);
}

std::optional<engine::Size> hevcPictureSize(std::span<const uint8_t> hvcC, std::span<const uint8_t> unit) {
    while (unit.size() > 4) {
        const size_t length = static_cast<size_t>(readBigEndian(unit.data(), 4));
        unit = unit.subspan(4);
        if (length == 0 || length > unit.size() || hevcNalType(unit) <= HevcNalType::LastPicture)
            break;
        if (hevcNalType(unit) == HevcNalType::Sps)
            if (const auto size = sizeInSps(unit.first(length)))
                return size;
        unit = unit.subspan(length);
    }
    const auto nals = nalsOf(hvcC);
    if (!nals)
        return std::nullopt;
    const auto sps = std::ranges::find(*nals, HevcNalType::Sps, hevcNalType);
    return sps == nals->end() ? std::nullopt : sizeInSps(*sps);
}

Bytes hevcParameterSets(std::span<const uint8_t> hvcC) {
    Bytes out;
    const auto nals = nalsOf(hvcC);
    if (nals)
        for (const Nal nal : *nals)
            appendLengthPrefixed(out, nal);
    return out;
}

} // namespace rtcroom::embedded
