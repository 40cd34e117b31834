#include "window/NativeWindows.h"

#include <optional>
#include <string>
#include <utility>

#include "engine/Error.h"
#include "window/Sdl.h"
#include "window/x11/Caption.h"
#include "window/x11/X11.h"

namespace rtcroom::window {

using engine::EngineException;
using engine::ErrorCode;
using engine::Size;

namespace {

// Xlib's None, whose macro is undefined.
constexpr XID NOTHING = 0;

[[noreturn]] void noSuchWindow(uint64_t handle) {
    throw EngineException(ErrorCode::WindowFailed,
                          "no window has the handle " + std::to_string(handle) +
                              "; give the handle of a VideoWindow, or the X11 window of a window that is open");
}

std::optional<Size> sizeOf(Display *display, uint64_t window) {
    // Xlib gives ids of 29 bits; larger ones would be cut into another window's.
    if (window == 0 || window > 0x1fffffff)
        return std::nullopt;
    XWindowAttributes attributes{};
    if (!x11().XGetWindowAttributes(display, window, &attributes))
        return std::nullopt;
    return Size{attributes.width, attributes.height};
}

/// SDL's hidden window tells which connection is SDL's.
class HiddenWindow {
  public:
    HiddenWindow() : window_(sdl().CreateWindow("", 0, 0, 1, 1, SDL_WINDOW_HIDDEN)) {
        if (!window_)
            throwSdl("the desktop gives no window");
    }
    ~HiddenWindow() { sdl().DestroyWindow(window_); }
    HiddenWindow(const HiddenWindow &) = delete;
    HiddenWindow &operator=(const HiddenWindow &) = delete;

    Display *display() const { return static_cast<Display *>(nativeIds(window_).display); }

  private:
    SDL_Window *const window_;
};

class X11Windows final : public NativeWindows {
  public:
    X11Windows() : sdlErrorsIgnored_(sdlDisplay_, sdlServerGone_) {}
    X11Windows(const X11Windows &) = delete;
    X11Windows &operator=(const X11Windows &) = delete;

    uint64_t createChild(uint64_t parent, const Area &area, Order order) override {
        if (!sizeOf(display(), parent))
            noSuchWindow(parent);
        const int screen = DefaultScreen(display());
        XSetWindowAttributes attributes{};
        attributes.background_pixel = BlackPixel(display(), screen);
        attributes.border_pixel = BlackPixel(display(), screen);
        attributes.colormap = DefaultColormap(display(), screen);
        attributes.bit_gravity = NorthWestGravity;
        attributes.event_mask = StructureNotifyMask | ExposureMask;
        // The screen's own visual: the parent's may have transparency.
        const Window child =
            x11().XCreateWindow(display(), parent, area.left, area.top, static_cast<unsigned>(area.width),
                                static_cast<unsigned>(area.height), 0, DefaultDepth(display(), screen), InputOutput,
                                DefaultVisual(display(), screen),
                                CWBackPixel | CWBorderPixel | CWColormap | CWBitGravity | CWEventMask, &attributes);
        if (order == Order::Bottom)
            x11().XLowerWindow(display(), child);
        x11().XMapWindow(display(), child);
        x11().XSync(display(), False);
        if (!sizeOf(display(), child))
            throw EngineException(ErrorCode::WindowFailed,
                                  "nothing can be drawn into that window; give one that shows something itself");
        return child;
    }

    void destroyChild(uint64_t child) override {
        captions_.forget(child);
        x11().XDestroyWindow(display(), child);
        x11().XFlush(display());
    }

    void placeChild(uint64_t child, const Area &area) override {
        x11().XMoveResizeWindow(display(), child, area.left, area.top, static_cast<unsigned>(area.width),
                                static_cast<unsigned>(area.height));
        // SDL asks over its own connection.
        x11().XSync(display(), False);
    }

    void raiseChild(uint64_t child) override {
        x11().XRaiseWindow(display(), child);
        x11().XFlush(display());
    }

    void setText(uint64_t child, const std::string &text) override { captions_.set(child, text); }

    void setLines(uint64_t child, const std::string &lines, int pixelSize) override {
        captions_.setLines(child, lines, pixelSize);
    }

    std::optional<Size> size(uint64_t window) override { return sizeOf(display(), window); }

    void watch(uint64_t window) override {
        x11().XSelectInput(display(), window, StructureNotifyMask);
        x11().XFlush(display());
    }

    bool nextSdlEvent(SDL_Event &event) override { return !lossNoticed() && sdl().PollEvent(&event) != 0; }

    std::vector<NativeEvent> poll() override {
        std::vector<NativeEvent> events;
        while (!lossNoticed() && x11().XPending(display()) > 0) {
            XEvent event{};
            x11().XNextEvent(display(), &event);
            switch (event.type) {
            case Expose:
                if (event.xexpose.count == 0) {
                    captions_.draw(event.xexpose.window);
                    events.push_back({event.xexpose.window, NativeEvent::Kind::Exposed});
                }
                break;
            case ConfigureNotify:
                captions_.draw(event.xconfigure.window);
                events.push_back({event.xconfigure.window, NativeEvent::Kind::Resized});
                break;
            case UnmapNotify:
                events.push_back({event.xunmap.window, NativeEvent::Kind::Unmapped});
                break;
            case DestroyNotify:
                captions_.forget(event.xdestroywindow.window);
                events.push_back({event.xdestroywindow.window, NativeEvent::Kind::Destroyed});
                break;
            default:
                break;
            }
        }
        return events;
    }

    bool hasWindowManager() override {
        const Atom check = x11().XInternAtom(display(), "_NET_SUPPORTING_WM_CHECK", True);
        if (check == NOTHING)
            return false;
        Atom type = NOTHING;
        int format = 0;
        unsigned long count = 0;
        unsigned long after = 0;
        unsigned char *data = nullptr;
        const int status = x11().XGetWindowProperty(display(), DefaultRootWindow(display()), check, 0, 1, False,
                                                    AnyPropertyType, &type, &format, &count, &after, &data);
        bool found = false;
        if (status == 0 && data && format == 32 && count == 1) {
            const Window named = *reinterpret_cast<Window *>(data);
            // The property of a manager that died names a window that is gone.
            found = sizeOf(display(), named).has_value();
        }
        if (data)
            x11().XFree(data);
        return found;
    }

    bool lost() const override { return lossNoticed() || hungUp(display()) || hungUp(sdlDisplay_); }

    bool lossNoticed() const override { return connection_.serverGone() || sdlServerGone_ || sdlLeft(); }

    void beforeSdlEnds() override {
        hidden_.reset();
        // SDL puts back the handler of errors that was there before it. What is still on its way (a window was
        // destroyed that somebody else had destroyed) would end the process then.
        const ServerMayGo asking;
        try {
            for (Display *each : {display(), sdlDisplay_})
                if (!lossNoticed())
                    x11().XSync(each, False);
        } catch (const ServerGone &) {
            leaveSdl();
        }
    }

  private:
    Display *display() const { return connection_.get(); }

    X11Connection connection_;
    Captions captions_{connection_.get()};
    std::optional<HiddenWindow> hidden_{std::in_place};
    Display *const sdlDisplay_ = hidden_->display();
    bool sdlServerGone_ = false;
    ErrorsIgnored sdlErrorsIgnored_;
};

} // namespace

void NativeWindows::prepare() { takeServerDeath(); }

std::unique_ptr<NativeWindows> NativeWindows::create() { return std::make_unique<X11Windows>(); }

void requireWindow(uint64_t handle) {
    sdl();
    const X11Connection connection;
    if (!sizeOf(connection.get(), handle))
        noSuchWindow(handle);
}

void requireText() { Captions::require(); }

} // namespace rtcroom::window
