#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/SharedLibrary.h"
#include "window/x11/X11.h"

#include <X11/extensions/Xrandr.h>

// Words of ours.
#undef None
#undef Status

namespace rtcroom::test {

/// Another program's windows, each of one colour (0xRRGGBB), over a connection of its own.
class Painter {
  public:
    Painter() {
        engine::SharedLibrary library;
        library.open({"libX11.so.6"});
        library.take(storeName_, "XStoreName");
        library.take(unmapWindow_, "XUnmapWindow");
        library.take(warpPointer_, "XWarpPointer");
        library.take(clearWindow_, "XClearWindow");
        library.take(setBackground_, "XSetWindowBackground");
        engine::SharedLibrary randr;
        randr.open({"libXrandr.so.2"});
        randr.take(allocateMonitor_, "XRRAllocateMonitor");
        randr.take(setMonitor_, "XRRSetMonitor");
        randr.take(getResources_, "XRRGetScreenResources");
    }

    uint64_t open(const std::string &title, unsigned colour, int left, int top, int width, int height) const {
        XSetWindowAttributes attributes{};
        attributes.background_pixel = colour;
        // No window manager is asked.
        attributes.override_redirect = True;
        const Window made =
            window::x11().XCreateWindow(display(), DefaultRootWindow(display()), left, top,
                                        static_cast<unsigned>(width), static_cast<unsigned>(height), 0, CopyFromParent,
                                        InputOutput, nullptr, CWBackPixel | CWOverrideRedirect, &attributes);
        storeName_(display(), made, title.c_str());
        window::x11().XMapWindow(display(), made);
        sync();
        return made;
    }
    void place(uint64_t target, int left, int top, int width, int height) const {
        window::x11().XMoveResizeWindow(display(), target, left, top, static_cast<unsigned>(width),
                                        static_cast<unsigned>(height));
        sync();
    }
    void paint(uint64_t target, unsigned colour) const {
        setBackground_(display(), target, colour);
        clearWindow_(display(), target);
        sync();
    }
    void hide(uint64_t target) const {
        unmapWindow_(display(), target);
        sync();
    }
    void show(uint64_t target) const {
        window::x11().XMapWindow(display(), target);
        sync();
    }
    void close(uint64_t target) const {
        window::x11().XDestroyWindow(display(), target);
        sync();
    }
    void point(int left, int top) const {
        warpPointer_(display(), 0, DefaultRootWindow(display()), 0, 0, 0, 0, left, top);
        sync();
    }
    /// A part of the screen that counts as a screen; `real` is the one that is there, which becomes this one.
    void addMonitor(const char *name, int left, int top, int width, int height, bool real) const {
        XRRMonitorInfo *const monitor = allocateMonitor_(display(), real ? 1 : 0);
        monitor->name = window::x11().XInternAtom(display(), name, False);
        monitor->x = left;
        monitor->y = top;
        monitor->width = width;
        monitor->height = height;
        monitor->mwidth = monitor->mheight = 200;
        if (real)
            monitor->outputs[0] = getResources_(display(), DefaultRootWindow(display()))->outputs[0];
        setMonitor_(display(), DefaultRootWindow(display()), monitor);
        sync();
    }

  private:
    Display *display() const { return connection_.get(); }
    void sync() const { window::x11().XSync(display(), False); }

    window::X11Connection connection_;
    decltype(&XStoreName) storeName_ = nullptr;
    decltype(&XUnmapWindow) unmapWindow_ = nullptr;
    decltype(&XWarpPointer) warpPointer_ = nullptr;
    decltype(&XClearWindow) clearWindow_ = nullptr;
    decltype(&XSetWindowBackground) setBackground_ = nullptr;
    decltype(&XRRAllocateMonitor) allocateMonitor_ = nullptr;
    decltype(&XRRSetMonitor) setMonitor_ = nullptr;
    decltype(&XRRGetScreenResources) getResources_ = nullptr;
};

} // namespace rtcroom::test
