#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "embedded/playout/JitterBuffer.h"
#include "embedded/playout/PlayoutFeed.h"

using namespace rtcroom::embedded;
using Kind = PacketQueue::Entry::Kind;

namespace {

EncodedPacket unit(MediaKind kind, int64_t dtsMs, bool key = false, bool config = false) {
    EncodedPacket packet;
    packet.kind = kind;
    packet.dtsMs = dtsMs;
    packet.keyFrame = key;
    packet.isConfig = config;
    packet.data = std::make_shared<Bytes>(10, uint8_t{1});
    return packet;
}

/// All at one time, as far as the buffer goes.
struct Filled {
    size_t push(const EncodedPacket &packet) {
        const auto pushed = buffer.push(packet, 1000);
        return pushed.videoDropped + pushed.audioDropped;
    }
    PacketQueue::Entry pop(MediaKind kind) {
        auto next = buffer.next(kind, 1e7);
        REQUIRE(next.entry);
        return std::move(*next.entry);
    }
    static constexpr int64_t bound = JitterBuffer::unitsWithoutDelay;
    JitterBuffer buffer;
    Filled() { buffer.configure({.minDelayMs = 0, .maxDelayMs = 0}); }
};

} // namespace

TEST_CASE("over the bound video falls to the newest key frame and keeps its configuration") {
    Filled queue;
    queue.push(unit(MediaKind::Video, 0, false, true));
    size_t dropped = 0;
    for (int64_t i = 0; i < queue.bound; ++i)
        dropped += queue.push(unit(MediaKind::Video, i, i % 100 == 0));
    CHECK(dropped == 500);
    CHECK(queue.pop(MediaKind::Video).kind == Kind::Gap);
    CHECK(queue.pop(MediaKind::Video).packet.isConfig);
    const auto first = queue.pop(MediaKind::Video);
    CHECK(first.packet.dtsMs == 500);
    CHECK(first.packet.keyFrame);
    CHECK(queue.buffer.size(MediaKind::Video) == 99);
}

TEST_CASE("over the bound within one GOP video waits for the next key frame") {
    Filled queue;
    size_t dropped = 0;
    for (int64_t i = 0; i < 700; ++i)
        dropped += queue.push(unit(MediaKind::Video, i, i == 0));
    CHECK(dropped == 700);
    CHECK(queue.push(unit(MediaKind::Video, 700, true)) == 0);
    CHECK(queue.pop(MediaKind::Video).kind == Kind::Gap);
    CHECK(queue.pop(MediaKind::Video).packet.dtsMs == 700);
}

TEST_CASE("over the bound sound loses its older half") {
    Filled queue;
    size_t dropped = 0;
    for (int64_t i = 0; i <= queue.bound; ++i)
        dropped += queue.push(unit(MediaKind::Audio, i));
    CHECK(dropped == 301);
    CHECK(queue.pop(MediaKind::Audio).kind == Kind::Gap);
    CHECK(queue.pop(MediaKind::Audio).packet.dtsMs == 301);
}

TEST_CASE("a delay has room for its units") {
    JitterBuffer buffer;
    buffer.configure({.minDelayMs = 10'000, .maxDelayMs = 10'000});
    size_t dropped = 0;
    for (int64_t i = 0; i < 1000; ++i) {
        const auto now = static_cast<double>(i) * 10;
        dropped += buffer.push(unit(MediaKind::Video, i * 10, i % 100 == 0), now).videoDropped;
    }
    CHECK(dropped == 0);
    CHECK(buffer.size(MediaKind::Video) == 1000);
}

TEST_CASE("configurations without end do not fill the queue") {
    for (const bool paused : {false, true}) {
        Filled queue;
        queue.buffer.setPaused(paused);
        for (int64_t i = 0; i < 5000; ++i) {
            queue.push(unit(MediaKind::Video, i, false, true));
            queue.buffer.discontinuity();
        }
        CHECK(queue.buffer.size(MediaKind::Video) <= JitterBuffer::unitsWithoutDelay + 2);
    }
}

TEST_CASE("pictures that are left out are told once, a single one too; those after them up to a key frame are not") {
    std::vector<std::string> told;
    const auto droppedOf = [&](std::vector<int64_t> keys, int64_t count) {
        told.clear();
        PlayoutFeed feed({.onVideoDiscontinuity = [&](const std::string &reason) { told.push_back(reason); }});
        feed.configure({.minDelayMs = 0, .maxDelayMs = 0});
        feed.open();
        for (int64_t i = 0; i < count; ++i)
            feed.push(unit(MediaKind::Video, i, std::ranges::find(keys, i) != keys.end()));
        const auto dropped = feed.stats().videoDropped;
        feed.close();
        return dropped;
    };
    CHECK(droppedOf({0, 1}, Filled::bound + 1) == 1);
    REQUIRE(told.size() == 1);
    CHECK(told.front().find("1 late picture was") == 0);
    CHECK(droppedOf({0}, Filled::bound + 50) == Filled::bound + 50);
    CHECK(told.size() == 1);
    CHECK(droppedOf({0, 10}, 100) == 0);
    CHECK(told.empty());
}

TEST_CASE("pictures that are due and not taken are counted") {
    PlayoutFeed feed({});
    feed.configure({.minDelayMs = 0, .maxDelayMs = 0});
    feed.open();
    for (int64_t i = 0; i < 5; ++i)
        feed.push(unit(MediaKind::Video, i - 5, i == 0));
    CHECK(feed.stats().videoDue == 5);
    CHECK(feed.pop(MediaKind::Video));
    CHECK(feed.stats().videoDue == 4);
    CHECK(feed.stats().videoUnits == 4);
    feed.close();
}

TEST_CASE("a pause leaves pictures out that nobody is told of") {
    int told = 0;
    PlayoutFeed feed({.onVideoDiscontinuity = [&](const std::string &) { ++told; }});
    feed.configure({.minDelayMs = 0, .maxDelayMs = 0});
    feed.open();
    feed.push(unit(MediaKind::Video, 0, true));
    feed.setPaused(true);
    feed.push(unit(MediaKind::Video, 33));
    feed.setPaused(false);
    for (int64_t i = 2; i < 10; ++i)
        feed.push(unit(MediaKind::Video, i * 33));
    feed.push(unit(MediaKind::Video, 330, true));
    feed.close();
    CHECK(told == 0);
}

TEST_CASE("close ends what waits, for a unit or until one is due") {
    PlayoutFeed feed({});
    feed.configure({.minDelayMs = 60'000, .maxDelayMs = 60'000});
    feed.open();
    feed.push(unit(MediaKind::Video, 0, true));
    std::thread picture([&] { CHECK_FALSE(feed.pop(MediaKind::Video).has_value()); });
    std::thread sound([&] { CHECK_FALSE(feed.pop(MediaKind::Audio).has_value()); });
    std::thread hold([&] { CHECK_FALSE(feed.waitUntilDue(MediaKind::Video, 0, 60'000)); });
    // So that they wait; without, they often find it closed.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    feed.close();
    picture.join();
    sound.join();
    hold.join();
}
