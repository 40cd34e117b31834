#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "window/Canvas.h"

namespace rtcroom::window {

/// Shows pictures in a window of this process or of another. Has no thread until it is attached, and never makes its
/// caller wait: pictures go to the window thread, where the newest wins.
class WindowRenderer {
  public:
    /// `lost` comes once an attachment, on the window thread: the window is gone or cannot be drawn into.
    explicit WindowRenderer(Canvas::Lost lost) : lost_(std::move(lost)) {}
    /// No `lost` comes afterwards.
    ~WindowRenderer() { detach(); }
    WindowRenderer(const WindowRenderer &) = delete;
    WindowRenderer &operator=(const WindowRenderer &) = delete;

    // All from any thread.
    /// In place of the window before, if any; 0 is none. Throws EngineException(WindowFailed) and changes nothing when
    /// there is no such window or no display.
    void attach(uint64_t window);
    /// attach() in two steps, for work in between that may fail: check() throws what attach() throws and changes
    /// nothing; a window that dies between them is told by `lost`.
    void check(uint64_t window) const;
    void attachChecked(uint64_t window);
    void detach();
    /// False again when the window is lost.
    bool attached() const;
    /// Nothing while it is not attached.
    void show(Picture picture);
    /// Black, until the next picture.
    void clear();
    /// The SDK's numbers; throw EngineException(InvalidArgument). Kept over attachments.
    void setRenderMode(int mode);
    void setRotation(int rotation);
    void setMirror(bool mirror);
    /// Lines of text above the pictures, apart by newlines; empty takes them away. Kept over attachments.
    void setStatus(const std::string &lines);

  private:
    struct Attachment {
        std::shared_ptr<WindowThread> thread;
        std::shared_ptr<Canvas> canvas;
    };
    template <typename Change> void changeLook(Change change);
    static void end(Attachment attachment);

    const Canvas::Lost lost_;
    mutable std::mutex mutex_;
    Attachment attachment_;
    uint64_t window_ = 0;
    Look look_;
    std::string status_;
};

} // namespace rtcroom::window
