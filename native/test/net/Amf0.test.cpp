#include <doctest/doctest.h>

#include <random>

#include "embedded/net/ProtocolError.h"
#include "embedded/rtmp/Amf0.h"
#include "embedded/rtmp/Commands.h"

using namespace rtcroom::embedded;

TEST_CASE("AMF0 values come back as they were written") {
    const std::string longText(70000, 'x');
    const Bytes bytes = Amf0Writer()
                            .string("name")
                            .number(-1.5)
                            .boolean(true)
                            .null()
                            .object()
                            .property("inner")
                            .ecmaArray(1)
                            .property("k")
                            .string("v")
                            .end()
                            .property("after")
                            .number(7)
                            .end()
                            .string(longText)
                            .take();
    const auto values = readAmf0(bytes);
    REQUIRE(values.size() == 6);
    CHECK(*values[0].string() == "name");
    CHECK(*values[1].number() == -1.5);
    CHECK(std::get<bool>(values[2].value));
    CHECK(std::holds_alternative<std::monostate>(values[3].value));
    REQUIRE(values[4].find("inner"));
    CHECK(values[4].find("inner")->text("k") == "v");
    CHECK(*values[4].find("after")->number() == 7);
    CHECK(values[4].find("none") == nullptr);
    CHECK(*values[5].string() == longText);
}

TEST_CASE("AMF0 of other encoders is read: dates, strict arrays, typed objects, references, undefined") {
    const Bytes bytes{
        11, 0x40, 0x59, 0,   0, 0,   0,   0, 0, 0, 0,    // date, 100 ms
        10, 0,    0,    0,   2, 5,   6,                  // [null, undefined]
        16, 0,    1,    'T', 0, 1,   'a', 1, 1, 0, 0, 9, // T{a: true}
        7,  0,    1,                                     // reference
        13,                                              // unsupported
        15, 0,    0,    0,   1, 'x',                     // XML document
    };
    const auto values = readAmf0(bytes);
    REQUIRE(values.size() == 6);
    CHECK(*values[0].number() == 100);
    CHECK(values[1].object()->size() == 2);
    CHECK(values[2].find("a"));
    CHECK(*values[5].string() == "x");
}

TEST_CASE("AMF0 that is cut short anywhere is an error, not a crash") {
    const Bytes whole = Amf0Writer()
                            .object()
                            .property("a")
                            .string("text")
                            .property("b")
                            .ecmaArray(0)
                            .end()
                            .property("c")
                            .number(1)
                            .end()
                            .take();
    CHECK(readAmf0(whole).size() == 1);
    for (size_t size = 1; size < whole.size(); ++size)
        CHECK_THROWS_AS(readAmf0(std::span(whole).first(size)), ProtocolError);
}

TEST_CASE("AMF0 is bounded in depth and in number of values") {
    Bytes deep;
    for (int i = 0; i < 100000; ++i)
        deep.insert(deep.end(), {3, 0, 1, 'a'});
    CHECK_THROWS_AS(readAmf0(deep), ProtocolError);
    Bytes deepArrays;
    for (int i = 0; i < 100000; ++i)
        deepArrays.insert(deepArrays.end(), {10, 0, 0, 0, 1});
    CHECK_THROWS_AS(readAmf0(deepArrays), ProtocolError);
    CHECK_THROWS_AS(readAmf0(Bytes(1'000'000, 5)), ProtocolError);
    Bytes hugeCount{10, 0xff, 0xff, 0xff, 0xff};
    hugeCount.resize(100000, 5);
    CHECK_THROWS_AS(readAmf0(hugeCount), ProtocolError);
}

TEST_CASE("random AMF0 is read or refused") {
    std::minstd_rand random(1);
    int refused = 0;
    for (int round = 0; round < 20000; ++round) {
        Bytes bytes(random() % 64);
        for (uint8_t &byte : bytes)
            byte = static_cast<uint8_t>(random() % 4 == 0 ? random() : random() % 17);
        try {
            readAmf0(bytes);
        } catch (const ProtocolError &) {
            ++refused;
        }
    }
    CHECK(refused > 0);
}

TEST_CASE("a status code is taken only if it looks like one") {
    const auto codeOf = [](const std::string &text) {
        return Command::parse(
                   Amf0Writer().string("onStatus").number(0).null().object().property("code").string(text).end().take())
            .code();
    };
    CHECK(codeOf("NetStream.Publish.BadName") == "NetStream.Publish.BadName");
    CHECK(codeOf("NetStream.Bad /live/s3cret?sign=1").empty());
    CHECK(codeOf("s3cret").empty());
    CHECK(codeOf("NetStream." + std::string(100, 'a')).empty());
}
