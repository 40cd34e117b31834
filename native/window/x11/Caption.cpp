#include "window/x11/Caption.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <X11/Xft/Xft.h>

#include "engine/Error.h"
#include "engine/Options.h"
#include "engine/SharedLibrary.h"

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

std::string lineFont(int pixelSize) { return "monospace:pixelsize=" + std::to_string(pixelSize); }

int lineMargin(int pixelSize) { return std::max(2, pixelSize / 3); }

template <typename Use> void forEachLine(std::string_view text, Use use) {
    for (;;) {
        const size_t end = text.find('\n');
        use(text.substr(0, end));
        if (end == std::string_view::npos)
            return;
        text.remove_prefix(end + 1);
    }
}

std::optional<engine::Size> sizeOf(Display *display, Window window) {
    XWindowAttributes attributes{};
    if (!x11().XGetWindowAttributes(display, window, &attributes))
        return std::nullopt;
    return engine::Size{attributes.width, attributes.height};
}

} // namespace

void Captions::require() { xft(); }

/// A font, white, and a window to write in with it; any of them may not be had.
class Captions::Pen {
  public:
    Pen(Display *display, Window window, const std::string &font) : display_(display) {
        if (!x11().XGetWindowAttributes(display, window, &place))
            return;
        const XRenderColor white{0xffff, 0xffff, 0xffff, 0xffff};
        face = xft().XftFontOpenName(display, DefaultScreen(display), font.c_str());
        target_ = xft().XftDrawCreate(display, window, place.visual, place.colormap);
        coloured_ =
            face && target_ && xft().XftColorAllocValue(display, place.visual, place.colormap, &white, &colour_);
    }
    ~Pen() {
        if (coloured_)
            xft().XftColorFree(display_, place.visual, place.colormap, &colour_);
        if (target_)
            xft().XftDrawDestroy(target_);
        if (face)
            xft().XftFontClose(display_, face);
    }
    Pen(const Pen &) = delete;
    Pen &operator=(const Pen &) = delete;

    /// A machine without any font writes nothing.
    bool writes() const { return coloured_ != 0; }
    int widthOf(std::string_view text) const {
        XGlyphInfo extent{};
        xft().XftTextExtentsUtf8(display_, face, bytes(text), static_cast<int>(text.size()), &extent);
        return extent.xOff;
    }
    void write(std::string_view text, int left, int baseline) {
        xft().XftDrawStringUtf8(target_, &colour_, face, left, baseline, bytes(text), static_cast<int>(text.size()));
    }

    XWindowAttributes place{};
    XftFont *face = nullptr;

  private:
    static const FcChar8 *bytes(std::string_view text) { return reinterpret_cast<const FcChar8 *>(text.data()); }

    Display *const display_;
    XftDraw *target_ = nullptr;
    XftColor colour_{};
    int coloured_ = 0;
};

void Captions::set(Window window, const std::string &text) {
    texts_[window] = {text};
    draw(window);
}

void Captions::setLines(Window window, const std::string &lines, int pixelSize) {
    texts_[window] = {lines, pixelSize};
    const Pen pen(display_, window, lineFont(pixelSize));
    if (!pen.writes())
        return;
    int width = 0;
    int height = 0;
    forEachLine(lines, [&](std::string_view line) {
        width = std::max(width, pen.widthOf(line));
        height += pen.face->height;
    });
    const int margin = lineMargin(pixelSize);
    width += 2 * margin;
    height += 2 * margin;
    // Drawn when the new size is told of, else now.
    if (width != pen.place.width || height != pen.place.height)
        x11().XMoveResizeWindow(display_, window, pen.place.x, pen.place.y, static_cast<unsigned>(width),
                                static_cast<unsigned>(height));
    draw(window);
}

void Captions::draw(Window window) {
    const auto found = texts_.find(window);
    if (found == texts_.end())
        return;
    const auto &[text, pixelSize] = found->second;
    if (pixelSize > 0) {
        Pen pen(display_, window, lineFont(pixelSize));
        if (pen.writes()) {
            x11().XClearWindow(display_, window);
            int baseline = lineMargin(pixelSize) + pen.face->ascent;
            forEachLine(text, [&](std::string_view line) {
                pen.write(line, lineMargin(pixelSize), baseline);
                baseline += pen.face->height;
            });
        }
    } else if (const std::optional<engine::Size> size = sizeOf(display_, window)) {
        Pen pen(display_, window, "sans-serif:pixelsize=" + std::to_string(std::max(8, size->height * 6 / 10)));
        if (pen.writes()) {
            x11().XClearWindow(display_, window);
            pen.write(text, std::max(0, (size->width - pen.widthOf(text)) / 2),
                      (size->height + pen.face->ascent - pen.face->descent) / 2);
        }
    }
    x11().XFlush(display_);
}

} // namespace rtcroom::window
