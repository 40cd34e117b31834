#include "window/x11/X11.h"

#include <atomic>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "engine/Error.h"
#include "engine/SharedLibrary.h"

namespace rtcroom::window {

using engine::EngineException;
using engine::ErrorCode;

namespace {

X11 load() {
    engine::SharedLibrary library;
    if (!library.open({"libX11.so.6"}))
        throw EngineException(ErrorCode::WindowFailed,
                              "windows need X11's library, which is not installed: on Debian or Ubuntu `apt-get "
                              "install libx11-6`");
    X11 table{};
#define RTCROOM_X11_TAKE(name)                                                                                         \
    if (!library.take(table.name, #name))                                                                              \
        throw EngineException(ErrorCode::WindowFailed, "the installed libX11 has no " #name "; install a newer one");
    RTCROOM_X11_FUNCTIONS(RTCROOM_X11_TAKE)
#undef RTCROOM_X11_TAKE
    library.take(table.XSetIOErrorExitHandler, "XSetIOErrorExitHandler");
    // Before any other call: displays are opened on several threads. libX11 does it by itself since 1.8.
    if (!table.XInitThreads())
        throw EngineException(ErrorCode::WindowFailed,
                              "the installed libX11 knows no threads; install the distribution's own");
    return table;
}

// Xlib has one handler a process.
struct Ignoring {
    std::mutex mutex;
    /// With what is set by the server's death.
    std::multimap<Display *, bool *> displays;
    XErrorHandler before = nullptr;
    XIOErrorHandler beforeIo = nullptr;
    /// Displays that cannot be closed any more.
    std::vector<Display *> abandoned;
};

Ignoring &ignoring() {
    // Never destroyed: windows close after the destructors of statics when a process exits with windows open.
    static Ignoring &instance = *std::make_unique<Ignoring>().release();
    return instance;
}

int onError(Display *display, XErrorEvent *error) {
    XErrorHandler before = nullptr;
    {
        const std::lock_guard lock(ignoring().mutex);
        if (ignoring().displays.contains(display))
            return 0;
        before = ignoring().before;
    }
    return before ? before(display, error) : 0;
}

thread_local int serverMayGo = 0;

// Xlib goes on to the display's exit handler when this returns.
int onServerGone(Display *display) {
    XIOErrorHandler before = nullptr;
    bool ours = false;
    {
        const std::lock_guard lock(ignoring().mutex);
        const auto [first, last] = ignoring().displays.equal_range(display);
        for (auto each = first; each != last; ++each)
            *each->second = true;
        ours = first != last;
        before = ignoring().beforeIo;
    }
    // Also of a display that SDL or Xlib has only begun to open. Back in SDL, which takes what was not answered for an
    // answer, the process would crash or wait for ever.
    if (serverMayGo > 0)
        throw ServerGone();
    return ours || !before ? 0 : before(display);
}

void stayAlive(Display *, void *) {}

std::atomic<bool> sdlWasLeft{false};

Display *openDisplay() {
    takeServerDeath();
    const ServerMayGo opening;
    try {
        return x11().XOpenDisplay(nullptr);
    } catch (const ServerGone &) {
        return nullptr;
    }
}

Display *open() {
    if (Display *display = openDisplay())
        return display;
    const char *name = std::getenv("DISPLAY");
    throw EngineException(ErrorCode::WindowFailed,
                          name && *name
                              ? std::string("the X11 display ") + name +
                                    " (DISPLAY) cannot be opened; is its server running, and may this user use it?"
                              : std::string("there is no display: DISPLAY is not set. Start the program in a desktop "
                                            "session, or under xvfb-run"));
}

} // namespace

const X11 &x11() {
    static const X11 table = load();
    return table;
}

void takeServerDeath() {
    const XIOErrorHandler before = x11().XSetIOErrorHandler(onServerGone);
    const std::lock_guard lock(ignoring().mutex);
    if (before != onServerGone && !ignoring().beforeIo)
        ignoring().beforeIo = before;
}

ErrorsIgnored::ErrorsIgnored(Display *display, bool &serverGone) : display_(display), serverGone_(&serverGone) {
    {
        const std::lock_guard lock(ignoring().mutex);
        ignoring().displays.emplace(display, serverGone_);
    }
    // Xlib is called without the lock: it holds its own when it calls the handlers, which take this one.
    // SDL puts its own handler on top while it starts; ours goes above it again.
    const XErrorHandler before = x11().XSetErrorHandler(onError);
    takeServerDeath();
    if (x11().XSetIOErrorExitHandler)
        x11().XSetIOErrorExitHandler(display, stayAlive, nullptr);
    const std::lock_guard lock(ignoring().mutex);
    if (before != onError && !ignoring().before)
        ignoring().before = before;
}

ErrorsIgnored::~ErrorsIgnored() {
    const std::lock_guard lock(ignoring().mutex);
    std::erase_if(ignoring().displays, [this](const auto &each) { return each.second == serverGone_; });
}

bool hungUp(Display *display) {
    pollfd connection{ConnectionNumber(display), 0, 0};
    return ::poll(&connection, 1, 0) > 0 && (connection.revents & (POLLHUP | POLLERR)) != 0;
}

ServerMayGo::ServerMayGo() { ++serverMayGo; }

ServerMayGo::~ServerMayGo() { --serverMayGo; }

bool sdlLeft() { return sdlWasLeft; }

void leaveSdl() { sdlWasLeft = true; }

X11Connection::X11Connection() : display_(open()), ignored_(display_, serverGone_) {}

X11Connection::~X11Connection() {
    if (!serverGone_ && !hungUp(display_)) {
        const ServerMayGo closing;
        try {
            x11().XCloseDisplay(display_);
            return;
        } catch (const ServerGone &) {
            // As below.
        }
    }
    // Xlib would wait for ever for a lock that it holds since the server's death; what it has in memory is left.
    ::close(ConnectionNumber(display_));
    const std::lock_guard lock(ignoring().mutex);
    ignoring().abandoned.push_back(display_);
}

} // namespace rtcroom::window
