#pragma once

#include <X11/Xlib.h>
#include <X11/Xutil.h>

#include "window/x11/ServerGone.h"

// A word of ours.
#undef None

namespace rtcroom::window {

#define RTCROOM_X11_FUNCTIONS(X)                                                                                       \
    X(XClearWindow)                                                                                                    \
    X(XCloseDisplay)                                                                                                   \
    X(XCreateWindow)                                                                                                   \
    X(XDestroyWindow)                                                                                                  \
    X(XFlush)                                                                                                          \
    X(XFree)                                                                                                           \
    X(XGetAtomName)                                                                                                    \
    X(XGetWindowAttributes)                                                                                            \
    X(XGetWindowProperty)                                                                                              \
    X(XInitThreads)                                                                                                    \
    X(XInternAtom)                                                                                                     \
    X(XLowerWindow)                                                                                                    \
    X(XMapWindow)                                                                                                      \
    X(XMoveResizeWindow)                                                                                               \
    X(XNextEvent)                                                                                                      \
    X(XOpenDisplay)                                                                                                    \
    X(XPending)                                                                                                        \
    X(XQueryTree)                                                                                                      \
    X(XRaiseWindow)                                                                                                    \
    X(XSelectInput)                                                                                                    \
    X(XSetErrorHandler)                                                                                                \
    X(XSetIOErrorHandler)                                                                                              \
    X(XSync)                                                                                                           \
    X(XTranslateCoordinates)

/// The functions of Xlib that are used, loaded with the first window.
struct X11 {
#define RTCROOM_X11_MEMBER(name) decltype(&::name) name;
    RTCROOM_X11_FUNCTIONS(RTCROOM_X11_MEMBER)
#undef RTCROOM_X11_MEMBER
    /// Null before libX11 1.7: then the end of the X server is the end of the process.
    decltype(&::XSetIOErrorExitHandler) XSetIOErrorExitHandler;
};

/// From any thread. Throws EngineException(WindowFailed) without the library.
const X11 &x11();

/// From now on the X server's death is ours where ErrorsIgnored or ServerMayGo say so, and goes where it went before
/// elsewhere.
void takeServerDeath();

/// Keeps errors of its display (a window that somebody destroys while it is drawn into; the X server's death) from
/// ending the process, which is what Xlib does with them. Errors of other displays go where they went before.
class ErrorsIgnored {
  public:
    /// `serverGone` is set by the server's death.
    ErrorsIgnored(Display *display, bool &serverGone);
    ~ErrorsIgnored();
    ErrorsIgnored(const ErrorsIgnored &) = delete;
    ErrorsIgnored &operator=(const ErrorsIgnored &) = delete;

  private:
    Display *const display_;
    bool *const serverGone_;
};

/// Before Xlib notices: SDL reads events from a connection that is lost as if there were some, and crashes.
bool hungUp(Display *display);

/// A connection of one's own to the X server.
class X11Connection {
  public:
    /// Throws EngineException(WindowFailed) when there is no display.
    X11Connection();
    ~X11Connection();
    X11Connection(const X11Connection &) = delete;
    X11Connection &operator=(const X11Connection &) = delete;
    Display *get() const { return display_; }
    bool serverGone() const { return serverGone_; }

  private:
    bool serverGone_ = false;
    Display *display_;
    ErrorsIgnored ignored_;
};

} // namespace rtcroom::window
