#include <doctest/doctest.h>

#include <array>
#include <utility>

#include "test/qos/VirtualPush.h"

using namespace rtcroom;
using namespace rtcroom::test;
using Congestion = VirtualPush::Congestion;
using Kernel = VirtualPush::Kernel;
using embedded::LinkMeter;
using Strategy = engine::AutoAdjustStrategy;
using std::chrono::seconds;

namespace {

PushQos::Settings upTo1200(Strategy strategy) {
    return {.strategy = strategy,
            .size = {640, 360},
            .fps = 30,
            .bitrateKbps = 1200,
            .minBitrateKbps = 100,
            .maxBitrateKbps = 1200,
            .audioKbps = 64};
}

constexpr VirtualPush::Link narrow{.kbps = 600};

using Sender = std::pair<Congestion, Kernel>;
/// What a queue is made of can be told: all of Linux and macOS, Windows with its default.
constexpr std::array tellsEnough{Sender{Congestion::Bbr, Kernel::Linux}, Sender{Congestion::Cubic, Kernel::Linux},
                                 Sender{Congestion::Bbr, Kernel::MacOs}, Sender{Congestion::Cubic, Kernel::MacOs},
                                 Sender{Congestion::Cubic, Kernel::Windows}};
/// A sender that paces keeps the queue out of the network, where Windows would tell of it.
constexpr std::array hidesItsBuffer{Sender{Congestion::Bbr, Kernel::Windows}, Sender{Congestion::Bbr, Kernel::Silent},
                                    Sender{Congestion::Cubic, Kernel::Silent},
                                    Sender{Congestion::Bbr, Kernel::RoundTripOnly},
                                    Sender{Congestion::Cubic, Kernel::RoundTripOnly}};

double middle(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

} // namespace

TEST_CASE("a call over a link of half its bitrate: the delay stays low and the link is used") {
    for (const auto &[congestion, kernel] : tellsEnough) {
        CAPTURE(static_cast<int>(congestion));
        CAPTURE(static_cast<int>(kernel));
        VirtualPush push(upTo1200(Strategy::RealtimeVideoChat), narrow, congestion, kernel);
        push.run(seconds(7));
        CHECK(push.latency(1, 0) < 1000);
        const auto from = push.mark();
        push.run(seconds(60));
        CHECK(push.latency(0.5, from.ms) < 150);
        CHECK(push.latency(0.95, from.ms) < 300);
        // What it tries above what it knows the link to carry makes no long queue.
        CHECK(push.latency(1, from.ms) < 255);
        CHECK(push.longestGap(from.ms) < 500);
        CHECK(push.used(from) > 0.85);
        CHECK(push.bitrateChanges > 0);
        CHECK(push.busy >= 1);
    }
}

// 64 KB are 874 ms of 600 kbit/s; 32 KB and what is in the network are less.
TEST_CASE("where a system hides what it holds back, the delay is that of its buffer, and no more") {
    for (const auto &[congestion, kernel] : hidesItsBuffer) {
        CAPTURE(static_cast<int>(congestion));
        CAPTURE(static_cast<int>(kernel));
        VirtualPush push(upTo1200(Strategy::RealtimeVideoChat), narrow, congestion, kernel);
        push.run(seconds(7));
        CHECK(push.latency(1, 0) < 1700);
        const auto from = push.mark();
        push.run(seconds(60));
        CHECK(push.latency(0.95, from.ms) < (kernel == Kernel::RoundTripOnly ? 1250 : 1150));
        CHECK(push.longestGap(from.ms) < 900);
        CHECK(push.used(from) > 0.6);
        CHECK(push.busy >= 1);
    }
}

TEST_CASE("a link that falls from plenty to half the bitrate is noticed before its queue is long") {
    const VirtualPush::Link plenty{.kbps = 20'000, .oneWayMs = 20, .queueMs = 1000};
    const VirtualPush::Link fallenLink{.kbps = 600, .oneWayMs = 20, .queueMs = 1000};
    const auto fall = [&](const Sender &sender, double worstMs, double p95Ms) {
        CAPTURE(static_cast<int>(sender.first));
        CAPTURE(static_cast<int>(sender.second));
        VirtualPush push(upTo1200(Strategy::RealtimeVideoChat), plenty, sender.first, sender.second);
        push.run(seconds(10));
        REQUIRE(push.video().bitrateKbps == 1200);
        push.setLink(fallenLink);
        const auto fallen = push.mark();
        push.run(seconds(20));
        CHECK(push.latency(1, fallen.ms) < worstMs);
        CHECK(push.latency(0.95, fallen.ms + 3000) < p95Ms);
        return push.used(fallen);
    };
    for (const Sender &sender : tellsEnough)
        CHECK(fall(sender, 700, 250) > 0.8);
    for (const Sender &sender : hidesItsBuffer)
        CHECK(fall(sender, 1700, 1150) > (sender.second == Kernel::RoundTripOnly ? 0.45 : 0.5));
}

TEST_CASE("the bitrate follows a link that halves and doubles again") {
    for (const Congestion congestion : {Congestion::Bbr, Congestion::Cubic}) {
        CAPTURE(static_cast<int>(congestion));
        VirtualPush push(upTo1200(Strategy::RealtimeVideoChat), narrow, congestion);
        push.run(seconds(20));
        push.setLink({.kbps = 300});
        const auto halved = push.mark();
        push.run(seconds(20));
        CHECK(push.latency(0.95, halved.ms + 5000) < 350);
        CHECK(push.used(halved) > 0.8);
        push.setLink(narrow);
        const auto doubled = push.mark();
        push.run(seconds(20));
        CHECK(push.latency(0.95, doubled.ms) < 300);
        CHECK(push.used(doubled) > 0.65);
        CHECK(push.video().bitrateKbps > 350);
    }
}

TEST_CASE("after a stall of a second the call is back within five") {
    // Of several runs the middle one: what a stall hits, a key frame or none, is chance.
    for (const auto &[congestion, kernel] : tellsEnough) {
        CAPTURE(static_cast<int>(congestion));
        CAPTURE(static_cast<int>(kernel));
        std::vector<double> latencies, gaps, used;
        for (unsigned seed = 1; seed <= 10; ++seed) {
            VirtualPush push(upTo1200(Strategy::RealtimeVideoChat), narrow, congestion, kernel, seed);
            push.run(seconds(20));
            push.stall(true);
            push.run(seconds(1));
            push.stall(false);
            const auto end = push.mark();
            push.run(seconds(10));
            latencies.push_back(push.latency(0.95, end.ms + 5000));
            gaps.push_back(push.longestGap(end.ms + 1000));
            used.push_back(push.used(end));
        }
        CHECK(middle(latencies) < 300);
        CHECK(std::ranges::max(latencies) < 350);
        CHECK(std::ranges::max(gaps) < 600);
        // The stall told nothing of the link: the bitrate comes back at once, not at 5 % a second.
        CHECK(middle(used) > 0.8);
        CHECK(std::ranges::min(used) > 0.75);
    }
}

TEST_CASE("a stall of a link that was never full leaves the bitrate as it was known to go") {
    for (const Congestion congestion : {Congestion::Bbr, Congestion::Cubic})
        for (unsigned seed = 1; seed <= 10; ++seed) {
            CAPTURE(static_cast<int>(congestion));
            CAPTURE(seed);
            VirtualPush push(upTo1200(Strategy::RealtimeVideoChat), {.kbps = 2500, .oneWayMs = 20, .queueMs = 1000},
                             congestion, Kernel::Linux, seed);
            push.run(seconds(10));
            push.stall(true);
            push.run(seconds(1));
            CHECK(push.video().bitrateKbps == 100);
            push.stall(false);
            push.run(seconds(2));
            CHECK(push.video().bitrateKbps > 900);
        }
}

TEST_CASE("what a system takes back of what it told as delivered is no drain") {
    LinkMeter meter;
    LinkSample sample{
        .at = LinkSample::Clock::time_point(seconds(100)), .inFlight = 3000, .queued = 20'000, .rttMs = 40};
    const auto note = [&](uint64_t delivered) {
        sample.at += std::chrono::milliseconds(50);
        sample.delivered = delivered;
        meter.note(sample);
        return meter.state();
    };
    for (uint64_t step = 1; step <= 40; ++step)
        note(3750 * step);
    CHECK(meter.state().carriesKbps == doctest::Approx(600));
    // A stall, in which the count steps back as bytes that were held back are sent, or get the headers of TLS.
    for (uint64_t step = 1; step <= 20; ++step) {
        const LinkMeter::State state = note(150'000 - 22 * step);
        CHECK(state.drainKbps <= 600);
        CHECK(state.carriesKbps <= 600);
        if (step >= 3)
            CHECK(state.carriesKbps == 0);
        if (step >= 8) {
            CHECK(state.drainKbps == 0);
            CHECK(state.full);
        }
    }
    // What it carries is measured from when it goes on, not over the stall.
    double carries = 0;
    for (uint64_t step = 1; step <= 4; ++step)
        carries = note(150'000 + 3750 * step).carriesKbps;
    CHECK(carries == doctest::Approx(600));
}

TEST_CASE("the fastest delivery is believed when it was told after the link was full") {
    LinkMeter meter;
    LinkSample sample{.at = LinkSample::Clock::time_point(seconds(100)), .rttMs = 40, .deliveryKbps = 8000};
    const auto note = [&](size_t queued, double deliveryKbps) {
        sample.at += std::chrono::milliseconds(50);
        sample.delivered += 3750;
        sample.queued = queued;
        sample.deliveryKbps = deliveryKbps;
        meter.note(sample);
        return meter.state();
    };
    for (int step = 0; step < 20; ++step)
        CHECK(note(0, 8000).deliveryKbps == (step > 0 ? 8000 : 0));
    for (int step = 0; step < 20; ++step)
        note(20'000, 8000);
    REQUIRE(meter.state().full);
    CHECK(meter.state().deliveryKbps == doctest::Approx(600));
    // The kernel tells the same as before until it sees another.
    for (int step = 0; step < 20; ++step)
        note(0, 8000);
    CHECK_FALSE(meter.state().full);
    CHECK(meter.state().deliveryKbps == 0);
    CHECK(note(0, 1400).deliveryKbps == 1400);
    CHECK(note(0, 1400).deliveryKbps == 1400);
}

TEST_CASE("around what the link is known to carry the bitrate rises slowly, unless a burst says that it carries more") {
    using embedded::BitrateController;
    BitrateController controller(embedded::qosStrategy(Strategy::RealtimeVideoChat));
    controller.setBounds(100, 1200);
    controller.setRate(1200);
    LinkSample::Clock::time_point now{seconds(100)};
    const auto run = [&](int steps, const LinkMeter::State &link) {
        for (int step = 0; step < steps; ++step)
            controller.update(now += std::chrono::milliseconds(50), link);
        return controller.rate();
    };
    const LinkMeter::State full{.drainKbps = 600,
                                .meanKbps = 600,
                                .delayMs = 300,
                                .standingMs = 300,
                                .full = true,
                                .carriesKbps = 600,
                                .deliveryKbps = 600,
                                .rttMs = 40};
    // A key frame has just made a queue.
    const LinkMeter::State empty{.drainKbps = 550, .meanKbps = 550, .delayMs = 90, .rttMs = 40};
    CHECK(run(10, full) < 450);
    CHECK(run(1, empty) == doctest::Approx(0.85 * 600));
    // 5 s of trust: below what it carries.
    CHECK(run(95, empty) == doctest::Approx(0.92 * 600));
    // Then 2 % a second, where it would be 5 and more.
    CHECK(run(40, empty) < 0.97 * 600);
    // The same as before is trusted for twice as long.
    run(10, full);
    CHECK(run(190, empty) == doctest::Approx(0.92 * 600));
    LinkMeter::State wider = empty;
    wider.deliveryKbps = 1400;
    wider.meanKbps = 1400;
    CHECK(run(100, wider) > 1000);
    // Key frames that make no queue say so as well.
    run(10, full);
    run(60, empty);
    LinkMeter::State roomy = empty;
    roomy.delayMs = 0;
    CHECK(run(40, roomy) == doctest::Approx(0.92 * 600));
    CHECK(run(80, roomy) > 1.2 * 600);
    // Another connection knows nothing.
    run(10, full);
    controller.forgetLink();
    controller.setRate(560);
    CHECK(run(60, empty) > 1.1 * 560);
}

TEST_CASE("a link with room to spare leaves the bitrate alone") {
    for (const double kbps : {2500.0, 100'000.0})
        for (const Kernel kernel :
             {Kernel::Linux, Kernel::MacOs, Kernel::Windows, Kernel::Silent, Kernel::RoundTripOnly}) {
            CAPTURE(kbps);
            CAPTURE(static_cast<int>(kernel));
            VirtualPush push(upTo1200(Strategy::RealtimeVideoChat), {.kbps = kbps, .oneWayMs = 5}, Congestion::Bbr,
                             kernel);
            push.run(seconds(60));
            CHECK(push.video() == PushQos::Video{1200, 30, {640, 360}});
            CHECK(push.bitrateChanges == 0);
            CHECK(push.busy == 0);
            CHECK(push.skipped == 0);
        }
}

TEST_CASE("a long round trip is no congestion") {
    VirtualPush push(upTo1200(Strategy::RealtimeVideoChat), {.kbps = 3000, .oneWayMs = 150}, Congestion::Bbr);
    push.run(seconds(30));
    CHECK(push.video().bitrateKbps == 1200);
    CHECK(push.busy == 0);
}

TEST_CASE("a route that gets longer is taken for congestion for a while, not for good") {
    VirtualPush push(upTo1200(Strategy::RealtimeVideoChat), {.kbps = 3000, .oneWayMs = 10}, Congestion::Bbr);
    push.run(seconds(10));
    push.setLink({.kbps = 3000, .oneWayMs = 120});
    push.run(seconds(90));
    CHECK(push.video().bitrateKbps == 1200);
}

TEST_CASE("a live push takes its time and uses the link") {
    VirtualPush push(upTo1200(Strategy::LivePush), narrow, Congestion::Bbr);
    push.run(seconds(10));
    const auto from = push.mark();
    push.run(seconds(60));
    CHECK(push.used(from) > 0.85);
    CHECK(push.latency(0.95, from.ms) < 1500);
    CHECK(push.video().size == engine::Size{640, 360});
}

TEST_CASE("a fixed bitrate stays; pictures are skipped so that the queue is bounded") {
    VirtualPush push(upTo1200(Strategy::None), narrow, Congestion::Bbr);
    push.run(seconds(60));
    CHECK(push.video() == PushQos::Video{1200, 30, {640, 360}});
    CHECK(push.bitrateChanges == 0);
    CHECK(push.skipped > 0);
    CHECK(push.busy >= 4);
    CHECK(push.busy <= 7);
    CHECK(push.latency(1, 10'000) < 6000);
}

TEST_CASE("settings take effect while pushing, and nothing of an earlier push is left in the next") {
    PushQos::Video video;
    PushQos qos({.onVideo = [&](const PushQos::Video &next) { video = next; },
                 .onBitrateChanged = [](int) {},
                 .onBusy = [](double) {}});
    PushQos::Settings settings = upTo1200(Strategy::RealtimeVideoChat);
    qos.configure(settings);
    CHECK(video == PushQos::Video{1200, 30, {640, 360}});
    settings.maxBitrateKbps = 500;
    qos.configure(settings);
    CHECK(video.bitrateKbps == 500);
    settings.minBitrateKbps = 900;
    qos.configure(settings);
    CHECK(video.bitrateKbps == 500);
    settings.maxBitrateKbps = 2000;
    qos.configure(settings);
    CHECK(video.bitrateKbps == 900);
    settings.strategy = Strategy::None;
    qos.configure(settings);
    CHECK(video.bitrateKbps == 1200);
    qos.begin();
    CHECK(video == PushQos::Video{1200, 30, {640, 360}});
}

TEST_CASE("the picture gets slower, then smaller, and larger again only when there is room for a while") {
    const QosStrategy &call = qosStrategy(Strategy::RealtimeVideoChat);
    VideoLadder ladder;
    ladder.setTop({{1280, 720}, 30});
    VideoLadder::Clock::time_point now{seconds(100)};
    CHECK(ladder.update(now, 1500, call) == VideoLadder::Step{{1280, 720}, 30});
    CHECK(ladder.update(now, 800, call) == VideoLadder::Step{{1280, 720}, 20});
    CHECK(ladder.update(now, 500, call) == VideoLadder::Step{{1280, 720}, 15});
    CHECK(ladder.update(now, 300, call) == VideoLadder::Step{{960, 540}, 15});
    CHECK(ladder.update(now, 100, call) == VideoLadder::Step{{480, 270}, 15});
    // One step at a time, each after its wait.
    CHECK(ladder.update(now, 2000, call).size == engine::Size{480, 270});
    now += call.stepUpAfter;
    CHECK(ladder.update(now, 2000, call).size == engine::Size{640, 360});
    now += call.stepUpAfter / 2;
    CHECK(ladder.update(now, 100, call).size == engine::Size{480, 270});
    now += call.stepUpAfter;
    CHECK(ladder.update(now, 2000, call).size == engine::Size{480, 270});

    const QosStrategy &live = qosStrategy(Strategy::LivePush);
    VideoLadder slow;
    slow.setTop({{1280, 720}, 30});
    CHECK(slow.update(now, 50, live) == VideoLadder::Step{{1280, 720}, 15});
    // Of a strategy that made it smaller, to one that does not.
    CHECK(ladder.update(now, 100, live).size == engine::Size{1280, 720});

    VideoLadder small;
    small.setTop({{320, 180}, 10});
    CHECK(small.update(now, 20, call) == VideoLadder::Step{{240, 136}, 10});
}

TEST_CASE("pictures that came encoded are left out until half of the wait is gone") {
    PushQos qos({.onVideo = [](const PushQos::Video &) {}, .onBitrateChanged = [](int) {}, .onBusy = [](double) {}});
    CHECK(qos.admitsEncoded(0));
    CHECK(qos.admitsEncoded(1900));
    CHECK_FALSE(qos.admitsEncoded(2100));
    CHECK_FALSE(qos.admitsEncoded(1100));
    CHECK(qos.admitsEncoded(900));
}
