#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "Playback.h"
#include "TestClip.h"

using namespace rtcroom;
using namespace rtcroom::test;
using embedded::EncodedPacket;
using embedded::MediaKind;
using embedded::PlayoutSettings;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// Pushes a clip as its sender would: each unit at its time.
class LiveSender {
  public:
    LiveSender(Playback &playback, std::vector<EncodedPacket> clip)
        : playback_(playback), clip_(std::move(clip)), begin_(steady_clock::now()) {}

    void sendUntil(int64_t dtsMs) {
        for (; next_ < clip_.size() && clip_[next_].dtsMs < dtsMs; ++next_) {
            const auto due = begin_ + milliseconds(clip_[next_].dtsMs);
            std::this_thread::sleep_until(due);
            if (begun_)
                worstLate_ = std::max(worstLate_, steady_clock::now() - due);
            begun_ = true;
            playback_.pipeline->push(clip_[next_]);
        }
    }
    /// Whether the machine ran all the time, as far as the sender saw; what is handed out is no figure where it did
    /// not.
    bool wasInTime() const {
        if (worstLate_ < milliseconds(100))
            return true;
        MESSAGE("the machine did not run for ", std::chrono::duration_cast<milliseconds>(worstLate_).count(), " ms");
        return false;
    }
    void pause(milliseconds time) { std::this_thread::sleep_for(time); }

  private:
    Playback &playback_;
    const std::vector<EncodedPacket> clip_;
    const steady_clock::time_point begin_;
    size_t next_ = 0;
    bool begun_ = false;
    steady_clock::duration worstLate_{};
};

PlayoutSettings fixed(double ms) { return {.minDelayMs = ms, .maxDelayMs = ms, .farBehindMs = 10'000}; }

/// When a frame was handed out, less its time in the stream, ms.
double medianLag(const auto &frames) {
    std::vector<double> all;
    for (const auto &frame : frames)
        all.push_back(static_cast<double>(frame.decodedAtUs) / 1000 - static_cast<double>(frame.timestampMs));
    std::ranges::nth_element(all, all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2));
    return all[all.size() / 2];
}

} // namespace

TEST_CASE("a shorter delay is come to by faster sound, and all of it is handed out") {
    Playback playback;
    playback.pipeline->setPlayout(fixed(700));
    LiveSender sender(playback, makeLiveClip("testsrc2=size=320x180:rate=30", 6));
    sender.sendUntil(1500);
    playback.pipeline->setPlayout(fixed(300));
    sender.sendUntil(6000);
    REQUIRE(playback.waitForPictures(180));
    REQUIRE(playback.waitFor([&] { return playback.sounds.back().timestampMs > 5900; }));
    CHECK(playback.audioErrors.empty());
    double seconds = 0, worstGapMs = 0;
    for (size_t i = 0; i < playback.sounds.size(); ++i) {
        const engine::AudioFrame &sound = playback.sounds[i];
        seconds += static_cast<double>(sound.samples) / sound.sampleRate;
        if (i == 0)
            continue;
        const engine::AudioFrame &before = playback.sounds[i - 1];
        const double lasted = 1000.0 * before.samples / before.sampleRate;
        worstGapMs = std::max(worstGapMs, static_cast<double>(sound.timestampMs - before.timestampMs) - 1.25 * lasted);
    }
    // The 400 ms are gone from the sound, and nowhere at once.
    if (sender.wasInTime()) {
        CHECK(seconds < 5.75);
        CHECK(seconds > 5.4);
    }
    CHECK(worstGapMs < 5);
    CHECK(std::ranges::is_sorted(playback.sounds, {}, &engine::AudioFrame::timestampMs));
    CHECK(playback.pipeline->stats().bufferDropped == 0);
}

TEST_CASE("a picture that comes out before its time is held until then") {
    auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 2);
    // Without reordering, but with an offset, as some senders have it.
    for (EncodedPacket &packet : clip)
        if (packet.kind == MediaKind::Video && !packet.isConfig)
            packet.ctsMs = 150;
    Playback playback;
    playback.pipeline->setPlayout(fixed(400));
    LiveSender sender(playback, clip);
    sender.sendUntil(2000);
    REQUIRE(playback.waitForPictures(60));
    const double early = medianLag(playback.read(playback.sounds)) - medianLag(playback.read(playback.pictures));
    // 150 ms if they were not held.
    CHECK(early < 60);
}

TEST_CASE("timestamps that jump are told and played") {
    auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 2);
    const auto half = std::ranges::find_if(
        clip, [](const EncodedPacket &p) { return p.kind == MediaKind::Video && p.keyFrame && p.dtsMs >= 900; });
    for (auto packet = half; packet != clip.end(); ++packet)
        packet->dtsMs += 7'200'000;
    Playback playback;
    playback.push(clip);
    REQUIRE(playback.waitForPictures(60));
    CHECK(playback.read(playback.discontinuities).size() == 1);
    CHECK(playback.read(playback.pictures).back().timestampMs > 7'200'000);
}

TEST_CASE("a picture that stands still is told, a sender that has few is not") {
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 2);
    Playback playback;
    LiveSender sender(playback, clip);
    sender.sendUntil(1000);
    REQUIRE(playback.waitForPictures(30));
    const bool inTime = sender.wasInTime();
    if (inTime)
        CHECK(playback.read(playback.lags).empty());
    sender.pause(milliseconds(2500));
    sender.sendUntil(2000);
    REQUIRE(playback.waitFor([&] { return std::ranges::any_of(playback.lags, [](auto ms) { return ms > 2000; }); }));
    REQUIRE(playback.waitFor([&] { return std::ranges::count(playback.events, "playing") >= 1; }));
    if (inTime)
        CHECK(playback.told("dry") == 1);

    auto slow = makeClip("-f lavfi -i testsrc2=size=320x180:rate=2 -t 3 -c:v libx264 -tune zerolatency -g 1");
    Playback few;
    LiveSender slowSender(few, slow);
    slowSender.sendUntil(3000);
    REQUIRE(few.waitForPictures(6));
    if (slowSender.wasInTime()) {
        CHECK(few.read(few.lags).empty());
        CHECK(few.told("dry") == 0);
    }
}

TEST_CASE("pictures that the sender left out are told, and a sender that comes to have few is told of at most until it "
          "is usual") {
    auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 4);
    // As a push does that skips pictures for the network's sake; its sound goes on.
    std::erase_if(clip, [](const EncodedPacket &p) {
        return p.kind == MediaKind::Video && !p.isConfig && p.dtsMs >= 1000 && p.dtsMs < 3000;
    });
    Playback playback;
    LiveSender sender(playback, clip);
    sender.sendUntil(4000);
    REQUIRE(playback.waitForPictures(55));
    const auto lags = playback.read(playback.lags);
    CHECK(std::ranges::any_of(lags, [](auto ms) { return ms > 1300; }));
    if (sender.wasInTime()) {
        REQUIRE(lags.size() == 1);
        CHECK(lags.front() > 1500);
        CHECK(playback.told("dry") == 0);
    }

    // A still card while the pusher is paused.
    auto card = makeClip("-f lavfi -i testsrc2=size=320x180:rate=30 -t 4 -c:v libx264 -tune zerolatency -g 15");
    std::erase_if(card, [](const EncodedPacket &p) {
        return p.kind == MediaKind::Video && !p.isConfig && p.dtsMs >= 1000 && !(p.keyFrame && p.dtsMs % 500 < 20);
    });
    Playback paused;
    LiveSender pausedSender(paused, card);
    pausedSender.sendUntil(4000);
    REQUIRE(paused.waitForPictures(34));
    if (pausedSender.wasInTime())
        CHECK(paused.read(paused.lags).empty());
}

TEST_CASE("stop while everything waits for its time joins at once") {
    Playback playback;
    playback.pipeline->setPlayout(fixed(60'000));
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 2);
    LiveSender sender(playback, clip);
    sender.sendUntil(300);
    CHECK_FALSE(playback.pipeline->noteDryIfEmpty());
    const auto begin = steady_clock::now();
    playback.pipeline->stop();
    // A hang, not the 50 ms of an idle machine.
    CHECK(steady_clock::now() - begin < milliseconds(500));
    CHECK(playback.pictures.empty());
}
