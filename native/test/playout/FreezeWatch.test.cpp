#include <doctest/doctest.h>

#include "embedded/playout/FreezeWatch.h"

using rtcroom::embedded::FreezeWatch;

namespace {

constexpr double thresholdMs = 800;

/// Pictures that are shown as far apart as their sender made them.
struct Stream {
    FreezeWatch watch;
    double nowMs = 0;
    int told = 0;
    double lastMs = 0;

    /// `lateMs`: how much longer it took than the sender left between the pictures.
    void picture(double stepMs, double lateMs = 0) {
        nowMs += stepMs + lateMs;
        watch.noteStep(stepMs);
        if (const auto stood = watch.shown(nowMs, thresholdMs)) {
            ++told;
            lastMs = *stood;
        }
    }
    void pictures(int count, double stepMs) {
        for (int i = 0; i < count; ++i)
            picture(stepMs);
    }
};

} // namespace

TEST_CASE("a picture that stands for longer than the threshold is told, whoever held the next one up") {
    Stream stream;
    stream.pictures(30, 33);
    stream.picture(33, 700);
    CHECK(stream.told == 0);
    stream.picture(33, 768);
    CHECK(stream.told == 1);
    CHECK(stream.lastMs == doctest::Approx(801));
    // Skipped by the sender.
    stream.pictures(30, 33);
    stream.picture(801);
    CHECK(stream.told == 2);
    stream.picture(900);
    CHECK(stream.told == 3);
    stream.picture(400, 450);
    CHECK(stream.told == 4);
    CHECK(stream.lastMs == doctest::Approx(850));
}

TEST_CASE("few pictures are not told, their freezes are") {
    for (const double stepMs : {500.0, 1000.0, 5000.0}) {
        CAPTURE(stepMs);
        Stream stream;
        stream.pictures(20, stepMs);
        stream.picture(stepMs, 290);
        CHECK(stream.told == 0);
        stream.picture(stepMs, 850);
        CHECK(stream.told == 1);
        stream.pictures(20, stepMs);
        CHECK(stream.told == 1);
    }
}

TEST_CASE("a stream that comes to few pictures is told of until they are usual") {
    Stream stream;
    stream.pictures(30, 33);
    stream.pictures(30, 2000);
    CHECK(stream.told >= 1);
    CHECK(stream.told <= 4);
    // A frozen second picture is none of the usual, either.
    Stream young;
    young.picture(0);
    young.picture(33);
    young.picture(1000);
    CHECK(young.told == 1);
}

TEST_CASE("what a pause held up is no freeze, and after a reset nothing is known") {
    Stream stream;
    stream.pictures(30, 33);
    stream.watch.interrupt();
    stream.picture(33, 5000);
    CHECK(stream.told == 0);
    stream.picture(33, 5000);
    CHECK(stream.told == 1);
    stream.watch = {};
    stream.picture(33, 5000);
    CHECK(stream.told == 1);
}
