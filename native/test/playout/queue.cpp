#include <doctest/doctest.h>

#include <thread>

#include "embedded/playout/PacketQueue.h"

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

} // namespace

TEST_CASE("over the bound video falls to the newest key frame and keeps its configuration") {
    PacketQueue queue(MediaKind::Video);
    queue.open();
    queue.push(unit(MediaKind::Video, 0, false, true));
    size_t dropped = 0;
    for (int64_t i = 0; i < static_cast<int64_t>(PacketQueue::maxUnits); ++i)
        dropped += queue.push(unit(MediaKind::Video, i, i % 100 == 0));
    CHECK(dropped == 500);
    CHECK(queue.pop()->kind == Kind::Gap);
    CHECK(queue.pop()->packet.isConfig);
    const auto first = queue.pop();
    CHECK(first->packet.dtsMs == 500);
    CHECK(first->packet.keyFrame);
    CHECK(queue.size() == 99);
}

TEST_CASE("over the bound within one GOP video waits for the next key frame") {
    PacketQueue queue(MediaKind::Video);
    queue.open();
    size_t dropped = 0;
    for (int64_t i = 0; i < 700; ++i)
        dropped += queue.push(unit(MediaKind::Video, i, i == 0));
    CHECK(dropped == 700);
    CHECK(queue.push(unit(MediaKind::Video, 700, true)) == 0);
    CHECK(queue.pop()->kind == Kind::Gap);
    CHECK(queue.pop()->packet.dtsMs == 700);
}

TEST_CASE("over the bound sound loses its older half") {
    PacketQueue queue(MediaKind::Audio);
    queue.open();
    size_t dropped = 0;
    for (int64_t i = 0; i <= static_cast<int64_t>(PacketQueue::maxUnits); ++i)
        dropped += queue.push(unit(MediaKind::Audio, i));
    CHECK(dropped == 301);
    CHECK(queue.pop()->kind == Kind::Gap);
    CHECK(queue.pop()->packet.dtsMs == 301);
}

TEST_CASE("configurations without end do not fill the queue") {
    for (const bool paused : {false, true}) {
        PacketQueue queue(MediaKind::Video);
        queue.open();
        queue.setPaused(paused);
        for (int64_t i = 0; i < 5000; ++i) {
            queue.push(unit(MediaKind::Video, i, false, true));
            queue.discontinuity();
        }
        CHECK(queue.size() <= PacketQueue::maxUnits + 2);
    }
}

TEST_CASE("close ends a waiting pop") {
    PacketQueue queue(MediaKind::Video);
    queue.open();
    std::thread waiting([&] { CHECK_FALSE(queue.pop().has_value()); });
    queue.close();
    waiting.join();
}
