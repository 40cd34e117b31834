#include <doctest/doctest.h>

#include <cstdlib>

#include "embedded/media/TimeStampSei.h"
#include "embedded/publish/PictureClock.h"
#include "engine/Frame.h"

using namespace rtcroom;
using namespace rtcroom::embedded;

namespace {

EncodedPacket picture(CodecId codec, int64_t captureUs) {
    return {.kind = MediaKind::Video,
            .codec = codec,
            .captureUs = captureUs,
            .data = std::make_shared<const Bytes>(Bytes{0, 0, 0, 3, 0x65, 0x88, 0x84})};
}

std::optional<int64_t> stampOf(const EncodedPacket &packet) {
    for (const SeiPayload &payload : seiPayloads(packet.codec, *packet.data))
        if (const auto us = timeStampUs(packet.codec, payload))
            return us;
    return std::nullopt;
}

} // namespace

TEST_CASE("the first picture, and one every half second, tells when it was taken") {
    PictureClock clock;
    const int64_t startUs = engine::clockMicros() - 2'000'000;
    std::vector<int> stamped;
    for (int index = 0; index < 45; ++index) {
        EncodedPacket packet = picture(CodecId::H264, startUs + index * 1'000'000 / 30);
        const auto before = packet.data;
        clock.attachTo(packet);
        const auto us = stampOf(packet);
        if (!us) {
            CHECK(packet.data == before);
            continue;
        }
        stamped.push_back(index);
        // By the wall clock, which was the engine's when the process began.
        CHECK(std::abs(*us - packet.captureUs - (engine::wallClockMicros() - engine::clockMicros())) < 50'000);
        CHECK(Bytes(packet.data->end() - 7, packet.data->end()) == *before);
    }
    CHECK(stamped == std::vector{0, 15, 30});
}

TEST_CASE("what has no place for it, or was not taken here, gets no time") {
    PictureClock clock;
    for (EncodedPacket packet : {picture(CodecId::Av1, engine::clockMicros()), picture(CodecId::H264, 0)}) {
        const auto before = packet.data;
        clock.attachTo(packet);
        CHECK(packet.data == before);
    }
    EncodedPacket hevc = picture(CodecId::Hevc, engine::clockMicros());
    clock.attachTo(hevc);
    CHECK(hevc.data->size() > 7);
}
