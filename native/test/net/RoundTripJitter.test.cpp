#include <doctest/doctest.h>

#include "embedded/net/RoundTripJitter.h"

using namespace rtcroom::embedded;

TEST_CASE("the kernel's deviation of the round trip is the jitter where it is told") {
    RoundTripJitter jitter;
    CHECK(jitter.note({}) == 0);
    CHECK(jitter.note({.rttMs = 40, .rttDeviationMs = 5}) == 5);
    CHECK(jitter.note({.rttMs = 90, .rttDeviationMs = 7}) == 7);
}

TEST_CASE("elsewhere it is how far the round trip moves") {
    RoundTripJitter jitter;
    for (int look = 0; look < 100; ++look)
        CHECK(jitter.note({.rttMs = 40}) == 0);
    double last = 0;
    for (int look = 0; look < 100; ++look) {
        // Each told twice.
        jitter.note({.rttMs = look % 2 == 0 ? 40.0 : 48.0});
        last = jitter.note({.rttMs = look % 2 == 0 ? 40.0 : 48.0});
    }
    CHECK(last == doctest::Approx(8).epsilon(0.01));
    // A system that stops telling changes nothing.
    CHECK(jitter.note({}) == last);
    CHECK(jitter.note({.rttMs = 500}) == last);
}
