#include <doctest/doctest.h>

#include <array>

#include "Playback.h"
#include "TestClip.h"
#include "embedded/media/TimeStampSei.h"

using namespace rtcroom;
using namespace rtcroom::test;
using embedded::EncodedPacket;
using embedded::MediaKind;

namespace {

/// Puts a time into every fifth picture, `agoUs` before now.
void stamp(std::vector<EncodedPacket> &clip, int64_t agoUs) {
    size_t number = 0;
    for (EncodedPacket &packet : clip)
        if (packet.kind == MediaKind::Video && !packet.isConfig && number++ % 5 == 0)
            embedded::attachSei(packet,
                                std::array{embedded::timeStampSei(packet.codec, engine::wallClockMicros() - agoUs)});
}

} // namespace

TEST_CASE("latency is from the stream's own time of capture until the picture is shown") {
    auto clip = makeLiveClip("testsrc2=size=160x90:rate=30", 1);
    SUBCASE("in the order it came in") {}
    SUBCASE("in another order than it came in") {
        clip = makeClip("-f lavfi -i testsrc2=size=160x90:rate=30:duration=1 -c:v libx264 -bf 3 -b_strategy 0 -g 30");
    }
    constexpr int64_t agoUs = 5'000'000;
    const int64_t startUs = engine::wallClockMicros();
    stamp(clip, agoUs);
    Playback playback;
    playback.push(clip);
    REQUIRE(playback.waitFor([&] { return playback.pipeline->stats().timedPictures >= 5; }));
    const auto stats = playback.pipeline->stats();
    const int64_t meanUs = stats.latencySumUs / static_cast<int64_t>(stats.timedPictures);
    CHECK(meanUs >= agoUs);
    CHECK(meanUs <= agoUs + engine::wallClockMicros() - startUs);
}

TEST_CASE("a clock that is behind makes a negative latency, which shows it") {
    auto clip = makeLiveClip("testsrc2=size=160x90:rate=30", 1);
    stamp(clip, -60'000'000);
    Playback playback;
    playback.push(clip);
    REQUIRE(playback.waitForPictures(30));
    CHECK(playback.pipeline->stats().timedPictures > 0);
    CHECK(playback.pipeline->stats().latencySumUs < 0);
}

TEST_CASE("without a clock, or with one of another time, there is no latency") {
    auto clip = makeLiveClip("testsrc2=size=160x90:rate=30", 1);
    SUBCASE("none") {}
    SUBCASE("two hours ago") { stamp(clip, 7'200'000'000); }
    SUBCASE("in two hours") { stamp(clip, -7'200'000'000); }
    Playback playback;
    playback.push(clip);
    REQUIRE(playback.waitForPictures(30));
    CHECK(playback.pipeline->stats().timedPictures == 0);
}
