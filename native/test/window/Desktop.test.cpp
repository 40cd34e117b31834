#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "test/support/Xvfb.h"
#include "window/Library.h"
#include "window/VideoWindow.h"
#include "window/WindowRenderer.h"
#include "window/x11/X11.h"

using namespace rtcroom;
using engine::EngineException;
using engine::ErrorCode;

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

/// Looks at the screen over a connection of its own.
class Eye {
  public:
    Eye() {
        window::Library library;
        library.open({"libX11.so.6"});
        getImage_ = reinterpret_cast<decltype(&XGetImage)>(library.find("XGetImage"));
    }
    /// Red of a pixel of the window (its pictures are grey), -1 where there is none.
    int grey(uint64_t target, int x, int y) const {
        XWindowAttributes place{};
        Display *display = connection_.get();
        if (!window::x11().XGetWindowAttributes(display, target, &place) || place.map_state != IsViewable ||
            x >= place.width || y >= place.height)
            return -1;
        XImage *image = getImage_(display, target, x, y, 1, 1, AllPlanes, ZPixmap);
        if (!image)
            return -1;
        const auto pixel = static_cast<int>(XGetPixel(image, 0, 0) >> 16 & 0xff);
        XDestroyImage(image);
        return pixel;
    }
    void destroy(uint64_t target) const {
        window::x11().XDestroyWindow(connection_.get(), target);
        window::x11().XSync(connection_.get(), False);
    }
    uint64_t foreign(int width, int height) const {
        Display *display = connection_.get();
        XSetWindowAttributes attributes{};
        attributes.override_redirect = True;
        const Window made =
            window::x11().XCreateWindow(display, DefaultRootWindow(display), 10, 10, width, height, 0, CopyFromParent,
                                        InputOutput, nullptr, CWOverrideRedirect, &attributes);
        window::x11().XMapWindow(display, made);
        window::x11().XSync(display, False);
        return made;
    }
    void resize(uint64_t target, int width, int height) const {
        window::x11().XMoveResizeWindow(connection_.get(), target, 10, 10, width, height);
        window::x11().XSync(connection_.get(), False);
    }

  private:
    window::X11Connection connection_;
    decltype(&XGetImage) getImage_;
};

bool isNear(int value, int expected) { return value >= expected - 3 && value <= expected + 3; }

ErrorCode codeOf(const std::function<void()> &call) {
    try {
        call();
    } catch (const EngineException &failure) {
        return failure.error().code;
    }
    return ErrorCode::Internal;
}

} // namespace

TEST_CASE("without a display windows and renderers fail with their own code, and a later display is found") {
    unsetenv("DISPLAY");
    Events events;
    {
        window::VideoWindow failing({}, events);
        CHECK(open(failing).value().code == ErrorCode::WindowFailed);
        CHECK_FALSE(failing.isOpen());
        CHECK_FALSE(wait([&](engine::Completion done) { failing.close(std::move(done)); }));
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
        ending = true;
        pouring.join();
    }
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

TEST_CASE("options out of range are refused") {
    Events events;
    for (const window::WindowOptions &wrong :
         {window::WindowOptions{.width = 0}, {.height = 16385}, {.left = 20000}, {.top = -20000}})
        CHECK(codeOf([&] { const window::VideoWindow refused(wrong, events); }) == ErrorCode::InvalidArgument);
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
