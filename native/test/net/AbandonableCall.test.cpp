#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <vector>

#include "embedded/net/AbandonableCall.h"
#include "embedded/net/SessionFailure.h"

using namespace rtcroom::embedded;

namespace {

constexpr std::chrono::seconds patience{20};

template <typename Condition> bool await(Condition condition) {
    const auto giveUp = std::chrono::steady_clock::now() + patience;
    while (!condition() && std::chrono::steady_clock::now() < giveUp)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return condition();
}

} // namespace

TEST_CASE("any number of calls may be waited for at once") {
    static AbandonedCalls abandoned;
    std::promise<void> release;
    const std::shared_future<void> released(release.get_future());
    std::vector<std::unique_ptr<AbandonableCall<int>>> calls;
    for (int i = 0; i < 50; ++i) {
        calls.push_back(std::make_unique<AbandonableCall<int>>(abandoned));
        REQUIRE(calls.back()->start([i, released] {
            released.wait();
            return i;
        }) == "");
    }
    release.set_value();
    Interrupt interrupt;
    for (int i = 0; i < 50; ++i)
        CHECK(calls[static_cast<size_t>(i)]->wait(Deadline::in(patience), interrupt) == i);
    calls.clear();
    CHECK_FALSE(abandoned.tooMany());
}

TEST_CASE("calls that nobody waits for any more are counted until they end") {
    static AbandonedCalls abandoned;
    std::promise<void> release;
    const std::shared_future<void> released(release.get_future());
    Interrupt interrupt;
    for (int i = 0; i < 32; ++i) {
        CHECK_FALSE(abandoned.tooMany());
        AbandonableCall<int> call(abandoned);
        REQUIRE(call.start([released] {
            released.wait();
            return 0;
        }) == "");
        CHECK_FALSE(call.wait(Deadline::in(std::chrono::milliseconds(0)), interrupt));
    }
    CHECK(abandoned.tooMany());
    CHECK(AbandonableCall<int>(abandoned).start([] { return 0; }) == "too many earlier ones have had no answer");
    release.set_value();
    CHECK(await([] { return !abandoned.tooMany(); }));
    AbandonableCall<int> call(abandoned);
    REQUIRE(call.start([] { return 7; }) == "");
    CHECK(call.wait(Deadline::in(patience), interrupt) == 7);
}

TEST_CASE("a stop ends the wait for a call at once") {
    static AbandonedCalls abandoned;
    std::promise<void> release;
    const std::shared_future<void> released(release.get_future());
    Interrupt interrupt;
    std::thread stopping([&] { interrupt.stop(); });
    AbandonableCall<int> call(abandoned);
    REQUIRE(call.start([released] {
        released.wait();
        return 0;
    }) == "");
    CHECK_THROWS_AS(call.wait(Deadline::in(patience), interrupt), SessionFailure);
    stopping.join();
    release.set_value();
}

TEST_CASE("a result that nobody takes is gone before what the thread does afterwards") {
    static AbandonedCalls abandoned;
    using Result = std::shared_ptr<int>;
    for (const bool inTime : {false, true}) {
        CAPTURE(inTime);
        std::promise<void> release;
        // The thread's as well, which may outlive this.
        const auto left = std::make_shared<std::promise<long>>();
        const std::shared_future<void> released(release.get_future());
        const auto made = std::make_shared<int>(7);
        {
            AbandonableCall<Result> call(abandoned);
            REQUIRE(call.start(
                        [released, weak = std::weak_ptr(made)]() -> Result {
                            released.wait();
                            return weak.lock();
                        },
                        [left, weak = std::weak_ptr(made)] { left->set_value(weak.use_count()); }) == "");
            if (inTime) {
                release.set_value();
                Interrupt interrupt;
                CHECK(call.wait(Deadline::in(patience), interrupt).value() == made);
            }
        }
        if (!inTime)
            release.set_value();
        std::future<long> users = left->get_future();
        REQUIRE(users.wait_for(patience) == std::future_status::ready);
        if (!inTime)
            CHECK(users.get() == 1);
    }
    CHECK_FALSE(abandoned.tooMany());
}
