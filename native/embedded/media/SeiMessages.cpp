#include "embedded/media/SeiMessages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "embedded/media/TimeStampSei.h"

namespace rtcroom::embedded {

namespace {

constexpr std::array<uint8_t, seiUuidSize> x264Uuid{0xdc, 0x45, 0xe9, 0xbd, 0xe6, 0xd9, 0x48, 0xb7,
                                                    0x96, 0x2c, 0xd8, 0x20, 0xd9, 0x23, 0xee, 0xef};

} // namespace

Bytes seiUnit(CodecId codec, std::span<const Bytes> messages) {
    std::vector<SeiPayload> payloads;
    for (const Bytes &message : messages)
        payloads.push_back({messageSeiType, message});
    return seiUnit(codec, payloads);
}

std::optional<Bytes> messageOf(CodecId codec, const SeiPayload &payload) {
    const Bytes &data = payload.data;
    if (payload.type == messageSeiType)
        return data;
    if (payload.type != userDataSeiType || data.size() < seiUuidSize ||
        std::ranges::equal(std::span(data).first(seiUuidSize), x264Uuid) || isTimeStamp(codec, payload))
        return std::nullopt;
    return Bytes(data.begin() + seiUuidSize, data.end());
}

std::vector<Bytes> seiMessages(CodecId codec, std::span<const uint8_t> unit) {
    std::vector<Bytes> out;
    for (const SeiPayload &payload : seiPayloads(codec, unit))
        if (auto message = messageOf(codec, payload))
            out.push_back(std::move(*message));
    return out;
}

} // namespace rtcroom::embedded
