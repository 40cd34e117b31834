#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>

#include "embedded/Lifecycle.h"
#include "test/support/CodeOf.h"

using namespace rtcroom;
using embedded::Lifecycle;
using engine::Error;
using engine::ErrorCode;
using test::codeOf;

namespace {

struct Owner {
    Lifecycle life{control, {"the pusher", "push", "already pushing"}};
    engine::TaskThread control;
};

/// A completion and what it was told.
struct Told {
    std::promise<std::optional<Error>> promise;
    std::future<std::optional<Error>> future = promise.get_future();
    engine::Completion done = [this](std::optional<Error> error) { promise.set_value(std::move(error)); };
    ErrorCode code() {
        const auto error = future.get();
        REQUIRE(error);
        return error->code;
    }
    bool waits() { return future.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout; }
};

} // namespace

TEST_CASE("a start waits until its run begins, is stopped, or gives up") {
    Owner owner;
    Told begun, stopped, failed;
    owner.life.begin(begun.done, [] {});
    CHECK(owner.life.running());
    CHECK(begun.waits());
    owner.life.settle(std::nullopt);
    CHECK_FALSE(begun.future.get());
    CHECK(codeOf([&] { owner.life.begin({}, [] {}); }) == ErrorCode::InvalidState);
    owner.life.end([] {});
    CHECK_FALSE(owner.life.running());

    owner.life.begin(stopped.done, [] {});
    owner.life.end([] {});
    CHECK(stopped.code() == ErrorCode::Aborted);

    const uint64_t run = owner.life.begin(failed.done, [] {});
    CHECK_FALSE(owner.life.giveUpPending(run - 1));
    const engine::Completion pending = owner.life.giveUpPending(run);
    REQUIRE(pending);
    CHECK_FALSE(owner.life.running());
    CHECK_FALSE(owner.life.giveUpPending(run));
    pending(Error{ErrorCode::DecodeFailed, "x"});
    CHECK(failed.code() == ErrorCode::DecodeFailed);
}

TEST_CASE("a preparation that throws begins nothing") {
    Owner owner;
    CHECK(codeOf([&] {
              owner.life.begin({}, [] { throw engine::EngineException(ErrorCode::InvalidArgument, "x"); });
          }) == ErrorCode::InvalidArgument);
    CHECK_FALSE(owner.life.running());
    owner.life.begin({}, [] {});
    CHECK(owner.life.running());
}

TEST_CASE("what belongs to an earlier run is late") {
    Owner owner;
    const uint64_t first = owner.life.begin({}, [] {});
    std::atomic<int> beats{0};
    owner.life.repeat(first, std::chrono::milliseconds(1), [&] { ++beats; });
    while (beats < 3)
        std::this_thread::yield();
    owner.life.end([] {});
    const uint64_t second = owner.life.begin({}, [] {});
    CHECK_FALSE(owner.life.whileCurrent(first, [] { FAIL("an earlier run's work"); }));
    bool worked = false;
    CHECK(owner.life.whileCurrent(second, [&] { worked = true; }));
    CHECK(worked);
    // After what was under way.
    std::promise<void> turn;
    owner.control.postAfter(std::chrono::milliseconds(5), [&] { turn.set_value(); });
    turn.get_future().get();
    const int then = beats;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(beats == then);
}

TEST_CASE("a close ends what waits, finishes once, and then all calls are refused") {
    Owner owner;
    Told start, work, first, second, late;
    std::promise<void> gate;
    owner.control.post([&] { gate.get_future().wait(); });
    owner.life.begin(start.done, [] {});
    owner.life.runOnControl([] { FAIL("work after close"); }, work.done);
    int interrupts = 0, finishes = 0;
    owner.life.close(
        first.done, [&] { ++interrupts; }, [&] { ++finishes; });
    owner.life.close(
        second.done, [&] { ++interrupts; }, [&] { ++finishes; });
    CHECK(start.code() == ErrorCode::Aborted);
    CHECK(first.waits());
    gate.set_value();
    CHECK(work.code() == ErrorCode::Aborted);
    CHECK_FALSE(first.future.get());
    CHECK_FALSE(second.future.get());
    owner.life.close(
        late.done, [&] { ++interrupts; }, [&] { ++finishes; });
    CHECK_FALSE(late.future.get());
    CHECK(interrupts == 1);
    CHECK(finishes == 1);
    CHECK_FALSE(owner.life.running());
    CHECK(codeOf([&] { owner.life.begin({}, [] {}); }) == ErrorCode::Closed);
    CHECK(codeOf([&] { owner.life.end([] {}); }) == ErrorCode::Closed);
    CHECK(codeOf([&] { owner.life.runOnControl([] {}, {}); }) == ErrorCode::Closed);
    CHECK(codeOf([&] { owner.life.throwIfClosed(); }) == ErrorCode::Closed);
}

TEST_CASE("work on the control thread ends by what it throws") {
    Owner owner;
    Told known, unknown, fine;
    owner.life.runOnControl([] { throw engine::EngineException(ErrorCode::RecordFailed, "x"); }, known.done);
    owner.life.runOnControl([] { throw std::runtime_error("x"); }, unknown.done);
    owner.life.runOnControl([] {}, fine.done);
    CHECK(known.code() == ErrorCode::RecordFailed);
    CHECK(unknown.code() == ErrorCode::Internal);
    CHECK_FALSE(fine.future.get());
}
