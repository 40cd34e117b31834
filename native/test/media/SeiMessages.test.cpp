#include <doctest/doctest.h>

#include <string>

#include "embedded/media/H264Config.h"
#include "embedded/media/SeiMessages.h"

using namespace rtcroom::embedded;

namespace {

Bytes bytes(const std::string &text) { return {text.begin(), text.end()}; }

Bytes unitWith(const Bytes &nal) {
    Bytes out;
    appendLengthPrefixed(out, nal);
    appendLengthPrefixed(out, Bytes{0x65, 0x88, 0x84});
    return out;
}

} // namespace

TEST_CASE("messages come out of a unit as they went in") {
    std::vector<Bytes> messages{bytes("hello"),
                                bytes("你好"),
                                {},
                                bytes(std::string(70'000, 'x')),
                                Bytes(1000, 0),
                                {0, 0, 1, 0, 0, 3, 0, 0, 0},
                                Bytes(255, 0xff),
                                {0x80}};
    const Bytes nal = seiUnit(CodecId::H264, messages);
    CHECK(nalType(nal) == NalType::Sei);
    for (size_t i = 2; i < nal.size(); ++i)
        REQUIRE_FALSE((nal[i - 2] == 0 && nal[i - 1] == 0 && nal[i] < 3));
    CHECK(seiMessages(CodecId::H264, unitWith(nal)) == messages);
}

TEST_CASE("user data counts without its UUID, x264's and other kinds do not") {
    Bytes nal{6};
    const auto append = [&](uint8_t type, const Bytes &payload) {
        nal.push_back(type);
        nal.push_back(static_cast<uint8_t>(payload.size()));
        nal.insert(nal.end(), payload.begin(), payload.end());
    };
    append(5, bytes("0123456789abcdefuser"));
    append(5, bytes("too short"));
    append(1, bytes("picture timing"));
    append(5, {0xdc, 0x45, 0xe9, 0xbd, 0xe6, 0xd9, 0x48, 0xb7, 0x96, 0x2c, 0xd8, 0x20, 0xd9, 0x23, 0xee, 0xef, 'x'});
    append(242, bytes("ours"));
    nal.push_back(0x80);
    CHECK(seiMessages(CodecId::H264, unitWith(nal)) == std::vector<Bytes>{bytes("user"), bytes("ours")});
}

TEST_CASE("of messages without end the first 256 count") {
    const std::vector<Bytes> many(100'000, bytes("x"));
    const Bytes nal = seiUnit(CodecId::H264, many);
    CHECK(seiMessages(CodecId::H264, unitWith(nal)).size() == 256);
    Bytes units;
    for (int i = 0; i < 3; ++i)
        appendLengthPrefixed(units, nal);
    CHECK(seiMessages(CodecId::H264, units).size() == 256);
}

TEST_CASE("whatever is cut off or damaged ends quietly") {
    const Bytes whole = unitWith(seiUnit(CodecId::H264, std::vector<Bytes>{bytes("first"), bytes("second")}));
    for (size_t size = 0; size < whole.size(); ++size) {
        seiMessages(CodecId::H264, std::span(whole).first(size));
        for (const uint8_t value : {0x00, 0x03, 0xff}) {
            Bytes damaged = whole;
            damaged[size] = value;
            const auto got = seiMessages(CodecId::H264, damaged);
            CHECK(got.size() <= 2);
        }
    }
}
