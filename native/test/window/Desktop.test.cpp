#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <mutex>
#include <optional>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "test/support/CodeOf.h"
#include "test/support/Xvfb.h"
#include "test/window/Eye.h"
#include "window/VideoWindow.h"
#include "window/WindowRenderer.h"

using namespace rtcroom;
using engine::ErrorCode;
using test::codeOf;
using test::Eye;

namespace {

using namespace std::chrono_literals;

/// Whether `holds` comes true in time; asks again every few milliseconds.
template <typename Condition> bool eventually(Condition holds, std::chrono::milliseconds patience = 10s) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline)
            return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

class Events final : public window::WindowListener {
  public:
    void onWindowEvent(const window::WindowEvent &event) override {
        const std::lock_guard lock(mutex_);
        events_.push_back(event);
    }
    size_t count(window::WindowEvent::Kind kind) const {
        const std::lock_guard lock(mutex_);
        size_t found = 0;
        for (const auto &each : events_)
            found += each.kind == kind ? 1 : 0;
        return found;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<window::WindowEvent> events_;
};

template <typename Start> std::optional<engine::Error> wait(Start start) {
    std::promise<std::optional<engine::Error>> result;
    start([&result](std::optional<engine::Error> error) { result.set_value(std::move(error)); });
    return result.get_future().get();
}

std::optional<engine::Error> open(window::VideoWindow &opened) {
    return wait([&](engine::Completion done) { opened.open(std::move(done)); });
}

/// One colour.
window::Picture plain(int width, int height, uint8_t luma, uint8_t blue = 128, uint8_t red = 128) {
    const auto bytes = std::make_shared<std::vector<uint8_t>>();
    const size_t area = static_cast<size_t>(width) * height;
    bytes->resize(area * 3 / 2, luma);
    std::fill(bytes->begin() + area, bytes->begin() + area * 5 / 4, blue);
    std::fill(bytes->begin() + area * 5 / 4, bytes->end(), red);
    window::Picture picture;
    picture.size = {width, height};
    picture.planes = {bytes->data(), bytes->data() + area, bytes->data() + area * 5 / 4};
    picture.strides = {width, width / 2, width / 2};
    picture.owner = bytes;
    return picture;
}

bool isNear(int value, int expected) { return value >= expected - 3 && value <= expected + 3; }

/// In a process of its own, since a lost desktop is lost for good. Not while this one has other threads.
bool holdsAlone(bool (*claim)()) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(60);
        _exit(claim() ? 0 : 1);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// An X server that dies when a window has been shown in and closed; then `opening` a further one or none.
bool survivesDeathBetweenWindows(bool opening) {
    Events events;
    window::WindowRenderer renderer([](const std::string &) {});
    {
        const test::Xvfb server;
        window::VideoWindow opened({}, events);
        if (open(opened))
            return false;
        renderer.attach(opened.handle());
        renderer.detach();
        if (wait([&](engine::Completion done) { opened.close(std::move(done)); }))
            return false;
        server.kill();
    }
    if (!opening)
        return true;
    window::VideoWindow late({}, events);
    const auto error = open(late);
    return error && error->code == ErrorCode::WindowFailed;
}

} // namespace

TEST_CASE("without a display windows and renderers fail with their own code, and a later display is found") {
    unsetenv("DISPLAY");
    Events events;
    {
        window::VideoWindow failing({}, events);
        CHECK(open(failing).value().code == ErrorCode::WindowFailed);
        CHECK_FALSE(failing.isOpen());
        CHECK(codeOf([&] { failing.setTitle("late"); }) == ErrorCode::Closed);
        CHECK(codeOf([&] { failing.openRegion(1, 0, 0, 1, 1, {}); }) == ErrorCode::Closed);
        CHECK_FALSE(wait([&](engine::Completion done) { failing.close(std::move(done)); }));
        CHECK(events.count(window::WindowEvent::Kind::Closed) == 0);
    }
    window::WindowRenderer renderer([](const std::string &) {});
    CHECK(codeOf([&] { renderer.attach(1); }) == ErrorCode::WindowFailed);
    const test::Xvfb server;
    window::VideoWindow opened({.title = "later"}, events);
    CHECK_FALSE(open(opened));
    CHECK(opened.handle() != 0);
}

TEST_CASE("a handle that is no window is refused at once and changes nothing") {
    const test::Xvfb server;
    std::atomic<int> lost{0};
    window::WindowRenderer renderer([&lost](const std::string &) { ++lost; });
    for (const uint64_t handle : {uint64_t{12345}, ~uint64_t{0}, uint64_t{1} << 32 | 1})
        CHECK(codeOf([&] { renderer.attach(handle); }) == ErrorCode::WindowFailed);
    CHECK_FALSE(renderer.attached());
    CHECK(lost == 0);
}

TEST_CASE("a picture fills its window, the window's new size and a region above it") {
    const test::Xvfb server;
    const Eye eye;
    Events events;
    window::VideoWindow opened({.title = "one", .width = 400, .height = 300}, events);
    REQUIRE_FALSE(open(opened));
    window::WindowRenderer renderer([](const std::string &) {});
    renderer.attach(opened.handle());
    renderer.setRenderMode(2);
    renderer.show(plain(640, 360, 235));
    CHECK(eventually([&] { return isNear(eye.grey(opened.handle(), 5, 295), 255); }));

    CHECK_FALSE(wait([&](engine::Completion done) { opened.openRegion(1, 300, 200, 80, 60, std::move(done)); }));
    CHECK(wait([&](engine::Completion done) { opened.openRegion(1, 0, 0, 8, 8, std::move(done)); }).value().code ==
          ErrorCode::InvalidState);
    window::WindowRenderer corner([](const std::string &) {});
    corner.attach(opened.regionHandle(1));
    corner.setRenderMode(2);
    corner.show(plain(64, 64, 126));
    CHECK(eventually([&] { return isNear(eye.grey(opened.handle(), 340, 230), 128); }));
    CHECK(isNear(eye.grey(opened.handle(), 290, 190), 255));

    opened.setSize(600, 500);
    CHECK(eventually([&] { return isNear(eye.grey(opened.handle(), 595, 495), 255); }));
    CHECK(opened.width() == 600);
    CHECK(events.count(window::WindowEvent::Kind::Resize) >= 1);
    CHECK(isNear(eye.grey(opened.handle(), 340, 230), 128));
    opened.closeRegion(1);
    CHECK(eventually([&] { return isNear(eye.grey(opened.handle(), 340, 230), 255); }));
    CHECK(opened.regionHandle(1) == 0);
}

TEST_CASE("a restore holds that comes between a minimising's telling and its doing, and a later minimising too") {
    const test::Xvfb server;
    const Eye eye;
    Events events;
    window::VideoWindow opened({.width = 200, .height = 100}, events);
    REQUIRE_FALSE(open(opened));
    REQUIRE(eventually([&] { return eye.viewable(opened.handle()); }));
    // The test is the window manager.
    opened.minimize();
    opened.restore();
    test::settleWindows();
    eye.tellMinimised(opened.handle(), true);
    // SDL has taken note of it, and restores what is still there.
    std::this_thread::sleep_for(100ms);
    test::settleWindows();
    eye.unmap(opened.handle());
    CHECK(eventually([&] { return eye.viewable(opened.handle()); }, 3s));
    eye.tellMinimised(opened.handle(), false);
    std::this_thread::sleep_for(100ms);

    opened.minimize();
    test::settleWindows();
    eye.tellMinimised(opened.handle(), true);
    eye.unmap(opened.handle());
    std::this_thread::sleep_for(300ms);
    CHECK_FALSE(eye.viewable(opened.handle()));
}

TEST_CASE("another program's window is drawn into, followed, and its end is told once") {
    const test::Xvfb server;
    const Eye eye;
    const uint64_t foreign = eye.foreign(320, 240);
    std::atomic<int> lost{0};
    window::WindowRenderer renderer([&lost](const std::string &) { ++lost; });
    renderer.attach(foreign);
    renderer.setRenderMode(2);
    renderer.show(plain(320, 240, 235));
    CHECK(eventually([&] { return isNear(eye.grey(foreign, 310, 230), 255); }));
    eye.resize(foreign, 640, 480);
    CHECK(eventually([&] { return isNear(eye.grey(foreign, 630, 470), 255); }));
    eye.destroy(foreign);
    CHECK(eventually([&] { return lost == 1; }));
    CHECK_FALSE(renderer.attached());
    for (int count = 0; count < 20; ++count)
        renderer.show(plain(320, 240, 100));
    // It goes on in another window.
    const uint64_t next = eye.foreign(100, 100);
    renderer.attach(next);
    renderer.show(plain(100, 100, 235));
    CHECK(eventually([&] { return isNear(eye.grey(next, 90, 90), 255); }));
    CHECK(lost == 1);
}

TEST_CASE("a window that dies while pictures pour in harms nothing") {
    const test::Xvfb server;
    const Eye eye;
    std::atomic<int> lost{0};
    window::WindowRenderer renderer([&lost](const std::string &) { ++lost; });
    for (int round = 1; round <= 20; ++round) {
        const uint64_t foreign = eye.foreign(160, 120);
        renderer.attach(foreign);
        std::atomic<bool> ending{false};
        std::thread pouring([&] {
            while (!ending)
                renderer.show(plain(160, 120, 200));
        });
        CHECK(eventually([&] { return eye.grey(foreign, 80, 60) > 100; }));
        eye.destroy(foreign);
        CHECK(eventually([&] { return lost == round; }));
        CHECK_FALSE(renderer.attached());
        ending = true;
        pouring.join();
    }
}

TEST_CASE("the window that is attached already is not asked for again") {
    const test::Xvfb server;
    const Eye eye;
    window::WindowRenderer renderer([](const std::string &) {});
    const uint64_t foreign = eye.foreign(160, 120);
    renderer.attach(foreign);
    test::settleWindows();
    unsetenv("DISPLAY");
    CHECK_NOTHROW(renderer.attach(foreign));
    CHECK(codeOf([&] { renderer.attach(foreign + 1); }) == ErrorCode::WindowFailed);
    CHECK(renderer.attached());
}

TEST_CASE("an attachment that ends before its turn leaves the window alone") {
    const test::Xvfb server;
    const Eye eye;
    const uint64_t foreign = eye.foreign(160, 120);
    const auto thread = window::WindowThread::share();
    std::promise<void> busy;
    thread->post([until = busy.get_future().share()] { until.wait(); });
    window::WindowRenderer renderer([](const std::string &) {});
    eye.watchChildren(foreign);
    renderer.attach(foreign);
    renderer.detach();
    busy.set_value();
    test::settleWindows();
    CHECK(eye.childrenSeen() == 0);
    renderer.attach(foreign);
    test::settleWindows();
    CHECK(eye.childrenSeen() == 1);
}

TEST_CASE("drawing that fails is tried again with further pictures, for 5 s") {
    const test::Xvfb server;
    const Eye eye;
    std::atomic<int> lost{0};
    window::WindowRenderer renderer([&lost](const std::string &) { ++lost; });
    const uint64_t foreign = eye.foreign(160, 120);
    renderer.attach(foreign);
    renderer.setRenderMode(2);
    // SDL has no texture of that size.
    const window::Picture impossible = plain(0, 0, 0);
    const auto failsAgain = [&] {
        renderer.show(impossible);
        return lost > 0;
    };
    CHECK_FALSE(eventually(failsAgain, 1s));
    renderer.show(plain(160, 120, 235));
    CHECK(eventually([&] { return isNear(eye.grey(foreign, 80, 60), 255); }));
    const auto since = std::chrono::steady_clock::now();
    CHECK(eventually(failsAgain));
    CHECK(std::chrono::steady_clock::now() - since > 5s);
    CHECK(lost == 1);
    CHECK_FALSE(renderer.attached());
}

TEST_CASE("close tells once, and calls afterwards say that it is closed") {
    const test::Xvfb server;
    Events events;
    window::VideoWindow opened({}, events);
    REQUIRE_FALSE(open(opened));
    CHECK_FALSE(wait([&](engine::Completion done) { opened.close(std::move(done)); }));
    CHECK_FALSE(wait([&](engine::Completion done) { opened.close(std::move(done)); }));
    CHECK(events.count(window::WindowEvent::Kind::Closed) == 1);
    CHECK(opened.handle() == 0);
    CHECK(codeOf([&] { opened.setTitle("late"); }) == ErrorCode::Closed);
    CHECK(codeOf([&] { opened.openRegion(1, 0, 0, 1, 1, {}); }) == ErrorCode::Closed);
}

TEST_CASE("a window that somebody destroys tells it, once") {
    const test::Xvfb server;
    const Eye eye;
    Events events;
    window::VideoWindow opened({}, events);
    REQUIRE_FALSE(open(opened));
    eye.destroy(opened.handle());
    CHECK(eventually([&] { return events.count(window::WindowEvent::Kind::Closed) == 1; }));
    CHECK_FALSE(opened.isOpen());
    CHECK_FALSE(wait([&](engine::Completion done) { opened.close(std::move(done)); }));
    CHECK(events.count(window::WindowEvent::Kind::Closed) == 1);
}

TEST_CASE("the last window may be destroyed by somebody just before it is closed, and the desktop with it") {
    const test::Xvfb server;
    const Eye eye;
    for (int round = 0; round < 60; ++round) {
        CAPTURE(round);
        Events events;
        // Its end is the end of SDL, whose X errors nobody has asked for yet.
        window::VideoWindow opened({}, events);
        REQUIRE_FALSE(open(opened));
        eye.destroy(opened.handle());
        CHECK_FALSE(wait([&](engine::Completion done) { opened.close(std::move(done)); }));
    }
}

TEST_CASE("options out of range are refused") {
    Events events;
    for (const window::WindowOptions &wrong :
         {window::WindowOptions{.width = 0}, {.height = 16385}, {.left = 20000}, {.top = -20000}})
        CHECK(codeOf([&] { const window::VideoWindow refused(wrong, events); }) == ErrorCode::InvalidArgument);
}

TEST_CASE("the X server's death between two windows does not end the process") {
    CHECK(holdsAlone([] { return survivesDeathBetweenWindows(false); }));
    CHECK(holdsAlone([] { return survivesDeathBetweenWindows(true); }));
}

TEST_CASE("lines of text lie over the picture, go with it to another window and are taken away") {
    const test::Xvfb server;
    const Eye eye;
    window::WindowRenderer renderer([](const std::string &) {});
    const uint64_t first = eye.foreign(320, 240);
    // Black between the edge of the lines and their first letter.
    const auto ground = [&](uint64_t target) { return eye.grey(target, 6, 6); };
    renderer.attach(first);
    renderer.setRenderMode(2);
    renderer.show(plain(320, 240, 235));
    CHECK(eventually([&] { return isNear(ground(first), 255); }));
    renderer.setStatus("one\ntwo");
    CHECK(eventually([&] { return ground(first) == 0; }));
    CHECK(isNear(eye.grey(first, 300, 200), 255));
    // It covers the first.
    const uint64_t second = eye.foreign(320, 240);
    renderer.attach(second);
    renderer.show(plain(320, 240, 235));
    CHECK(eventually([&] { return isNear(eye.grey(second, 300, 200), 255) && ground(second) == 0; }));
    renderer.setStatus({});
    CHECK(eventually([&] { return isNear(ground(second), 255); }));
}

// The last: no window can be opened after it.
TEST_CASE("the X server's death ends windows and attachments, not the process") {
    Events events;
    std::atomic<int> lost{0};
    window::WindowRenderer renderer([&lost](const std::string &) { ++lost; });
    {
        const test::Xvfb server;
        window::VideoWindow dying({}, events);
        REQUIRE_FALSE(open(dying));
        renderer.attach(dying.handle());
        renderer.show(plain(64, 64, 200));
        server.kill();
        CHECK(eventually([&] { return events.count(window::WindowEvent::Kind::Closed) == 1 && lost == 1; }));
    }
    // SDL knows no way back.
    const test::Xvfb another;
    window::VideoWindow opened({}, events);
    CHECK(open(opened).value().code == ErrorCode::WindowFailed);
}
