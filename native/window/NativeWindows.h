#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/Options.h"
#include "window/Sdl.h"
#include "window/Viewport.h"

namespace rtcroom::window {

struct NativeEvent {
    /// Unmapped: taken from the screen, as X11's window managers do to minimise; nowhere else.
    enum class Kind { Exposed, Resized, Unmapped, Destroyed };
    uint64_t window;
    Kind kind;
};

/// What SDL has no word for: child windows in any window of the desktop, and other programs' windows. All but
/// requireWindow() belongs to the window thread.
class NativeWindows {
  public:
    /// Before SDL's video starts: its connection to the desktop may be lost meanwhile. Throws
    /// EngineException(WindowFailed).
    static void prepare();
    /// After SDL's video has started. Throws EngineException(WindowFailed).
    static std::unique_ptr<NativeWindows> create();
    virtual ~NativeWindows() = default;

    enum class Order { Bottom, Top };
    /// A black child that lets the mouse and the keyboard through to its parent. Throws EngineException(WindowFailed).
    virtual uint64_t createChild(uint64_t parent, const Area &area, Order order) = 0;
    /// Gone already is nothing.
    virtual void destroyChild(uint64_t child) = 0;
    virtual void placeChild(uint64_t child, const Area &area) = 0;
    virtual void raiseChild(uint64_t child) = 0;
    /// One line of UTF-8 in the middle of a child, as large as fits; white on the child's black.
    virtual void setText(uint64_t child, const std::string &text) = 0;
    /// Lines of UTF-8, each ended by a newline but the last, in letters of that height (px), from the left; white on
    /// the child's black. The child becomes as large as they are.
    virtual void setLines(uint64_t child, const std::string &lines, int pixelSize) = 0;
    /// Of the inside; nothing when the window is gone.
    virtual std::optional<engine::Size> size(uint64_t window) = 0;
    /// poll() tells of the window's resizing and end from now on.
    virtual void watch(uint64_t window) = 0;
    virtual std::vector<NativeEvent> poll() = 0;
    /// SDL's next event; false when there is none, or when the desktop is lost meanwhile.
    virtual bool nextSdlEvent(SDL_Event &event) = 0;
    /// Without one nobody makes a window full-screen or minimises it.
    virtual bool hasWindowManager() = 0;
    /// The connection to the desktop is lost: no window is left, and none can be made. Asks the system.
    virtual bool lost() const = 0;
    /// The same, as far as a call has met with it.
    virtual bool lossNoticed() const = 0;
    /// The last call but of the destructor, which comes after SDL's video has ended: errors of its connection are taken
    /// until then.
    virtual void beforeSdlEnds() {}
};

/// From any thread, at once. Throws EngineException(WindowFailed): no window system here, no display, or no window has
/// that handle.
void requireWindow(uint64_t handle);

/// From any thread. Throws EngineException(WindowFailed) when the machine lacks what setText() and setLines() need.
void requireText();

} // namespace rtcroom::window
