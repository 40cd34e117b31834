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

    void set(Window window, const std::string &text);
    void forget(Window window) { texts_.erase(window); }
    /// After the window was uncovered or resized; nothing for a window without a text.
    void draw(Window window);

  private:
    Display *const display_;
    std::map<Window, std::string> texts_;
};

} // namespace rtcroom::window
