#pragma once

#include <cstdint>
#include <future>

#include "engine/SharedLibrary.h"
#include "window/WindowThread.h"
#include "window/x11/X11.h"

namespace rtcroom::test {

/// Until the window thread has done what it was given.
inline void settleWindows() {
    const auto thread = window::WindowThread::share();
    std::promise<void> done;
    thread->post([&done] { done.set_value(); });
    done.get_future().wait();
}

/// Looks at the screen over a connection of its own.
class Eye {
  public:
    Eye() {
        engine::SharedLibrary library;
        library.open({"libX11.so.6"});
        library.take(getImage_, "XGetImage");
        library.take(queryTree_, "XQueryTree");
        library.take(changeProperty_, "XChangeProperty");
        library.take(unmapWindow_, "XUnmapWindow");
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
    /// What a window manager tells of a window that it minimises (and has not yet unmapped), or that is there again.
    void tellMinimised(uint64_t target, bool minimised) const {
        Display *display = connection_.get();
        const auto atom = [&](const char *name) { return window::x11().XInternAtom(display, name, False); };
        const Atom hidden = atom("_NET_WM_STATE_HIDDEN");
        // 4 is XA_ATOM.
        changeProperty_(display, target, atom("_NET_WM_STATE"), 4, 32, PropModeReplace,
                        reinterpret_cast<const unsigned char *>(&hidden), minimised ? 1 : 0);
        window::x11().XSync(display, False);
    }
    void unmap(uint64_t target) const {
        unmapWindow_(connection_.get(), target);
        window::x11().XSync(connection_.get(), False);
    }
    bool viewable(uint64_t target) const {
        XWindowAttributes place{};
        return window::x11().XGetWindowAttributes(connection_.get(), target, &place) && place.map_state == IsViewable;
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
    /// How many windows a window has in it.
    unsigned children(uint64_t target) const {
        Window root = 0;
        Window parent = 0;
        Window *found = nullptr;
        unsigned count = 0;
        queryTree_(connection_.get(), target, &root, &parent, &found, &count);
        if (found)
            window::x11().XFree(found);
        return count;
    }
    void watchChildren(uint64_t target) const {
        window::x11().XSelectInput(connection_.get(), target, SubstructureNotifyMask);
        window::x11().XSync(connection_.get(), False);
    }
    /// How many were made in watched windows since the last call.
    int childrenSeen() const {
        window::x11().XSync(connection_.get(), False);
        int seen = 0;
        while (window::x11().XPending(connection_.get()) > 0) {
            XEvent event{};
            window::x11().XNextEvent(connection_.get(), &event);
            seen += event.type == CreateNotify ? 1 : 0;
        }
        return seen;
    }

  private:
    window::X11Connection connection_;
    decltype(&XGetImage) getImage_;
    decltype(&XChangeProperty) changeProperty_ = nullptr;
    decltype(&XUnmapWindow) unmapWindow_ = nullptr;
    decltype(&XQueryTree) queryTree_;
};

} // namespace rtcroom::test
