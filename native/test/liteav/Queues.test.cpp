#include <doctest/doctest.h>

#include "../support/RecordingListener.h"
#include "Support.h"
#include "liteav/FrameQueue.h"
#include "liteav/v2/Recording.h"
#include "liteav/v2/Replay.h"

using namespace rtcroom;
using namespace rtcroom::liteav;
using engine::ErrorCode;
using std::chrono::milliseconds;
using test::codeOf;
using test::Gate;
using test::Outcome;

namespace {

struct Frames {
    std::vector<int> sent;
    std::vector<std::string> refused;
    FrameQueue queue{thread, [this](const char *method, const engine::Error &) { refused.push_back(method); }};
    SdkThread thread;

    void push(int number, bool good = true) {
        queue.push("send", [this, number, good] {
            if (!good)
                throw engine::EngineException(ErrorCode::InvalidState, "no");
            sent.push_back(number);
        });
    }
    /// All that was posted has run.
    void settle() {
        thread.ask([] {});
    }
};

struct Recorded {
    int stops = 0;
    std::vector<int> results;
    v2::Recording recording;
    SdkThread thread;

    explicit Recorded(v2::Recording::Patience patience)
        : recording(
              thread, [this] { ++stops; },
              [this](int code, const std::string &, const std::optional<engine::Error> &) { results.push_back(code); },
              patience) {}
    /// Begins, and is told so if `begun`.
    std::optional<ErrorCode> start(Outcome outcome, bool begun = true, int code = 0) {
        return codeOf([&] {
            thread.ask([&] {
                engine::Completion done = outcome.completion();
                recording.start(done, "pushing", [&] { return code; });
                if (begun)
                    recording.begun(0, "a.mp4");
            });
        });
    }
    std::optional<ErrorCode> stop(Outcome outcome) {
        return codeOf([&] {
            thread.ask([&] {
                engine::Completion done = outcome.completion();
                recording.stop(done);
            });
        });
    }
    bool running() {
        bool value = false;
        thread.ask([&] { value = recording.running(); });
        return value;
    }
};

} // namespace

TEST_CASE("frames never wait for the SDK; of too many the newest are sent, in order") {
    Frames frames;
    Gate gate;
    frames.thread.post([&] { gate.wait(); });
    for (int i = 0; i < 20; ++i)
        frames.push(i);
    CHECK(frames.sent.empty());
    gate.open();
    frames.settle();
    CHECK(frames.sent == std::vector<int>{12, 13, 14, 15, 16, 17, 18, 19});
}

TEST_CASE("frames that a hanging SDK does not take are refused, and sending goes on when it answers") {
    Frames frames;
    Gate gate;
    frames.thread.post([&] { gate.wait(); });
    while (frames.thread.offer([] {}))
        ;
    for (int i = 0; i < 20; ++i)
        CHECK(codeOf([&] { frames.push(i); }) == ErrorCode::Timeout);
    gate.open();
    while (!frames.thread.idle())
        std::this_thread::yield();
    frames.push(21);
    frames.settle();
    CHECK(frames.sent == std::vector<int>{21});
}

TEST_CASE("of frames that are refused in a row the first is told") {
    Frames frames;
    for (const bool good : {false, false, true, false, false}) {
        frames.push(1, good);
        frames.settle();
    }
    CHECK(frames.sent.size() == 1);
    CHECK(frames.refused == std::vector<std::string>{"send", "send"});
}

TEST_CASE("a recording ends with its result; a second one, and a stop without one, are refused") {
    Recorded rig({});
    Outcome begun;
    CHECK(rig.stop(begun) == ErrorCode::InvalidState);
    CHECK(rig.start(begun, true, -3) == ErrorCode::RecordFailed);
    CHECK(rig.start(begun) == std::nullopt);
    CHECK(begun.code() == std::nullopt);
    CHECK(rig.start(Outcome()) == ErrorCode::InvalidState);
    Outcome ended;
    CHECK(rig.stop(ended) == std::nullopt);
    CHECK(rig.stop(Outcome()) == ErrorCode::InvalidState);
    rig.thread.post([&] { rig.recording.complete(0, "a.mp4"); });
    CHECK(ended.code() == std::nullopt);
    CHECK_FALSE(rig.running());
    CHECK(rig.results == std::vector<int>{0});
    CHECK(rig.stops == 1);
    Outcome refused;
    CHECK(rig.start(refused, false) == std::nullopt);
    rig.thread.post([&] { rig.recording.begun(-2, "a.mp4"); });
    CHECK(refused.code() == ErrorCode::RecordFailed);
    CHECK_FALSE(rig.running());
}

TEST_CASE("a recording that never begins fails in time and is stopped") {
    Recorded rig({.begin = milliseconds(30), .end = milliseconds(10'000)});
    Outcome never;
    CHECK(rig.start(never, false) == std::nullopt);
    CHECK(never.code() == ErrorCode::RecordFailed);
    CHECK_FALSE(rig.running());
    CHECK(rig.stops == 1);
}

TEST_CASE("a recording whose end is not told ends all the same, by a stop and by the stream's end") {
    Recorded rig({.begin = milliseconds(10'000), .end = milliseconds(30)});
    CHECK(rig.start(Outcome()) == std::nullopt);
    Outcome ended;
    CHECK(rig.stop(ended) == std::nullopt);
    CHECK(ended.code() == ErrorCode::RecordFailed);
    CHECK_FALSE(rig.running());
    CHECK(rig.start(Outcome()) == std::nullopt);
    std::promise<void> later;
    rig.thread.post([&] {
        rig.recording.interrupt();
        rig.recording.interrupt();
        rig.thread.postAfter(milliseconds(60), [&] { later.set_value(); });
    });
    later.get_future().wait();
    CHECK_FALSE(rig.running());
    CHECK(rig.stops == 2);
    CHECK(rig.results == std::vector<int>{-1, -1});
}

TEST_CASE("the patience for one recording's end does not end the next one") {
    Recorded rig({.begin = milliseconds(10'000), .end = milliseconds(300)});
    Outcome first;
    Outcome second;
    CHECK(rig.start(Outcome()) == std::nullopt);
    CHECK(rig.stop(first) == std::nullopt);
    // By their times on one thread: the second stop, the first's timer at 300 ms, the second's result.
    rig.thread.post([&] {
        rig.recording.complete(0, "a.mp4");
        engine::Completion done;
        rig.recording.start(done, "pushing", [] { return 0; });
        rig.recording.begun(0, "b.mp4");
    });
    rig.thread.postAfter(milliseconds(200), [&] {
        engine::Completion done = second.completion();
        rig.recording.stop(done);
    });
    rig.thread.postAfter(milliseconds(350), [&] { rig.recording.complete(0, "b.mp4"); });
    CHECK(first.code() == std::nullopt);
    CHECK(second.code() == std::nullopt);
}

TEST_CASE("an aborted recording ends both its calls and tells no result") {
    Recorded rig({});
    Outcome begun;
    CHECK(rig.start(begun, false) == std::nullopt);
    Outcome ended;
    CHECK(rig.stop(ended) == std::nullopt);
    rig.thread.post([&] { rig.recording.abort({ErrorCode::Aborted, "closed"}); });
    CHECK(begun.code() == ErrorCode::Aborted);
    CHECK(ended.code() == ErrorCode::Aborted);
    CHECK(rig.results.empty());
}

TEST_CASE("settings are made again in their order, the last of each, but not what was refused or forgotten") {
    std::vector<int> made;
    v2::Replay replay;
    const auto making = [&](int number) { return [&made, number] { made.push_back(number); }; };
    replay.apply("a", making(1));
    replay.apply("b", making(2));
    replay.apply("a", making(3));
    replay.apply("c", making(4));
    replay.forget("c");
    replay.replace("b", making(5));
    replay.replace("d", making(6));
    CHECK_THROWS(replay.apply("a", [] { throw std::runtime_error("refused"); }));
    CHECK(made == std::vector<int>{1, 2, 3, 4});
    made.clear();
    replay.again();
    CHECK(made == std::vector<int>{3, 5});
}
