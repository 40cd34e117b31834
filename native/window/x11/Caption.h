#pragma once

#include <map>
#include <string>

#include "window/x11/X11.h"

namespace rtcroom::window {

/// Text in child windows, drawn by Xft: with the desktop's fonts, in any script that they have.
class Captions {
  public:
    explicit Captions(Display *display) : display_(display) {}
    /// Throws EngineException(WindowFailed) without Xft's library.
    static void require();

    /// One line in the middle, as large as fits.
    void set(Window window, const std::string &text);
    /// Lines from the left, in letters of that height; the window becomes as large as they are.
    void setLines(Window window, const std::string &lines, int pixelSize);
    void forget(Window window) { texts_.erase(window); }
    /// After the window was uncovered or resized; nothing for a window without a text.
    void draw(Window window);

  private:
    struct Text {
        std::string text;
        /// 0: one line that fits.
        int pixelSize = 0;
    };
    class Pen;

    Display *const display_;
    std::map<Window, Text> texts_;
};

} // namespace rtcroom::window
