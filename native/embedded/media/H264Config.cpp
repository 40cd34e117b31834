#include "embedded/media/H264Config.h"

#include <algorithm>
#include <utility>

#include "embedded/media/BitReader.h"
#include "embedded/media/ByteOrder.h"
#include "embedded/media/H264Sps.h"

namespace rtcroom::embedded {

namespace {

// Index of the next 00 00 01 at or after `from`, or the size.
size_t findStartCode(std::span<const uint8_t> s, size_t from) {
    size_t i = from + 2;
    while (i < s.size()) {
        if (s[i] > 1)
            i += 3;
        else if (s[i] == 1 && s[i - 1] == 0 && s[i - 2] == 0)
            return i - 2;
        else
            ++i;
    }
    return s.size();
}

/// `read` the beginning of a NAL unit behind its header.
template <typename Read>
auto readHead(std::span<const uint8_t> nal, Read read) -> decltype(read(std::declval<BitReader &>())) {
    // The longest that is read here, with its emulation prevention.
    constexpr size_t longest = 64;
    const Bytes bytes = withoutEmulationPrevention(nal.first(std::min(nal.size(), longest)));
    try {
        BitReader in(bytes);
        in.skip(8);
        return read(in);
    } catch (const Truncated &) {
        return std::nullopt;
    }
}

} // namespace

std::vector<std::span<const uint8_t>> splitAnnexB(std::span<const uint8_t> stream) {
    std::vector<std::span<const uint8_t>> nals;
    size_t start = findStartCode(stream, 0);
    while (start < stream.size()) {
        const size_t begin = start + 3;
        const size_t next = findStartCode(stream, begin);
        size_t end = next;
        // trailing_zero_8bits, and the leading zero of a 4-byte start code; a NAL unit itself never ends in 0.
        while (end > begin && stream[end - 1] == 0)
            --end;
        if (end > begin)
            nals.push_back(stream.subspan(begin, end - begin));
        start = next;
    }
    return nals;
}

void appendLengthPrefixed(Bytes &out, std::span<const uint8_t> nal) {
    uint8_t length[4];
    writeBigEndian(length, nal.size(), sizeof length);
    out.insert(out.end(), std::begin(length), std::end(length));
    out.insert(out.end(), nal.begin(), nal.end());
}

Bytes withoutEmulationPrevention(std::span<const uint8_t> nal) {
    Bytes out;
    int zeros = 0;
    for (const uint8_t byte : nal) {
        if (zeros >= 2 && byte == 3) {
            zeros = 0;
            continue;
        }
        zeros = byte == 0 ? zeros + 1 : 0;
        out.push_back(byte);
    }
    return out;
}

Bytes avcConfigFromAnnexB(std::span<const uint8_t> stream) {
    std::vector<std::span<const uint8_t>> sps;
    std::vector<std::span<const uint8_t>> pps;
    for (const auto nal : splitAnnexB(stream)) {
        if (nal.size() > 0xffff)
            continue;
        if (nalType(nal) == NalType::Sps && nal.size() >= 4 && sps.size() < 31)
            sps.push_back(nal);
        else if (nalType(nal) == NalType::Pps && pps.size() < 255)
            pps.push_back(nal);
    }
    return sps.empty() || pps.empty() ? Bytes() : avcConfig(sps, pps);
}

Bytes avcConfig(std::span<const std::span<const uint8_t>> sps, std::span<const std::span<const uint8_t>> pps) {
    Bytes out{1, sps[0][1], sps[0][2], sps[0][3], 0xff};
    const auto append = [&out](std::span<const uint8_t> nal) {
        out.push_back(static_cast<uint8_t>(nal.size() >> 8));
        out.push_back(static_cast<uint8_t>(nal.size()));
        out.insert(out.end(), nal.begin(), nal.end());
    };
    out.push_back(static_cast<uint8_t>(0xe0 | sps.size()));
    for (const auto nal : sps)
        append(nal);
    out.push_back(static_cast<uint8_t>(pps.size()));
    for (const auto nal : pps)
        append(nal);
    // Profiles above Extended carry chroma format and bit depths.
    const uint8_t profile = sps[0][1];
    if (profile == 100 || profile == 110 || profile == 122 || profile == 144) {
        const H264Sps head = readH264Sps(sps[0]).value_or(H264Sps{});
        out.insert(out.end(),
                   {static_cast<uint8_t>(0xfc | head.chromaFormat), static_cast<uint8_t>(0xf8 | (head.lumaBits - 8)),
                    static_cast<uint8_t>(0xf8 | (head.chromaBits - 8)), 0});
    }
    return out;
}

std::optional<PpsHead> readPpsHead(std::span<const uint8_t> nal) {
    return readHead(nal, [](BitReader &in) -> std::optional<PpsHead> {
        const PpsHead head{.id = in.ue(), .spsId = in.ue()};
        return head.id > 255 || head.spsId > 31 ? std::nullopt : std::optional(head);
    });
}

std::optional<SliceHead> readSliceHead(std::span<const uint8_t> nal) {
    return readHead(nal, [](BitReader &in) -> std::optional<SliceHead> {
        const uint32_t firstMacroblock = in.ue();
        in.ue(); // slice_type
        const SliceHead head{.firstMacroblock = firstMacroblock, .ppsId = in.ue()};
        return head.ppsId > 255 ? std::nullopt : std::optional(head);
    });
}

} // namespace rtcroom::embedded
