#include "window/x11/X11.h"

#include <cstdlib>
#include <memory>
#include <mutex>
#include <poll.h>
#include <set>
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
    std::multiset<Display *> displays;
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

// Xlib goes on to the display's exit handler when this returns.
int onServerGone(Display *display) {
    XIOErrorHandler before = nullptr;
    {
        const std::lock_guard lock(ignoring().mutex);
        if (ignoring().displays.contains(display))
            return 0;
        before = ignoring().beforeIo;
    }
    return before ? before(display) : 0;
}

thread_local int eventsBeingRead = 0;

void noteServerGone(Display *, void *serverGone) {
    *static_cast<bool *>(serverGone) = true;
    // Back in SDL, which takes what was not answered for an answer, the process would crash.
    if (eventsBeingRead > 0)
        throw ServerGone();
}

Display *open() {
    Display *display = x11().XOpenDisplay(nullptr);
    if (display)
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

ErrorsIgnored::ErrorsIgnored(Display *display, bool &serverGone) : display_(display) {
    {
        const std::lock_guard lock(ignoring().mutex);
        ignoring().displays.insert(display);
    }
    // Xlib is called without the lock: it holds its own when it calls the handlers, which take this one.
    // SDL puts its own handler on top while it starts; ours goes above it again.
    const XErrorHandler before = x11().XSetErrorHandler(onError);
    XIOErrorHandler beforeIo = onServerGone;
    if (x11().XSetIOErrorExitHandler) {
        beforeIo = x11().XSetIOErrorHandler(onServerGone);
        x11().XSetIOErrorExitHandler(display, noteServerGone, &serverGone);
    }
    const std::lock_guard lock(ignoring().mutex);
    if (before != onError && !ignoring().before)
        ignoring().before = before;
    if (beforeIo != onServerGone && !ignoring().beforeIo)
        ignoring().beforeIo = beforeIo;
}

ErrorsIgnored::~ErrorsIgnored() {
    const std::lock_guard lock(ignoring().mutex);
    ignoring().displays.erase(ignoring().displays.find(display_));
}

bool hungUp(Display *display) {
    pollfd connection{ConnectionNumber(display), 0, 0};
    return ::poll(&connection, 1, 0) > 0 && (connection.revents & (POLLHUP | POLLERR)) != 0;
}

ReadingEvents::ReadingEvents() { ++eventsBeingRead; }

ReadingEvents::~ReadingEvents() { --eventsBeingRead; }

X11Connection::X11Connection() : display_(open()), ignored_(display_, serverGone_) {}

X11Connection::~X11Connection() {
    if (!serverGone_ && !hungUp(display_)) {
        x11().XCloseDisplay(display_);
        return;
    }
    // Xlib would wait for ever for a lock that it holds since the server's death; what it has in memory is left.
    ::close(ConnectionNumber(display_));
    const std::lock_guard lock(ignoring().mutex);
    ignoring().abandoned.push_back(display_);
}

} // namespace rtcroom::window
