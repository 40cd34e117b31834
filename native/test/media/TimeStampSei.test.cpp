#include <doctest/doctest.h>

#include <array>
#include <string>

#include "embedded/media/H264Config.h"
#include "embedded/media/SeiMessages.h"
#include "embedded/media/TimeStampSei.h"

using namespace rtcroom::embedded;

namespace {

constexpr int64_t november2026 = 1'795'880'000'123'456;

Bytes unitWith(CodecId codec, const std::vector<SeiPayload> &payloads) {
    Bytes out;
    appendLengthPrefixed(out, seiUnit(codec, payloads));
    const Bytes picture = codec == CodecId::Hevc ? Bytes{0x26, 1, 0xaf} : Bytes{0x65, 0x88, 0x84};
    appendLengthPrefixed(out, picture);
    return out;
}

std::vector<int64_t> stampsOf(CodecId codec, const Bytes &unit) {
    std::vector<int64_t> out;
    for (const SeiPayload &payload : seiPayloads(codec, unit))
        if (const auto us = timeStampUs(codec, payload))
            out.push_back(*us);
    return out;
}

} // namespace

TEST_CASE("a time stamp comes out of a unit as it went in") {
    for (const CodecId codec : {CodecId::H264, CodecId::Hevc})
        for (const int64_t us : {int64_t{0}, int64_t{1}, november2026, INT64_MAX})
            CHECK(stampsOf(codec, unitWith(codec, {timeStampSei(codec, us)})) == std::vector{us});
}

TEST_CASE("a time stamp has the bytes of MISB ST 0604") {
    const SeiPayload stamp = timeStampSei(CodecId::H264, 0x0102030405060708);
    CHECK(stamp.type == 5);
    const std::string uuid(stamp.data.begin(), stamp.data.begin() + 16);
    CHECK(uuid == "MISPmicrosectime");
    CHECK(Bytes(stamp.data.begin() + 16, stamp.data.end()) == Bytes{0x9f, 1, 2, 0xff, 3, 4, 0xff, 5, 6, 0xff, 7, 8});
    const SeiPayload hevc = timeStampSei(CodecId::Hevc, 0);
    CHECK(Bytes(hevc.data.begin(), hevc.data.begin() + 4) == Bytes{0xa8, 0x68, 0x7d, 0xd4});
    CHECK(hevc.data.size() == 28);
}

TEST_CASE("a time stamp is no message, and a message no time stamp") {
    const std::string text = "MISPmicrosectime and more of it";
    const SeiPayload message{messageSeiType, Bytes(text.begin(), text.end())};
    const Bytes unit = unitWith(CodecId::H264, {timeStampSei(CodecId::H264, november2026), message});
    CHECK(seiMessages(CodecId::H264, unit) == std::vector<Bytes>{message.data});
    CHECK(stampsOf(CodecId::H264, unit) == std::vector{november2026});
}

TEST_CASE("a time stamp that is cut off, damaged or of the other codec is none") {
    const SeiPayload whole = timeStampSei(CodecId::H264, november2026);
    for (size_t size = 0; size < whole.data.size(); ++size) {
        SeiPayload cut = whole;
        cut.data.resize(size);
        CHECK_FALSE(timeStampUs(CodecId::H264, cut));
    }
    for (const size_t separator : {19, 22, 25}) {
        SeiPayload damaged = whole;
        damaged.data[separator] = 0;
        CHECK_FALSE(timeStampUs(CodecId::H264, damaged));
    }
    SeiPayload huge = whole;
    huge.data[17] = 0x80;
    CHECK_FALSE(timeStampUs(CodecId::H264, huge));
    CHECK_FALSE(timeStampUs(CodecId::Hevc, whole));
    CHECK(seiPayloads(CodecId::Av1, unitWith(CodecId::H264, {whole})).empty());
}
