#include "window/x11/Caption.h"

#include <X11/Xft/Xft.h>

#include "engine/Error.h"
#include "engine/SharedLibrary.h"
#include <algorithm>

namespace rtcroom::window {

namespace {

#define RTCROOM_XFT_FUNCTIONS(X)                                                                                       \
    X(XftColorAllocValue)                                                                                              \
    X(XftColorFree)                                                                                                    \
    X(XftDrawCreate)                                                                                                   \
    X(XftDrawDestroy)                                                                                                  \
    X(XftDrawStringUtf8)                                                                                               \
    X(XftFontClose)                                                                                                    \
    X(XftFontOpenName)                                                                                                 \
    X(XftTextExtentsUtf8)

struct Xft {
#define RTCROOM_XFT_MEMBER(name) decltype(&::name) name;
    RTCROOM_XFT_FUNCTIONS(RTCROOM_XFT_MEMBER)
#undef RTCROOM_XFT_MEMBER
};

Xft load() {
    engine::SharedLibrary library;
    const auto take = [&library](auto &function, const char *name) {
        if (!library.take(function, name))
            throw engine::EngineException(engine::ErrorCode::WindowFailed,
                                          std::string("a caption needs Xft, and ") + name +
                                              " cannot be loaded: on Debian or Ubuntu `apt-get install libxft2`");
    };
    // Without the library no function is found, which says it.
    library.open({"libXft.so.2"});
    Xft table{};
#define RTCROOM_XFT_TAKE(name) take(table.name, #name);
    RTCROOM_XFT_FUNCTIONS(RTCROOM_XFT_TAKE)
#undef RTCROOM_XFT_TAKE
    return table;
}

const Xft &xft() {
    static const Xft table = load();
    return table;
}

} // namespace

void Captions::require() { xft(); }

void Captions::set(Window window, const std::string &text) {
    texts_[window] = text;
    draw(window);
}

void Captions::draw(Window window) {
    const auto found = texts_.find(window);
    XWindowAttributes place{};
    if (found == texts_.end() || !x11().XGetWindowAttributes(display_, window, &place))
        return;
    const Xft &functions = xft();
    const int screen = DefaultScreen(display_);
    const std::string font = "sans-serif:pixelsize=" + std::to_string(std::max(8, place.height * 6 / 10));
    XftFont *face = functions.XftFontOpenName(display_, screen, font.c_str());
    XftDraw *target = functions.XftDrawCreate(display_, window, place.visual, place.colormap);
    const XRenderColor white{0xffff, 0xffff, 0xffff, 0xffff};
    XftColor colour{};
    // A machine without any font shows none.
    if (face && target && functions.XftColorAllocValue(display_, place.visual, place.colormap, &white, &colour)) {
        const auto *text = reinterpret_cast<const FcChar8 *>(found->second.data());
        const int length = static_cast<int>(found->second.size());
        XGlyphInfo extent{};
        functions.XftTextExtentsUtf8(display_, face, text, length, &extent);
        x11().XClearWindow(display_, window);
        functions.XftDrawStringUtf8(target, &colour, face, std::max(0, (place.width - extent.xOff) / 2),
                                    (place.height + face->ascent - face->descent) / 2, text, length);
        functions.XftColorFree(display_, place.visual, place.colormap, &colour);
    }
    if (target)
        functions.XftDrawDestroy(target);
    if (face)
        functions.XftFontClose(display_, face);
    x11().XFlush(display_);
}

} // namespace rtcroom::window
