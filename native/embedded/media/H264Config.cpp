#include "embedded/media/H264Config.h"

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
    const auto size = static_cast<uint32_t>(nal.size());
    const uint8_t length[] = {static_cast<uint8_t>(size >> 24), static_cast<uint8_t>(size >> 16),
                              static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)};
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
    if (sps.empty() || pps.empty())
        return {};
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
    // Profiles above Extended carry chroma format and bit depths; ours are 4:2:0 and 8 bits.
    const uint8_t profile = sps[0][1];
    if (profile == 100 || profile == 110 || profile == 122 || profile == 144)
        out.insert(out.end(), {0xfd, 0xf8, 0xf8, 0});
    return out;
}

} // namespace rtcroom::embedded
