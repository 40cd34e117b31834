#include <doctest/doctest.h>

#include "embedded/net/ProtocolError.h"
#include "embedded/receive/FlvTagSplitter.h"
#include "test/support/FlvFile.h"

using namespace rtcroom::test;

namespace {

struct Collected {
    FlvTagSplitter splitter;
    std::vector<Message> messages;
    void take(std::span<const uint8_t> bytes) {
        splitter.take(bytes, [this](Message &message) { messages.push_back(std::move(message)); });
    }
};

} // namespace

TEST_CASE("an FLV file becomes messages however it comes apart") {
    // A later version's longer header.
    Bytes file{'F', 'L', 'V', 2, 5, 0, 0, 0, 11, 7, 7, 0, 0, 0, 0};
    file += flvTag(18, 0, {2, 0, 0});
    file += flvTag(9, 0xfffffffe, Bytes(300, 1));
    file += flvTag(8, 3, {0xaf, 1, 9});
    for (size_t at = 0; at <= file.size(); ++at) {
        Collected out;
        out.take(std::span(file).first(at));
        out.take(std::span(file).subspan(at));
        REQUIRE(out.messages.size() == 3);
        CHECK(out.messages[0].type == MessageType::DataAmf0);
        CHECK(out.messages[1].type == MessageType::Video);
        CHECK(out.messages[1].timestamp == 0xfffffffe);
        CHECK(out.messages[1].body == Bytes(300, 1));
        CHECK(out.messages[2].type == MessageType::Audio);
        CHECK(out.messages[2].timestamp == 3);
        CHECK(!out.splitter.hasPartial());
        CHECK(out.splitter.mediaBytes() == 303);
    }
    Collected bytewise;
    for (const uint8_t &byte : file)
        bytewise.take({&byte, 1});
    CHECK(bytewise.messages.size() == 3);
}

TEST_CASE("empty, encrypted and unknown tags are skipped, wrong sizes of the tag before do not matter") {
    Bytes file = flvHeader();
    file += flvTag(9, 0, {});
    file += flvTag(9 | 0x20, 0, {1, 2});
    file += flvTag(17, 0, {1, 2, 3});
    std::ranges::fill(std::span(file).last(4), uint8_t{0xff});
    file += flvTag(8, 5, {0xaf, 1, 9});
    Collected out;
    out.take(file);
    REQUIRE(out.messages.size() == 1);
    CHECK(out.messages[0].timestamp == 5);
}

TEST_CASE("what is no FLV is refused") {
    Bytes noFlv = toBytes("<html><body>no stream</body></html>");
    Bytes farOffset = flvHeader();
    farOffset[5] = 0x7f;
    Bytes shortOffset = flvHeader();
    shortOffset[8] = 8;
    Bytes badTag = flvHeader();
    badTag += flvTag(0xc9, 0, {1});
    for (const Bytes &bytes : {noFlv, farOffset, shortOffset, badTag}) {
        Collected out;
        CHECK_THROWS_AS(out.take(bytes), ProtocolError);
        CHECK(out.messages.empty());
    }
}

TEST_CASE("a tag's announced size takes no memory before its bytes come") {
    Bytes file = flvHeader();
    file += flvTag(9, 0, Bytes(16, 1));
    std::ranges::fill(std::span(file).subspan(14, 3), uint8_t{0xff});
    Collected out;
    out.take(file);
    CHECK(out.messages.empty());
    CHECK(out.splitter.hasPartial());
    CHECK(out.splitter.mediaBytes() == 20);
    Bytes rest(0xffffff + 4 - 16 - 4, 2);
    out.take(rest);
    REQUIRE(out.messages.size() == 1);
    CHECK(out.messages[0].body.size() == 0xffffff);
}
