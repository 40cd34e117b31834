#include <doctest/doctest.h>

#include "embedded/EmbeddedPusher.h"
#include "test/support/CodeOf.h"
#include "test/support/DarkCameras.h"
#include "test/support/Painter.h"
#include "test/support/RecordingListener.h"
#include "test/support/StandInCameras.h"
#include "test/support/Xvfb.h"
#include "test/window/Eye.h"

using namespace rtcroom;
using engine::ErrorCode;
using test::codeOf;
using test::DarkCameras;
using test::Outcome;
using test::StandInCameras;
namespace event = engine::event;

namespace {

engine::VideoSourceOptions source(engine::SourceKind kind, int camera = 0) {
    engine::VideoSourceOptions options;
    options.kind = kind;
    options.camera = camera;
    return options;
}

struct Rig {
    std::optional<ErrorCode> preview(const engine::VideoSourceOptions &options) {
        Outcome outcome;
        pusher->startPreview(options, outcome.completion());
        return outcome.code();
    }
    void stopPreview() {
        Outcome outcome;
        pusher->stopPreview(outcome.completion());
        REQUIRE_FALSE(outcome.code());
    }

    std::shared_ptr<StandInCameras> cameras = std::make_shared<StandInCameras>(
        std::vector<StandInCameras::Camera>{{{"One", "/dev/one"}, "white"}, {{"Two", "/dev/two"}, "black"}});
    test::RecordingListener listener;
    std::unique_ptr<engine::Pusher> pusher =
        std::make_unique<embedded::EmbeddedPusher>(engine::PusherOptions{}, listener, cameras);
};

constexpr auto CAMERA = engine::SourceKind::Camera;
constexpr auto SCREEN = engine::SourceKind::Screen;

} // namespace

TEST_CASE("cameras are listed with names and ids, and their opening and closing is told") {
    Rig rig;
    const auto cameras = rig.pusher->enumCameras();
    REQUIRE(cameras.size() == 2);
    CHECK(cameras[1].name == "Two");
    CHECK(cameras[1].id == "/dev/two");
    CHECK_FALSE(rig.preview(source(CAMERA)));
    CHECK(rig.listener.waitForEvent(event::PUSH_EVT_OPEN_CAMERA_SUCC));
    CHECK(rig.listener.count(event::PUSH_EVT_CAMERA_CLOSED) == 0);
    rig.stopPreview();
    CHECK(rig.listener.count(event::PUSH_EVT_CAMERA_CLOSED) == 1);
}

TEST_CASE("an occupied and a broken camera are told by their own events") {
    Rig rig;
    rig.cameras->change("/dev/one", [](auto &each) { each.occupied = true; });
    rig.cameras->change("/dev/two", [](auto &each) { each.broken = true; });
    CHECK(rig.preview(source(CAMERA, 0)) == ErrorCode::DeviceOccupied);
    CHECK(rig.listener.count(event::PUSH_ERR_CAMERA_OCCUPY) == 1);
    CHECK(rig.listener.count(event::PUSH_ERR_OPEN_CAMERA_FAIL) == 0);
    CHECK(rig.preview(source(CAMERA, 1)) == ErrorCode::DeviceFailed);
    CHECK(rig.listener.count(event::PUSH_ERR_OPEN_CAMERA_FAIL) == 1);
    CHECK(rig.preview(source(CAMERA, 2)) == ErrorCode::InvalidArgument);
    CHECK(rig.listener.count(event::PUSH_EVT_OPEN_CAMERA_SUCC) == 0);
}

TEST_CASE("a camera is switched while it is open only, and stays when the other one cannot be opened") {
    Rig rig;
    CHECK(codeOf([&] { rig.pusher->switchCamera(1); }) == ErrorCode::InvalidState);
    CHECK_FALSE(rig.preview(source(CAMERA)));
    CHECK(codeOf([&] { rig.pusher->switchCamera(2); }) == ErrorCode::InvalidArgument);
    CHECK(codeOf([&] { rig.pusher->switchCamera(-1); }) == ErrorCode::InvalidArgument);
    rig.cameras->change("/dev/two", [](auto &each) { each.occupied = true; });
    rig.pusher->switchCamera(1);
    CHECK(rig.listener.waitForEvent(event::PUSH_ERR_CAMERA_OCCUPY));
    rig.cameras->change("/dev/two", [](auto &each) { each.occupied = false; });
    rig.pusher->switchCamera(1);
    CHECK(rig.listener.waitForEvent(event::PUSH_EVT_OPEN_CAMERA_SUCC, 2));
    // The one that is open, again.
    rig.pusher->switchCamera(1);
    CHECK(rig.listener.waitForEvent(event::PUSH_EVT_OPEN_CAMERA_SUCC, 3));
    CHECK(rig.listener.count(event::PUSH_EVT_CAMERA_CLOSED) == 0);
    rig.stopPreview();
    CHECK(codeOf([&] { rig.pusher->switchCamera(1); }) == ErrorCode::InvalidState);
}

TEST_CASE("unplugging and plugging in again is told, each once") {
    Rig rig;
    CHECK_FALSE(rig.preview(source(CAMERA)));
    rig.cameras->change("/dev/one", [](auto &each) { each.plugged = false; });
    CHECK(rig.listener.waitForEvent(event::PUSH_EVT_CAMERA_REMOVED));
    CHECK(rig.pusher->enumCameras().size() == 1);
    rig.cameras->change("/dev/one", [](auto &each) { each.plugged = true; });
    CHECK(rig.listener.waitForEvent(event::PUSH_EVT_CAMERA_AVAILABLE));
    rig.stopPreview();
    CHECK(rig.listener.count(event::PUSH_EVT_CAMERA_REMOVED) == 1);
}

TEST_CASE("a close ends while a camera is unplugged") {
    Rig rig;
    CHECK_FALSE(rig.preview(source(CAMERA)));
    rig.cameras->change("/dev/one", [](auto &each) { each.plugged = false; });
    CHECK(rig.listener.waitForEvent(event::PUSH_EVT_CAMERA_REMOVED));
    Outcome closed;
    rig.pusher->close(closed.completion());
    CHECK_FALSE(closed.code());
    CHECK(codeOf([&] { rig.pusher->enumCameras(); }) == ErrorCode::Closed);
    CHECK(codeOf([&] { rig.pusher->switchCamera(0); }) == ErrorCode::Closed);
    CHECK(codeOf([&] { rig.pusher->getScreenCaptureSources(); }) == ErrorCode::Closed);
}

TEST_CASE("a captured window that is closed is told, once, and without a display that there is nothing to capture") {
    Rig rig;
    {
        const test::Xvfb server;
        const test::Painter painter;
        const uint64_t target = painter.open("target", 0xffffff, 0, 0, 200, 200);
        rig.pusher->setScreenCaptureParam(target, {}, false);
        auto options = source(SCREEN);
        options.windowHandle = painter.open("preview", 0, 300, 0, 200, 200);
        CHECK_FALSE(rig.preview(options));
        painter.close(target);
        CHECK(rig.listener.waitForEvent(event::PUSH_ERR_SCREEN_CAPTURE_INTERRUPTED));
        rig.stopPreview();
        CHECK(rig.listener.count(event::PUSH_ERR_SCREEN_CAPTURE_INTERRUPTED) == 1);
        // The preview's window has to be gone before the server is.
        test::settleWindows();
    }
    CHECK(codeOf([&] { rig.pusher->getScreenCaptureSources(); }) == ErrorCode::WindowFailed);
    CHECK(rig.preview(source(SCREEN)) == ErrorCode::WindowFailed);
    CHECK(rig.listener.count(event::PUSH_ERR_SCREEN_CAPTURE_UNSUPPORTED) == 1);
}

TEST_CASE("the screen's target is chosen before and while it is captured, and its end is told") {
    const test::Xvfb server;
    const test::Painter painter;
    const uint64_t first = painter.open("first", 0xffffff, 0, 0, 200, 200);
    const uint64_t second = painter.open("second", 0, 300, 0, 200, 200);
    Rig rig;
    CHECK(codeOf([&] { rig.pusher->selectScreenCaptureTarget("window:1", {}); }) == ErrorCode::InvalidArgument);
    CHECK(codeOf([&] { rig.pusher->setScreenCaptureParam(1, {}, false); }) == ErrorCode::InvalidArgument);
    const auto sources = rig.pusher->getScreenCaptureSources();
    REQUIRE(sources.size() == 3);
    rig.pusher->selectScreenCaptureTarget(sources[1].id, {}, {.captureMouse = false});
    CHECK_FALSE(rig.preview(source(SCREEN)));
    rig.pusher->setScreenCaptureParam(second, {}, true);
    // In turn with what was set.
    rig.stopPreview();
    CHECK_FALSE(rig.preview(source(SCREEN)));
    painter.close(first);
    painter.close(second);
    // Nobody looks before it is pushed, so that it is not noticed before.
    rig.stopPreview();
    CHECK(rig.preview(source(SCREEN)) == ErrorCode::WindowFailed);
    CHECK(rig.listener.count(event::PUSH_ERR_SCREEN_CAPTURE_START_FAIL) == 1);
    rig.pusher->setScreenCaptureParam(0, {2000, 0, 3000, 100}, false);
    CHECK(rig.preview(source(SCREEN)) == ErrorCode::InvalidArgument);
    CHECK(rig.listener.count(event::PUSH_ERR_SCREEN_CAPTURE_START_FAIL) == 2);
}

TEST_CASE("a close or a stopPreview ends the opening of a camera, whenever it comes") {
    using Call = std::function<void(engine::Pusher &, engine::Completion)>;
    const Call close = [](engine::Pusher &pusher, engine::Completion done) { pusher.close(std::move(done)); };
    const Call stop = [](engine::Pusher &pusher, engine::Completion done) { pusher.stopPreview(std::move(done)); };
    for (const Call &call : {close, stop})
        for (const bool isBegun : {false, true}) {
            CAPTURE(isBegun);
            const auto cameras = std::make_shared<DarkCameras>();
            test::RecordingListener listener;
            embedded::EmbeddedPusher pusher({}, listener, cameras);
            Outcome opened, ended;
            pusher.startPreview(source(CAMERA), opened.completion());
            // Between the check that the pusher is open and the opening, or while it waits for a picture.
            cameras->gate.entered();
            if (isBegun) {
                cameras->gate.open();
                std::this_thread::sleep_for(std::chrono::milliseconds(100));
            }
            const auto begin = std::chrono::steady_clock::now();
            call(pusher, ended.completion());
            cameras->gate.open();
            CHECK_FALSE(ended.code());
            CHECK(opened.code() == ErrorCode::Aborted);
            CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(1000));
            CHECK(listener.count(event::PUSH_ERR_OPEN_CAMERA_FAIL) == 0);
        }
}
