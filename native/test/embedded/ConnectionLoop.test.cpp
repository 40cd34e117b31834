#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include "embedded/ConnectionLoop.h"
#include "test/support/Await.h"

using namespace rtcroom::embedded;
using rtcroom::engine::ErrorCode;
using rtcroom::engine::NetworkOptions;
using rtcroom::engine::Side;
using rtcroom::test::await;

namespace {

/// Plays a list of session ends, the last one for ever.
struct Script {
    explicit Script(std::vector<SessionEnd> theEnds) : ends(std::move(theEnds)) {}

    ConnectionLoop::Hooks hooks() {
        return {
            .run =
                [this] {
                    const auto index = std::min(runs.fetch_add(1), ends.size() - 1);
                    if (onRun)
                        onRun(index);
                    return SessionResult{ends[index], "scripted", {}};
                },
            .onFault = [this](const SessionResult &, bool retrying) { retrying ? ++retried : ++finals; },
            .onRetry = [](int) {},
            .onGiveUp = [this](const SessionResult &result) { gaveUp.set_value(result.end); },
            .onNetworkChange = [this] { ++changes; },
            .hasNewRoute =
                [this] {
                    ++looks;
                    return newRoute.exchange(false);
                },
        };
    }

    std::vector<SessionEnd> ends;
    std::function<void(size_t)> onRun;
    std::atomic<size_t> runs = 0;
    std::atomic<int> retried = 0;
    std::atomic<int> finals = 0;
    std::atomic<int> changes = 0;
    std::atomic<int> looks = 0;
    std::atomic<bool> newRoute = false;
    std::promise<SessionEnd> gaveUp;
};

NetworkOptions quick(int retries) {
    NetworkOptions options;
    options.connectRetryCount = retries;
    options.connectRetryIntervalMs = 1;
    return options;
}

SessionEnd endOf(Script &script) {
    auto future = script.gaveUp.get_future();
    REQUIRE(future.wait_for(std::chrono::seconds(5)) == std::future_status::ready);
    return future.get();
}

} // namespace

TEST_CASE("a network fault is tried again as often as asked, then given up") {
    Script script({SessionEnd::ConnectFailed});
    ConnectionLoop loop(script.hooks(), quick(3));
    loop.start();
    CHECK(endOf(script) == SessionEnd::ConnectFailed);
    CHECK(script.runs == 4);
    CHECK(script.retried == 3);
    CHECK(script.finals == 1);
}

TEST_CASE("a refusal and a bad address are final") {
    for (const SessionEnd end : {SessionEnd::Refused, SessionEnd::InvalidUrl}) {
        Script script({end});
        ConnectionLoop loop(script.hooks(), quick(3));
        loop.start();
        CHECK(endOf(script) == end);
        CHECK(script.runs == 1);
    }
}

TEST_CASE("progress begins the count of tries anew") {
    Script script({SessionEnd::ServerDisconnected, SessionEnd::ServerDisconnected, SessionEnd::ServerDisconnected,
                   SessionEnd::ServerDisconnected, SessionEnd::Refused});
    ConnectionLoop *handle = nullptr;
    script.onRun = [&](size_t) { handle->noteProgress(); };
    ConnectionLoop loop(script.hooks(), quick(1));
    handle = &loop;
    loop.start();
    CHECK(endOf(script) == SessionEnd::Refused);
    CHECK(script.runs == 5);
}

TEST_CASE("twenty tries are spaced by the interval give or take a tenth, and no two alike") {
    Script script({SessionEnd::ConnectFailed});
    NetworkOptions options;
    options.connectRetryCount = 20;
    options.connectRetryIntervalMs = 200;
    std::vector<std::chrono::steady_clock::time_point> times;
    script.onRun = [&](size_t) { times.push_back(std::chrono::steady_clock::now()); };
    ConnectionLoop loop(script.hooks(), options);
    loop.start();
    auto gaveUp = script.gaveUp.get_future();
    REQUIRE(gaveUp.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
    REQUIRE(times.size() == 21);
    std::vector<double> gapsMs;
    for (size_t i = 1; i < times.size(); ++i)
        gapsMs.push_back(std::chrono::duration<double, std::milli>(times[i] - times[i - 1]).count());
    std::ranges::sort(gapsMs);
    CHECK(gapsMs.front() >= 180);
    // A busy machine only ever adds to a wait: not all of them are late, and those under the interval are no chance.
    CHECK(gapsMs.front() < 199);
    CHECK(gapsMs.back() > 201);
    CHECK(gapsMs[gapsMs.size() * 3 / 4] <= 220 + 20);
    CHECK(std::ranges::adjacent_find(gapsMs) == gapsMs.end());
}

TEST_CASE("stop ends the wait between tries at once") {
    Script script({SessionEnd::ConnectFailed});
    NetworkOptions options;
    options.connectRetryIntervalMs = 3'600'000;
    std::promise<void> ran;
    script.onRun = [&](size_t) { ran.set_value(); };
    ConnectionLoop loop(script.hooks(), options);
    loop.start();
    REQUIRE(ran.get_future().wait_for(std::chrono::seconds(5)) == std::future_status::ready);
    loop.stop();
    loop.join();
    CHECK(script.runs == 1);
}

TEST_CASE("a way to the server that the last try did not have ends the wait between tries, or spares it") {
    Script script({SessionEnd::NetworkChanged, SessionEnd::ConnectFailed, SessionEnd::ConnectFailed});
    NetworkOptions options;
    options.connectRetryIntervalMs = 3'600'000;
    options.connectRetryCount = 2;
    // The network has a new address already when the old one is found gone.
    script.newRoute = true;
    ConnectionLoop loop(script.hooks(), options);
    loop.start();
    REQUIRE(await([&] { return script.runs == 2 && script.looks == 2; }));
    loop.noteNetworkChange();
    REQUIRE(await([&] { return script.looks == 3; }));
    CHECK(script.changes >= 1);
    CHECK(script.runs == 2);

    script.newRoute = true;
    loop.noteNetworkChange();
    // Counted as any other.
    CHECK(endOf(script) == SessionEnd::ConnectFailed);
    CHECK(script.runs == 3);
    CHECK(script.retried == 2);
}

TEST_CASE("a new interval holds for the wait between tries that is under way") {
    Script script({SessionEnd::ConnectFailed, SessionEnd::Refused});
    NetworkOptions options;
    options.connectRetryIntervalMs = 3'600'000;
    ConnectionLoop loop(script.hooks(), options);
    loop.start();
    REQUIRE(await([&] { return script.looks == 1; }));
    loop.setRetries(3, 10);
    CHECK(endOf(script) == SessionEnd::Refused);
    CHECK(script.runs == 2);
}

TEST_CASE("every end of a session has an error, and a warning where the way to the server is at fault") {
    for (const Side side : {Side::Push, Side::Play})
        for (int i = static_cast<int>(SessionEnd::Stopped); i <= static_cast<int>(SessionEnd::NetworkChanged); ++i) {
            const auto end = static_cast<SessionEnd>(i);
            CAPTURE(i);
            const auto error = sessionError({end, "why", {}}, side);
            CHECK(error.code != ErrorCode::Internal);
            CHECK(error.message == "why");
            const bool ours = end == SessionEnd::Stopped || end == SessionEnd::InvalidUrl;
            const bool quiet = ours || end == SessionEnd::Refused || end == SessionEnd::NetworkChanged;
            CHECK((warningOf(end, side) != 0) == !quiet);
            if (isRefusal(end))
                CHECK(error.nativeCode == (side == Side::Push ? -1326 : -2308));
            else if (!isFinal(end))
                CHECK(error.nativeCode == (side == Side::Push ? -1307 : -2301));
        }
}
