#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "embedded/EmbeddedPusher.h"
#include "test/embedded/Sides.h"
#include "test/support/Await.h"
#include "test/support/CodeOf.h"
#include "test/support/DarkCameras.h"
#include "test/support/Gate.h"
#include "test/support/NginxRtmp.h"
#include "test/support/StandInCameras.h"
#include "test/support/Watch.h"

// A camera's driver that hangs keeps whoever opens it waiting for as long as it likes; here for 10 s, unless the test
// opens its gate.

using namespace rtcroom;
using namespace rtcroom::test;
using engine::ErrorCode;
using engine::SourceKind;
using std::chrono::milliseconds;
namespace event = engine::event;

namespace {

/// Against the 10 s of the gate.
constexpr milliseconds AT_ONCE{4000};
/// Of a patience that passes; a camera that answers has to in this time.
constexpr milliseconds SHORT{2000};

engine::VideoSourceOptions camera(int number) {
    engine::VideoSourceOptions options;
    options.kind = SourceKind::Camera;
    options.camera = number;
    return options;
}

/// A pusher with two cameras, the second of which hangs.
struct Rig {
    explicit Rig(embedded::CameraPatience patience = {})
        : pusher(std::make_unique<embedded::EmbeddedPusher>(quickPusher(), listener, cameras, patience)) {
        hang();
    }
    ~Rig() { gate->open(); }
    Rig(const Rig &) = delete;
    Rig &operator=(const Rig &) = delete;

    void hang() {
        gate = std::make_shared<Gate>();
        cameras->change("/dev/hangs", [&](auto &each) { each.hangs = gate; });
    }
    void answerAgain() {
        cameras->change("/dev/hangs", [&](auto &each) { each.hangs = nullptr; });
        gate->open();
    }
    std::optional<ErrorCode> preview(int number) {
        Outcome outcome;
        pusher->startPreview(camera(number), outcome.completion());
        return outcome.code(20);
    }
    std::optional<ErrorCode> stopPreview() {
        Outcome outcome;
        pusher->stopPreview(outcome.completion());
        return outcome.code();
    }
    /// What was abandoned and came back is closed, and what a stop did not wait for.
    bool nowOpen(int count) {
        return await([&] { return cameras->open() == count; });
    }

    std::shared_ptr<Gate> gate;
    std::shared_ptr<StandInCameras> cameras = std::make_shared<StandInCameras>(
        std::vector<StandInCameras::Camera>{{{"Good", "/dev/good"}, ""}, {{"Hangs", "/dev/hangs"}, ""}});
    RecordingListener listener;
    std::unique_ptr<engine::Pusher> pusher;
};

} // namespace

TEST_CASE("a stopPreview, a close and the pusher's end do not wait for a camera whose driver hangs") {
    using End = std::function<void(Rig &)>;
    const End stop = [](Rig &rig) { CHECK_FALSE(rig.stopPreview()); };
    const End close = [](Rig &rig) {
        Outcome closed;
        rig.pusher->close(closed.completion());
        CHECK_FALSE(closed.code());
    };
    const End destroy = [](Rig &rig) { rig.pusher.reset(); };
    for (const End &end : {stop, close, destroy}) {
        Rig rig;
        Outcome opened;
        rig.pusher->startPreview(camera(1), opened.completion());
        rig.gate->entered();
        const Watch watch;
        end(rig);
        CHECK(watch.passed() < AT_ONCE);
        CHECK(opened.code() == ErrorCode::Aborted);
        CHECK(rig.listener.count(event::PUSH_ERR_OPEN_CAMERA_FAIL) == 0);
        CHECK(rig.nowOpen(1));
        // It touches nothing of a pusher that is gone by now.
        rig.gate->open();
        CHECK(rig.nowOpen(0));
    }
}

TEST_CASE("a stopPush does not wait for a camera whose driver hangs, which is opened all the same") {
    NginxRtmp server;
    Rig rig;
    Outcome started, opened, recorded, stopped;
    CHECK_FALSE(rig.preview(0));
    rig.pusher->startPush(server.url("hung"), started.completion());
    REQUIRE_FALSE(started.code());
    REQUIRE(rig.listener.waitForEvent(event::PUSH_EVT_FIRST_FRAME_AVAILABLE));
    rig.pusher->startPreview(camera(1), opened.completion());
    rig.gate->entered();
    rig.pusher->startLocalRecord("/nonexistent/never.flv", 0, recorded.completion());
    const Watch watch;
    rig.pusher->stopPush(stopped.completion());
    CHECK_FALSE(stopped.code());
    CHECK(watch.passed() < AT_ONCE);
    CHECK_FALSE(rig.pusher->isPushing());
    CHECK_FALSE(opened.done(0));
    rig.answerAgain();
    CHECK_FALSE(opened.code());
    // What the stop overtook is not begun after it.
    CHECK(recorded.code() == ErrorCode::Aborted);
    CHECK(rig.listener.count(event::PUSH_EVT_OPEN_CAMERA_SUCC) == 2);
    Outcome again, ended;
    rig.pusher->startPush(server.url("hung2"), again.completion());
    CHECK_FALSE(again.code());
    CHECK(rig.listener.waitForEvent(event::PUSH_EVT_FIRST_FRAME_AVAILABLE, 2));
    rig.pusher->stopPush(ended.completion());
    CHECK_FALSE(ended.code());
}

TEST_CASE("a stopPush does not wait for a camera that gives no picture") {
    const auto cameras = std::make_shared<DarkCameras>();
    cameras->gate.open();
    RecordingListener listener;
    embedded::EmbeddedPusher pusher({}, listener, cameras);
    Outcome opened, stopped;
    pusher.startPreview(camera(0), opened.completion());
    REQUIRE(await([&] { return cameras->opened.load(); }));
    const Watch watch;
    pusher.stopPush(stopped.completion());
    CHECK_FALSE(stopped.code());
    CHECK(watch.passed() < AT_ONCE);
    CHECK_FALSE(opened.done(0));
}

TEST_CASE(
    "a camera whose driver hangs is an error after a while, for a second opening at once, and opens when it answers") {
    Rig rig({.open = SHORT});
    CHECK(rig.preview(1) == ErrorCode::DeviceFailed);
    CHECK(rig.listener.count(event::PUSH_ERR_OPEN_CAMERA_FAIL) == 1);
    {
        // Another pusher of this process.
        RecordingListener listener;
        embedded::EmbeddedPusher other({}, listener, rig.cameras, {.open = SHORT});
        Outcome outcome;
        other.startPreview(camera(1), outcome.completion());
        CHECK(outcome.code() == ErrorCode::DeviceFailed);
        CHECK(outcome.message().find("the camera 'Hangs' cannot be opened: its driver has not answered for") == 0);
    }
    for (int i = 0; i < 20; ++i)
        CHECK(rig.preview(1) == ErrorCode::DeviceFailed);
    // One thread of one driver.
    CHECK(rig.cameras->openings() == 1);
    CHECK_FALSE(rig.preview(0));
    CHECK_FALSE(rig.stopPreview());
    rig.answerAgain();
    CHECK(rig.nowOpen(0));
    CHECK_FALSE(rig.preview(1));
    CHECK(rig.nowOpen(1));
}

TEST_CASE("an opening waits for an abandoned one of its camera that answers in time") {
    Rig rig;
    Outcome first, second;
    rig.pusher->startPreview(camera(1), first.completion());
    rig.gate->entered();
    CHECK_FALSE(rig.stopPreview());
    CHECK(first.code() == ErrorCode::Aborted);
    rig.pusher->startPreview(camera(1), second.completion());
    CHECK_FALSE(second.done(0));
    rig.answerAgain();
    CHECK_FALSE(second.code());
    CHECK(rig.cameras->openings() == 2);
    CHECK(rig.nowOpen(1));
}

TEST_CASE("a switch to a camera whose driver hangs leaves the other one, and stops end it") {
    Rig rig({.open = SHORT});
    CHECK_FALSE(rig.preview(0));
    rig.pusher->switchCamera(1);
    CHECK(rig.listener.waitForEvent(event::PUSH_ERR_OPEN_CAMERA_FAIL));
    CHECK(rig.listener.count(event::PUSH_EVT_CAMERA_CLOSED) == 0);
    CHECK(rig.nowOpen(2));
    const Watch watch;
    rig.pusher->switchCamera(1);
    CHECK_FALSE(rig.stopPreview());
    CHECK(watch.passed() < AT_ONCE);
    CHECK(rig.nowOpen(1));
    rig.answerAgain();
    CHECK(rig.nowOpen(0));
}

TEST_CASE("a camera that hangs when it is plugged in again holds up neither a stop nor a close") {
    for (const bool closes : {false, true}) {
        Rig rig;
        rig.answerAgain();
        CHECK_FALSE(rig.preview(1));
        rig.hang();
        rig.cameras->change("/dev/hangs", [](auto &each) { each.plugged = false; });
        CHECK(rig.listener.waitForEvent(event::PUSH_EVT_CAMERA_REMOVED));
        rig.cameras->change("/dev/hangs", [](auto &each) { each.plugged = true; });
        rig.gate->entered();
        const Watch watch;
        if (closes)
            rig.pusher.reset();
        else
            CHECK_FALSE(rig.stopPreview());
        CHECK(watch.passed() < AT_ONCE);
        CHECK(rig.listener.count(event::PUSH_EVT_CAMERA_AVAILABLE) == 0);
        CHECK(rig.nowOpen(1));
        rig.gate->open();
        CHECK(rig.nowOpen(0));
    }
}

TEST_CASE("a camera that hangs when it is closed holds up a stop no longer than half a second, and its next opening") {
    Rig rig;
    const auto gate = std::make_shared<Gate>();
    rig.cameras->change("/dev/good", [&](auto &each) { each.hangsClosing = gate; });
    CHECK_FALSE(rig.preview(0));
    rig.cameras->change("/dev/good", [&](auto &each) { each.hangsClosing = nullptr; });
    const Watch watch;
    CHECK_FALSE(rig.stopPreview());
    CHECK(watch.passed() < AT_ONCE);
    Outcome again;
    rig.pusher->startPreview(camera(0), again.completion());
    CHECK_FALSE(rig.stopPreview());
    CHECK(again.code() == ErrorCode::Aborted);
    CHECK(rig.cameras->openings() == 1);
    gate->open();
    CHECK_FALSE(rig.preview(0));
    CHECK(rig.nowOpen(1));
}

TEST_CASE("cameras that do not answer who lists them are an error after a while, and hold up no stop") {
    Rig rig({.list = SHORT});
    const auto gate = std::make_shared<Gate>();
    rig.cameras->hangList(gate);
    Outcome opened;
    rig.pusher->startPreview(camera(0), opened.completion());
    gate->entered();
    CHECK_FALSE(rig.stopPreview());
    CHECK(opened.code() == ErrorCode::Aborted);
    CHECK(codeOf([&] { rig.pusher->enumCameras(); }) == ErrorCode::DeviceFailed);
    const Watch watch;
    CHECK(codeOf([&] { rig.pusher->enumCameras(); }) == ErrorCode::DeviceFailed);
    CHECK(rig.preview(0) == ErrorCode::DeviceFailed);
    CHECK(watch.passed() < AT_ONCE);
    rig.cameras->hangList(nullptr);
    gate->open();
    CHECK(await([&] { return rig.preview(0) == std::nullopt; }));
    CHECK(rig.pusher->enumCameras().size() == 2);
}
