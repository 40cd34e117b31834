#include "embedded/media/TimeStampSei.h"

#include <algorithm>
#include <array>

namespace rtcroom::embedded {

namespace {

using Uuid = std::array<uint8_t, seiUuidSize>;

// "MISPmicrosectime", in ASCII.
constexpr Uuid h264Uuid{0x4d, 0x49, 0x53, 0x50, 0x6d, 0x69, 0x63, 0x72, 0x6f, 0x73, 0x65, 0x63, 0x74, 0x69, 0x6d, 0x65};
constexpr Uuid hevcUuid{0xa8, 0x68, 0x7d, 0xd4, 0xd7, 0x59, 0x37, 0x58, 0xa5, 0xce, 0xf0, 0x33, 0x8b, 0x65, 0x45, 0xf1};

// Of the status: nobody tells whether the clock is locked to an absolute reference. Reserved bits are 1.
constexpr uint8_t lockUnknown = 0x9f;
// Between each two bytes of the time, so that nothing in it looks like a start code.
constexpr uint8_t separator = 0xff;
constexpr size_t pairs = 4;
constexpr size_t stampSize = 1 + pairs * 3 - 1;

const Uuid &uuidOf(CodecId codec) { return codec == CodecId::Hevc ? hevcUuid : h264Uuid; }

} // namespace

SeiPayload timeStampSei(CodecId codec, int64_t sinceEpochUs) {
    const Uuid &uuid = uuidOf(codec);
    Bytes data(uuid.begin(), uuid.end());
    data.push_back(lockUnknown);
    const auto time = static_cast<uint64_t>(sinceEpochUs);
    for (size_t pair = 0; pair < pairs; ++pair) {
        if (pair > 0)
            data.push_back(separator);
        const size_t shift = 16 * (pairs - 1 - pair);
        data.push_back(static_cast<uint8_t>(time >> (shift + 8)));
        data.push_back(static_cast<uint8_t>(time >> shift));
    }
    return {userDataSeiType, std::move(data)};
}

bool isTimeStamp(CodecId codec, const SeiPayload &payload) {
    return payload.type == userDataSeiType && payload.data.size() >= seiUuidSize &&
           std::ranges::equal(std::span(payload.data).first(seiUuidSize), uuidOf(codec));
}

std::optional<int64_t> timeStampUs(CodecId codec, const SeiPayload &payload) {
    if (!isTimeStamp(codec, payload) || payload.data.size() < seiUuidSize + stampSize)
        return std::nullopt;
    const uint8_t *at = payload.data.data() + seiUuidSize + 1;
    uint64_t time = 0;
    for (size_t pair = 0; pair < pairs; ++pair, at += 3) {
        time = time << 16 | static_cast<uint64_t>(at[0]) << 8 | at[1];
        if (pair + 1 < pairs && at[2] != separator)
            return std::nullopt;
    }
    return time > INT64_MAX ? std::nullopt : std::optional(static_cast<int64_t>(time));
}

} // namespace rtcroom::embedded
