#include <doctest/doctest.h>

#include "embedded/publish/SendQueue.h"
#include "test/net/TestPackets.h"

using namespace rtcroom::test;
using Result = SendQueue::PushResult;
using std::chrono::milliseconds;

namespace {

std::vector<EncodedPacket> takeAll(SendQueue &queue) {
    std::vector<EncodedPacket> out;
    while (auto packet = queue.pop())
        out.push_back(std::move(*packet));
    return out;
}

} // namespace

TEST_CASE("without a connection media is discarded and configs are kept") {
    SendQueue queue;
    CHECK(queue.push(videoConfig()) == Result::Discarded);
    CHECK(queue.push(audioConfig()) == Result::Discarded);
    CHECK(queue.push(videoPacket(0, true, 100)) == Result::Discarded);
    CHECK(queue.empty());
    for (int connection = 0; connection < 2; ++connection) {
        queue.open();
        const auto got = takeAll(queue);
        REQUIRE(got.size() == 2);
        CHECK(got[0].isConfig);
        CHECK(got[1].isConfig);
        queue.close();
        CHECK(queue.empty());
    }
}

TEST_CASE("video begins with a key frame, sound at once") {
    SendQueue queue;
    queue.open();
    CHECK(queue.push(videoPacket(0, false, 100)) == Result::Discarded);
    CHECK(queue.push(audioPacket(0, 100)) == Result::Queued);
    CHECK(queue.push(videoPacket(33, true, 100)) == Result::Queued);
    CHECK(queue.push(videoPacket(66, false, 100)) == Result::Queued);
    CHECK(queue.state().packets == 3);
}

TEST_CASE("late video is dropped up to the newest key frame in the queue; sound stays") {
    SendQueue queue;
    queue.open();
    const auto start = SendQueue::Clock::now();
    queue.push(videoPacket(0, true, 100), start);
    queue.push(videoPacket(33, false, 100), start + milliseconds(33));
    queue.push(audioPacket(1000, 100), start + milliseconds(1000));
    queue.push(videoPacket(4000, true, 100), start + milliseconds(4000));
    CHECK(queue.push(videoPacket(5010, false, 100), start + milliseconds(5010)) == Result::Queued);
    const auto got = takeAll(queue);
    REQUIRE(got.size() == 3);
    CHECK(got[0].kind == MediaKind::Audio);
    CHECK(got[1].keyFrame);
    CHECK(got[2].dtsMs == 5010);
    CHECK(queue.state().dropped == 2);
}

TEST_CASE("without a newer key frame all video goes, and one is asked for once") {
    SendQueue queue;
    queue.open();
    const auto start = SendQueue::Clock::now();
    queue.push(videoPacket(0, true, 100), start);
    queue.push(videoConfig(), start);
    CHECK(queue.push(videoPacket(5010, false, 100), start + milliseconds(5010)) == Result::KeyFrameWanted);
    CHECK(queue.push(videoPacket(5043, false, 100), start + milliseconds(5043)) == Result::Discarded);
    CHECK(queue.push(audioPacket(5050, 100), start + milliseconds(5050)) == Result::Queued);
    CHECK(queue.push(videoPacket(5076, true, 100), start + milliseconds(5076)) == Result::Queued);
    const auto got = takeAll(queue);
    REQUIRE(got.size() == 3);
    CHECK(got[0].isConfig);
}

TEST_CASE("8 MB is the most that waits, whatever it is") {
    SendQueue queue;
    queue.open();
    queue.push(videoPacket(0, true, 5'000'000));
    CHECK(queue.push(videoPacket(33, false, 5'000'000)) == Result::KeyFrameWanted);
    CHECK(queue.empty());
    for (int i = 0; i < 10; ++i)
        queue.push(audioPacket(i, 1'000'000));
    CHECK(queue.state().packets == 8);
    CHECK(queue.pop()->dtsMs == 2);
}

TEST_CASE("sound that has waited for 5 s goes, the oldest first") {
    SendQueue queue;
    queue.open();
    const auto start = SendQueue::Clock::now();
    for (int i = 0; i < 60; ++i)
        queue.push(audioPacket(i * 100, 100), start + milliseconds(i * 100));
    CHECK(queue.state(start + milliseconds(5900)).ageMs == 5000);
}

TEST_CASE("a packet larger than a message can be is dropped, and video waits for a key frame after it") {
    SendQueue queue;
    queue.open();
    queue.push(videoPacket(0, true, 100));
    CHECK(queue.push(videoPacket(33, false, 0x1000000)) == Result::KeyFrameWanted);
    CHECK(queue.push(videoPacket(66, false, 100)) == Result::Discarded);
    CHECK(queue.push(videoPacket(99, true, 100)) == Result::Queued);
    CHECK(queue.push(makePacket(MediaKind::Video, {}, 0, true)) == Result::Discarded);
}

TEST_CASE("configs that are forgotten do not come with the next connection") {
    SendQueue queue;
    queue.push(videoConfig());
    queue.push(audioConfig());
    queue.forgetConfigs();
    queue.push(audioConfig());
    queue.open();
    const auto got = takeAll(queue);
    REQUIRE(got.size() == 1);
    CHECK(got[0].kind == MediaKind::Audio);
}
