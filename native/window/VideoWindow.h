#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/Error.h"
#include "window/Viewport.h"

namespace rtcroom::window {

struct WindowOptions {
    std::string title{};
    /// Of the inside, px; 1 to 16384.
    int width = 960;
    int height = 540;
    /// Px of the desktop; in the middle when one is left out.
    std::optional<int> left{};
    std::optional<int> top{};
    bool fullscreen = false;
    bool borderless = false;
    bool resizable = true;
};

struct WindowEvent {
    enum class Kind {
        /// The user wants it closed (its button, Alt-F4); nothing happens by itself.
        CloseRequest,
        /// The inside has a new size.
        Resize,
        Key,
        /// The last one: closed by close(), or by others.
        Closed,
    };
    Kind kind = Kind::Closed;
    /// Resize: px.
    engine::Size size{};
    /// Key: SDL's name ("Escape", "Return", "A", "F11"), and what was held with it.
    std::string key{};
    bool repeat = false;
    bool alt = false;
    bool control = false;
    bool shift = false;
    /// Closed: why, when it was not by close().
    std::string reason{};
};

/// Called on the window thread; must return at once. Nothing is called after the window's close has completed.
class WindowListener {
  public:
    virtual ~WindowListener() = default;
    virtual void onWindowEvent(const WindowEvent &event) = 0;
};

class WindowThread;

/// A top-level window of the desktop, black, whose handle pictures can be shown in. The rules of engine::Pusher hold:
/// no call waits for the desktop, setters throw EngineException, any call after close throws Closed.
class VideoWindow {
  public:
    /// Throws EngineException(InvalidArgument). Nothing is shown before open().
    VideoWindow(const WindowOptions &options, WindowListener &listener);
    ~VideoWindow();
    VideoWindow(const VideoWindow &) = delete;
    VideoWindow &operator=(const VideoWindow &) = delete;

    /// Done when the window is there, or with WindowFailed, and then it is closed. Once.
    void open(engine::Completion done);
    /// From open's success to the end, whoever ends it.
    bool isOpen() const;
    /// HWND or X11 window; 0 while it is not open.
    uint64_t handle() const;
    /// Of the inside, px.
    int width() const;
    int height() const;

    void setTitle(const std::string &title);
    void setFullscreen(bool fullscreen);
    /// Of the inside; 1 to 16384 px.
    void setSize(int width, int height);
    void show();
    void hide();
    void minimize();
    void restore();
    /// A line of text, white on dark, along the lower edge and above all pictures; empty takes it away.
    /// WindowFailed where the machine cannot draw text.
    void setCaption(const std::string &text);

    /// A window within this one for a further picture, above what is shown in the whole. `id` is the caller's choice.
    /// Done with InvalidState while the window is not open or has that id.
    void openRegion(int id, int left, int top, int width, int height, engine::Completion done);
    void moveRegion(int id, int left, int top, int width, int height);
    /// None of that id is nothing.
    void closeRegion(int id);
    /// 0 when there is none.
    uint64_t regionHandle(int id) const;

    /// Done when the window is gone. Twice is nothing.
    void close(engine::Completion done);

  private:
    class Impl;
    /// Declared first, so that it ends last: after what it runs has let go of the window.
    std::shared_ptr<WindowThread> thread_;
    std::shared_ptr<Impl> impl_;
};

} // namespace rtcroom::window
