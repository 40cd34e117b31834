#include <doctest/doctest.h>

#include "embedded/CpuMeter.h"
#include "embedded/StatusReport.h"

using namespace rtcroom::embedded;

TEST_CASE("CPU use is a percentage and grows with work") {
    CpuMeter meter;
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
    volatile double work = 1;
    while (std::chrono::steady_clock::now() < end)
        work = work * 1.0000001;
    const CpuMeter::Reading reading = meter.read();
    REQUIRE(reading.process);
    CHECK(*reading.process > 1);
    CHECK(*reading.process <= 100);
    if (reading.device)
        CHECK(*reading.device <= 100);
}

TEST_CASE("rates are per second, and a counter that went back counts as nothing") {
    const auto from = std::chrono::steady_clock::time_point{};
    const RateOver over(from, from + std::chrono::seconds(2));
    CHECK(over.perSecond(10, 70) == doctest::Approx(30));
    CHECK(over.kbps(0, 250'000) == doctest::Approx(1000));
    CHECK(over.perSecond(70, 10) == 0);
    CHECK(RateOver(from, from).perSecond(1, 2) == 0);
}
