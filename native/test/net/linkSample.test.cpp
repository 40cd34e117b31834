#include <doctest/doctest.h>

#include "embedded/publish/linkSample.h"

using namespace rtcroom::embedded;

namespace {

constexpr LinkSample::Clock::time_point at{std::chrono::seconds(5)};

/// 100,000 bytes went to the kernel: 60,000 are there, 25,000 in flight, 15,000 unsent. 7000 wait for the kernel.
LinkSample sampleOf(const TcpInfo &info) { return linkSample(info, 100'000, 7000, at); }

} // namespace

TEST_CASE("Linux tells all: delivered, in flight and unsent are apart") {
    const LinkSample sample = sampleOf(
        {.rttMs = 40, .unackedBytes = 40'000, .unsentBytes = 15'000, .beyondGapBytes = 3000, .deliveryKbps = 900});
    CHECK(sample.at == at);
    CHECK(sample.delivered == 60'000);
    CHECK(sample.inFlight == 25'000);
    CHECK(sample.queued == 22'000);
    CHECK(sample.beyondGap == 3000);
    CHECK(sample.rttMs == 40);
    CHECK(sample.deliveryKbps == 900);
}

TEST_CASE("Windows tells what is in flight: what it holds back unsent counts as delivered") {
    const LinkSample sample = sampleOf({.rttMs = 40, .unackedBytes = 25'000});
    CHECK(sample.delivered == 75'000);
    CHECK(sample.inFlight == 25'000);
    CHECK(sample.queued == 7000);
    CHECK(sample.deliveryKbps == 0);
}

TEST_CASE("macOS tells its buffer: delivered is true, what is unsent counts as in flight") {
    const LinkSample sample = sampleOf({.rttMs = 40, .unackedBytes = 40'000});
    CHECK(sample.delivered == 60'000);
    CHECK(sample.inFlight == 40'000);
    CHECK(sample.queued == 7000);
}

TEST_CASE("of a system that tells nothing all that it took counts as delivered") {
    const LinkSample sample = sampleOf({});
    CHECK(sample.delivered == 100'000);
    CHECK(sample.inFlight == 0);
    CHECK(sample.queued == 7000);
    CHECK(sample.rttMs == 0);
}

TEST_CASE("counts that were read one after the other never make a huge number") {
    // The kernel still holds bytes of the handshake, or sent some between the two looks.
    CHECK(linkSample({.unackedBytes = 500}, 100, 0, at).delivered == 0);
    CHECK(linkSample({.unackedBytes = 1000, .unsentBytes = 1400}, 5000, 0, at).inFlight == 0);
    const LinkSample negative = linkSample({.unackedBytes = -1, .unsentBytes = -1, .beyondGapBytes = -1}, 5000, 10, at);
    CHECK(negative.delivered == 5000);
    CHECK(negative.inFlight == 0);
    CHECK(negative.queued == 10);
    CHECK(negative.beyondGap == 0);
}
