#include <doctest/doctest.h>

#include <algorithm>

#include "Playback.h"
#include "TestClip.h"
#include "embedded/media/H264Config.h"
#include "embedded/media/SeiMessages.h"

using namespace rtcroom;
using namespace rtcroom::test;
using embedded::Bytes;
using embedded::EncodedPacket;
using embedded::MediaKind;

namespace {

void addMessage(EncodedPacket &picture, const std::string &text) {
    auto data = std::make_shared<Bytes>();
    embedded::appendLengthPrefixed(
        *data, embedded::seiUnit(embedded::CodecId::H264, std::vector<Bytes>{{text.begin(), text.end()}}));
    data->insert(data->end(), picture.data->begin(), picture.data->end());
    picture.data = std::move(data);
}

/// Puts a message into every fifth coded picture; gives each with the number of pictures shown before its own.
std::vector<std::pair<std::string, size_t>> addMessages(std::vector<EncodedPacket> &clip) {
    std::vector<int64_t> shown;
    for (const EncodedPacket &packet : clip)
        if (packet.kind == MediaKind::Video && !packet.isConfig)
            shown.push_back(packet.ptsMs());
    std::sort(shown.begin(), shown.end());
    std::vector<std::pair<std::string, size_t>> out;
    size_t number = 0;
    for (EncodedPacket &packet : clip) {
        if (packet.kind != MediaKind::Video || packet.isConfig || number++ % 5 != 0)
            continue;
        const auto at = std::lower_bound(shown.begin(), shown.end(), packet.ptsMs());
        const auto before = static_cast<size_t>(at - shown.begin());
        out.emplace_back("before picture " + std::to_string(before), before);
        addMessage(packet, out.back().first);
    }
    std::sort(out.begin(), out.end(), [](const auto &a, const auto &b) { return a.second < b.second; });
    return out;
}

} // namespace

TEST_CASE("a message is told right before its own picture") {
    auto clip = makeLiveClip("testsrc2=size=160x90:rate=30", 1);
    SUBCASE("that comes out in the order it came in") {}
    SUBCASE("that comes out in another order than it came in") {
        clip = makeClip("-f lavfi -i testsrc2=size=160x90:rate=30:duration=1 -c:v libx264 -bf 3 -b_strategy 0 -g 30");
        const auto reordered = [](const EncodedPacket &packet) { return packet.ctsMs > 40; };
        REQUIRE(std::any_of(clip.begin(), clip.end(), reordered));
    }
    const auto expected = addMessages(clip);
    REQUIRE(expected.size() == 6);
    Playback playback;
    playback.pipeline->setMessages(true);
    playback.push(clip);
    // A decoder that reorders keeps the last pictures.
    REQUIRE(playback.waitFor([&] { return playback.messages.size() >= 5; }));
    const auto messages = playback.read(playback.messages);
    CHECK(std::equal(messages.begin(), messages.end(), expected.begin()));
}

TEST_CASE("messages that were not asked for are not told") {
    auto clip = makeLiveClip("testsrc2=size=160x90:rate=30", 1);
    addMessages(clip);
    Playback playback;
    playback.push(clip);
    REQUIRE(playback.waitForPictures(30));
    CHECK(playback.read(playback.messages).empty());
}
