#include <doctest/doctest.h>

#include <random>

#include "VirtualPlay.h"

using namespace rtcroom::test;
using rtcroom::embedded::PlayoutClock;
using rtcroom::embedded::playoutSettings;
using rtcroom::engine::LivePlayAttribute;
using rtcroom::engine::PlayType;
using Played = VirtualPlay::Played;

namespace {

const PlayoutSettings call = playoutSettings(PlayType::LiveRtmpAcc, {});
const PlayoutSettings live = playoutSettings(PlayType::LiveRtmp, {});
constexpr double second = 1000;

/// 20 ms and up to `most` more, evenly spread, the same in each run.
auto jitter(double most) {
    return [most, random = std::minstd_rand(7)](double) mutable {
        return 20 + std::uniform_real_distribution<double>(0, most)(random);
    };
}

/// Nothing passes from `fromMs` for `ms`.
auto stall(double fromMs, double ms) {
    return [=](double sentMs) { return sentMs >= fromMs && sentMs < fromMs + ms ? fromMs + ms - sentMs + 20 : 20.0; };
}

EncodedPacket keyUnit(MediaKind kind, int64_t dtsMs) {
    EncodedPacket packet;
    packet.kind = kind;
    packet.keyFrame = true;
    packet.dtsMs = dtsMs;
    return packet;
}

bool inOrder(const std::vector<Played> &all) {
    return std::ranges::is_sorted(all, [](const Played &a, const Played &b) { return a.sentMs < b.sentMs; });
}

} // namespace

TEST_CASE("a call on a good network plays what arrives at once") {
    VirtualPlay play(call);
    play.network = jitter(8);
    play.run(30 * second);
    CHECK(play.quantile(0.95, 0, &Played::waited) <= 1);
    CHECK(play.quantile(1, 0, &Played::waited) <= 5);
    CHECK(play.dropped == 0);
    CHECK(play.dry == 0);
}

TEST_CASE("a call takes on jitter within seconds and lets go of it slowly") {
    VirtualPlay play(call);
    play.run(10 * second);
    play.network = jitter(120);
    const double rough = play.nowMs;
    play.run(20 * second);
    // The pictures come evenly, later by no more than the jitter.
    CHECK(play.longestGap(MediaKind::Video, rough + 5 * second) < 90);
    CHECK(play.quantile(0.95, rough + 5 * second) < 20 + 120 + 10);
    CHECK(play.buffer.clock().targetDelayMs() > 60);
    play.network = [](double) { return 20.0; };
    const double smooth = play.nowMs;
    play.run(3 * second);
    CHECK(play.quantile(0.5, smooth) > 60);
    play.run(17 * second);
    CHECK(play.quantile(0.95, smooth + 14 * second) < 25);
    CHECK(play.dropped == 0);
    CHECK(inOrder(play.played(MediaKind::Video)));
    CHECK(inOrder(play.played(MediaKind::Audio)));
    CHECK(play.worstSync(0) <= 40);
}

TEST_CASE("after a stall of a third of a second a call catches up by its pace and loses nothing") {
    VirtualPlay play(call);
    play.network = stall(10 * second, 300);
    play.run(30 * second);
    CHECK(play.dropped == 0);
    // Back after the seconds that the pace needs for it.
    CHECK(play.quantile(0.95, 10 * second + 300 + 8 * 300 + 2 * second) < 30);
    const auto sounds = play.played(MediaKind::Audio);
    const auto fast = std::ranges::count_if(sounds, [](const Played &each) { return each.fast; });
    CHECK(fast > 60);
    CHECK(fast < 200);
    CHECK(play.worstSync(0) <= 40);
    CHECK(play.dry == 0);
}

TEST_CASE("after a stall of a second a call drops to the newest key frame") {
    VirtualPlay play(call);
    play.network = stall(10 * second + 700, 1000);
    play.run(30 * second);
    CHECK(play.dropped > 10);
    CHECK(play.dropped < 80);
    CHECK(play.quantile(0.95, 10 * second + 1700 + 4 * second) < 100);
    CHECK(play.stalledMs > 900);
    CHECK(play.worstSync(0) <= 40);
    CHECK(inOrder(play.played(MediaKind::Video)));
    // Half a second of nothing is told once, and that it goes on.
    CHECK(play.dry == 1);
    CHECK(play.resumed == 1);
}

TEST_CASE("one stall does not raise the delay; several do") {
    VirtualPlay play(call);
    play.network = stall(10 * second, 200);
    play.run(12 * second);
    CHECK(play.buffer.clock().targetDelayMs() < 20);
    play.network = [](double sentMs) { return 20 + std::max(0.0, 200 - std::fmod(sentMs, 500)); };
    play.run(6 * second);
    CHECK(play.buffer.clock().targetDelayMs() > 150);
}

TEST_CASE("a long stall does not raise the delay, wherever its backlog falls") {
    for (double phase = 0; phase < 250; phase += 25) {
        CAPTURE(phase);
        VirtualPlay play(call);
        const double from = 10 * second + phase;
        // What it held up comes within 200 ms.
        play.network = [=](double sentMs) {
            const double since = sentMs - from;
            return since >= 0 && since < second ? 20 + (second - since) + 0.2 * since
                   : since >= 0                 ? 20 + std::max(0.0, 200 - (since - second))
                                                : 20.0;
        };
        play.run(from + 2 * second);
        CHECK(play.buffer.clock().targetDelayMs() < 20);
    }
}

TEST_CASE("delays of less than a tenth of a second are made up for within two") {
    VirtualPlay play(call);
    play.network = stall(10 * second, 75);
    play.run(15 * second);
    CHECK(play.quantile(1, 10 * second + 2 * second) < 25);
    CHECK(play.longestGap(MediaKind::Video, 9 * second) < 120);
    const auto sounds = play.played(MediaKind::Audio);
    CHECK(std::ranges::none_of(sounds, [](const Played &each) { return each.fast; }));
}

TEST_CASE("plain live keeps the SDK's second in hand, and a stall of that length is not seen") {
    VirtualPlay play(live);
    play.network = stall(20 * second, 900);
    play.run(40 * second);
    CHECK(play.quantile(0.5, 5 * second, &Played::waited) == doctest::Approx(1000).epsilon(0.02));
    CHECK(play.longestGap(MediaKind::Video, 5 * second) < 60);
    CHECK(play.longestGap(MediaKind::Audio, 5 * second) < 60);
    CHECK(play.dropped == 0);
    CHECK(play.worstSync(0) <= 2);
}

TEST_CASE("plain live goes up to its bound with the jitter, a fixed cache stays") {
    VirtualPlay automatic(playoutSettings(PlayType::LiveRtmp, {.minCacheSeconds = 0.3, .maxCacheSeconds = 0.6}));
    VirtualPlay fixed(playoutSettings(PlayType::LiveRtmp, {.autoAdjust = false, .cacheSeconds = 0.5}));
    for (VirtualPlay *play : {&automatic, &fixed}) {
        play->network = jitter(50);
        play->run(20 * second);
    }
    CHECK(automatic.buffer.clock().targetDelayMs() == 300);
    CHECK(fixed.buffer.clock().targetDelayMs() == 500);
    for (VirtualPlay *play : {&automatic, &fixed}) {
        play->network = jitter(5000);
        play->run(20 * second);
    }
    CHECK(automatic.buffer.clock().targetDelayMs() == 600);
    CHECK(fixed.buffer.clock().targetDelayMs() == 500);
}

TEST_CASE("a call's bounds can be set, and absent ones give way") {
    const auto least = playoutSettings(PlayType::LiveRtmpAcc, {.minCacheSeconds = 2});
    CHECK(least.minDelayMs == 2000);
    CHECK(least.maxDelayMs == 2000);
    const auto most = playoutSettings(PlayType::LiveFlv, {.maxCacheSeconds = 0.5});
    CHECK(most.minDelayMs == 500);
    CHECK(most.maxDelayMs == 500);
    CHECK(live.minDelayMs == 1000);
    CHECK(live.maxDelayMs == 5000);
    CHECK(playoutSettings(PlayType::LiveRtmp, {.autoAdjust = false}).minDelayMs == 5000);
    CHECK(playoutSettings(PlayType::LiveRtmpAcc, {.blockThresholdMs = 300}).blockThresholdMs == 300);
}

TEST_CASE("a backlog at the beginning leaves no delay behind") {
    // As a server gives its cached GOP: two seconds at once.
    for (const double spreadMs : {1.0, 700.0}) {
        CAPTURE(spreadMs);
        VirtualPlay play(call);
        play.network = [=](double sentMs) {
            return sentMs < 2000 ? 2000 + sentMs / 2000 * spreadMs - sentMs + 20
                                 : std::max(20.0, 2020 + spreadMs - sentMs);
        };
        play.run(10 * second);
        CHECK(play.dropped == 0);
        CHECK(play.quantile(1, 2100 + spreadMs) <= 30);
        CHECK(play.played(MediaKind::Video).size() == play.sentPictures);
    }
}

TEST_CASE("jumps of the timestamps either way play on, picture and sound together") {
    for (const int64_t jump : {int64_t{3'600'000}, int64_t{-3'600'000}, int64_t{20'000}, int64_t{-2'000}}) {
        CAPTURE(jump);
        VirtualPlay play(call);
        play.stampMs = 10'000'000;
        play.run(5 * second);
        play.stampMs += jump;
        play.run(5 * second);
        CHECK(play.jumps == 1);
        CHECK(play.dropped == 0);
        CHECK(play.dry == 0);
        CHECK(play.longestGap(MediaKind::Video, 0) < 80);
        CHECK(play.quantile(1, 0) < 80);
        CHECK(play.worstSync(6 * second) <= 40);
    }
}

TEST_CASE("the kind that jumps second keeps its distance to the first, however late it comes") {
    for (const int64_t jump : {int64_t{5'000'000}, int64_t{-5'000'000}}) {
        rtcroom::embedded::MediaTimeline timeline;
        const int64_t begin = 10'000'000;
        for (int64_t at = 0; at <= 1000; at += 20) {
            timeline.map(MediaKind::Video, begin + at, static_cast<double>(at));
            timeline.map(MediaKind::Audio, begin + at + 7, static_cast<double>(at));
        }
        const auto picture = timeline.map(MediaKind::Video, begin + jump + 1020, 1020);
        CHECK(picture.jumped);
        CHECK(picture.mediaMs == static_cast<double>(begin + 1020));
        const auto sound = timeline.map(MediaKind::Audio, begin + jump + 1027, 1320);
        CHECK(sound.jumped);
        CHECK(sound.mediaMs == picture.mediaMs + 7);
    }
}

TEST_CASE("a stream begins at any time and runs past 2^32 ms") {
    for (const int64_t begin : {int64_t{0}, int64_t{1} << 31, (int64_t{1} << 32) - 2000}) {
        VirtualPlay play(call);
        play.stampMs = begin;
        play.run(10 * second);
        CHECK(play.quantile(1, 0, &Played::waited) <= 25);
        CHECK(play.dropped == 0);
        CHECK(play.jumps == 0);
    }
}

TEST_CASE("sound or picture alone, and either gained or lost midway") {
    for (const PlayoutSettings &settings : {call, live}) {
        VirtualPlay play(settings);
        play.sounds = false;
        play.run(5 * second);
        play.sounds = true;
        play.run(5 * second);
        play.pictures = false;
        play.run(5 * second);
        play.pictures = true;
        play.run(5 * second);
        play.sounds = false;
        play.run(5 * second);
        CHECK(play.dropped == 0);
        CHECK(play.dry == 0);
        CHECK(play.jumps == 0);
        CHECK(play.worstSync(0) <= 40);
        CHECK(play.quantile(1, 3 * second) < 20 + settings.minDelayMs + 40);
    }
}

TEST_CASE("a sender that pauses is no lag, and running dry is told once") {
    VirtualPlay play(call);
    play.run(5 * second);
    play.pictures = play.sounds = false;
    play.run(5 * second);
    play.pictures = play.sounds = true;
    play.run(5 * second);
    CHECK(play.dry == 1);
    CHECK(play.resumed == 1);
    CHECK(play.stalledMs == 0);
    CHECK(play.jumps == 0);
    CHECK(play.quantile(1, 0) < 60);
}

TEST_CASE("a picture every two seconds is neither dry nor a jump") {
    VirtualPlay play(call);
    play.sounds = false;
    play.pictureMs = 2000;
    play.gop = 1;
    play.run(60 * second);
    CHECK(play.dry == 0);
    CHECK(play.jumps == 0);
    CHECK(play.quantile(1, 0) < 60);
}

TEST_CASE("a new connection goes on at its own live edge") {
    VirtualPlay play(call);
    play.run(5 * second);
    play.buffer.discontinuity();
    play.stampMs = -4'000;
    play.network = [](double) { return 60.0; };
    play.run(5 * second);
    CHECK(play.dropped == 0);
    CHECK(play.quantile(1, 6 * second) < 70);
    CHECK(play.longestGap(MediaKind::Video, 0) < 120);
}

TEST_CASE("a route that becomes longer or shorter is followed") {
    VirtualPlay play(call);
    play.run(10 * second);
    play.network = [](double) { return 220.0; };
    play.run(20 * second);
    CHECK(play.quantile(0.95, play.nowMs - 5 * second) < 230);
    play.network = [](double) { return 20.0; };
    play.run(20 * second);
    CHECK(play.quantile(0.95, play.nowMs - 10 * second) < 30);
    CHECK(play.dropped == 0);
}

TEST_CASE("sound that comes later than its picture is waited for") {
    // Multiplexed badly: the sound is 200 ms behind.
    JitterBuffer buffer;
    buffer.configure(call);
    double worst = 0;
    for (double now = 0; now < 20'000; now += 1) {
        const auto at = static_cast<int64_t>(now);
        if (at % 40 == 0)
            buffer.push(keyUnit(MediaKind::Video, at), now);
        if (at % 20 == 0 && at >= 200)
            buffer.push(keyUnit(MediaKind::Audio, at - 200), now);
        for (const MediaKind kind : {MediaKind::Video, MediaKind::Audio})
            while (const auto next = buffer.next(kind, now).entry)
                if (now > 2000 && kind == MediaKind::Video)
                    worst = std::max(worst, std::abs(now - static_cast<double>(next->packet.dtsMs) - 200));
    }
    // Less than the 40 ms and the frame of sound that 20 ms are.
    CHECK(worst <= 61);
}

TEST_CASE("timestamps that go back a little are played in their order of arrival") {
    JitterBuffer buffer;
    buffer.configure(call);
    std::vector<int64_t> played;
    double now = 0;
    for (const int64_t dts : {0, 40, 80, 60, 120, 100, 160, 200}) {
        buffer.push(keyUnit(MediaKind::Video, dts), now);
        now += 40;
        while (const auto next = buffer.next(MediaKind::Video, now).entry)
            played.push_back(next->packet.dtsMs);
    }
    CHECK(played == std::vector<int64_t>{0, 40, 80, 60, 120, 100, 160, 200});
}
