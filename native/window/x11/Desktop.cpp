#include "window/Desktop.h"
#include "engine/SharedLibrary.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "window/x11/X11.h"

#include <X11/Xatom.h>
#include <X11/extensions/Xrandr.h>

// A word of ours.
#undef None

namespace rtcroom::window {

namespace {

constexpr XID NOTHING = 0;

/// Several screens are one X11 screen since RandR; a server or machine without it has one.
struct Randr {
    decltype(&::XRRQueryExtension) queryExtension = nullptr;
    decltype(&::XRRGetMonitors) getMonitors = nullptr;
    decltype(&::XRRFreeMonitors) freeMonitors = nullptr;
    explicit operator bool() const { return queryExtension && getMonitors && freeMonitors; }
};

const Randr &randr() {
    static const Randr table = [] {
        Randr found;
        engine::SharedLibrary library;
        if (library.open({"libXrandr.so.2"})) {
            library.take(found.queryExtension, "XRRQueryExtension");
            library.take(found.getMonitors, "XRRGetMonitors");
            library.take(found.freeMonitors, "XRRFreeMonitors");
        }
        return found;
    }();
    return table;
}

class X11Desktop final : public Desktop {
  public:
    X11Desktop() {
        int base = 0;
        int errors = 0;
        hasRandr_ = randr() && randr().queryExtension(display(), &base, &errors);
    }

    std::vector<Screen> screens() override {
        std::vector<Screen> screens;
        int count = 0;
        XRRMonitorInfo *const monitors =
            hasRandr_ && !lost() ? randr().getMonitors(display(), root(), True, &count) : nullptr;
        for (int i = 0; i < count && monitors; ++i) {
            const XRRMonitorInfo &each = monitors[i];
            screens.push_back(
                {atomName(each.name), {each.x, each.y, each.x + each.width, each.y + each.height}, each.primary != 0});
        }
        if (monitors)
            randr().freeMonitors(monitors);
        if (screens.empty()) {
            const auto whole = attributes(root());
            screens.push_back({"screen", {0, 0, whole ? whole->width : 0, whole ? whole->height : 0}, true});
        }
        std::ranges::stable_sort(screens, {}, [](const Screen &each) { return each.area.left; });
        if (std::ranges::none_of(screens, &Screen::main))
            screens.front().main = true;
        return screens;
    }

    std::vector<Window> windows() override {
        std::vector<Window> windows;
        const std::vector<XID> managed = ids(root(), "_NET_CLIENT_LIST", XA_WINDOW);
        const bool manager = !managed.empty();
        for (const XID each : manager ? managed : children()) {
            const auto found = attributes(each);
            std::string title = titleOf(each);
            if (!found || found->c_class != InputOutput || title.empty())
                continue;
            const bool hidden = found->map_state != IsViewable;
            // Without a window manager nothing is minimised: what is not shown is no window of the user's.
            if (hidden && !manager)
                continue;
            windows.push_back({each, std::move(title), hidden});
        }
        return windows;
    }

    std::optional<Place> place(uint64_t window) override {
        const auto found = attributes(window);
        if (!found)
            return std::nullopt;
        int left = 0;
        int top = 0;
        ::Window child = NOTHING;
        if (!x11().XTranslateCoordinates(display(), window, root(), 0, 0, &left, &top, &child))
            return std::nullopt;
        return Place{{left, top, left + found->width, top + found->height}, found->map_state == IsViewable};
    }

    bool lost() const override { return connection_.serverGone() || hungUp(display()); }

  private:
    Display *display() const { return connection_.get(); }
    ::Window root() const { return DefaultRootWindow(display()); }

    std::optional<XWindowAttributes> attributes(uint64_t window) const {
        // Xlib gives ids of 29 bits; larger ones would be cut into another window's.
        if (lost() || window == 0 || window > 0x1fffffff)
            return std::nullopt;
        XWindowAttributes found{};
        if (!x11().XGetWindowAttributes(display(), window, &found) || lost())
            return std::nullopt;
        return found;
    }

    std::vector<XID> children() const {
        ::Window ofRoot = NOTHING;
        ::Window parent = NOTHING;
        ::Window *list = nullptr;
        unsigned count = 0;
        std::vector<XID> found;
        if (!lost() && x11().XQueryTree(display(), root(), &ofRoot, &parent, &list, &count) && list)
            found.assign(list, list + count);
        if (list)
            x11().XFree(list);
        return found;
    }

    Atom atom(const char *name) const { return lost() ? NOTHING : x11().XInternAtom(display(), name, True); }

    std::string atomName(Atom name) const {
        char *const text = lost() ? nullptr : x11().XGetAtomName(display(), name);
        const std::string found = text ? text : "screen";
        if (text)
            x11().XFree(text);
        return found;
    }

    /// The bytes of a property of that type; format 32 has an unsigned long an element.
    std::string property(::Window window, Atom name, Atom type, int wantedFormat) const {
        if (name == NOTHING || type == NOTHING || lost())
            return {};
        Atom found = NOTHING;
        int format = 0;
        unsigned long count = 0;
        unsigned long after = 0;
        unsigned char *data = nullptr;
        const int status = x11().XGetWindowProperty(display(), window, name, 0, 4096, False, type, &found, &format,
                                                    &count, &after, &data);
        std::string bytes;
        if (status == 0 && data && format == wantedFormat)
            bytes.assign(reinterpret_cast<const char *>(data), count * (format == 32 ? sizeof(unsigned long) : 1));
        if (data)
            x11().XFree(data);
        return bytes;
    }

    std::vector<XID> ids(::Window window, const char *name, Atom type) const {
        const std::string bytes = property(window, atom(name), type, 32);
        std::vector<unsigned long> found(bytes.size() / sizeof(unsigned long));
        if (!found.empty())
            std::memcpy(found.data(), bytes.data(), found.size() * sizeof(unsigned long));
        return {found.begin(), found.end()};
    }

    std::string titleOf(::Window window) const {
        std::string title = property(window, atom("_NET_WM_NAME"), atom("UTF8_STRING"), 8);
        if (!title.empty())
            return title;
        // Latin-1, whose characters above ASCII are two bytes in UTF-8.
        for (const char each : property(window, XA_WM_NAME, XA_STRING, 8)) {
            const auto code = static_cast<unsigned char>(each);
            if (code < 0x80) {
                title += each;
            } else {
                title += static_cast<char>(0xc0 | (code >> 6));
                title += static_cast<char>(0x80 | (code & 0x3f));
            }
        }
        return title;
    }

    const X11Connection connection_;
    bool hasRandr_ = false;
};

} // namespace

std::unique_ptr<Desktop> Desktop::open() { return std::make_unique<X11Desktop>(); }

} // namespace rtcroom::window
