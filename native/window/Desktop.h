#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/Options.h"

namespace rtcroom::window {

/// What can be seen on the desktop: its screens and all programs' windows. Belongs to one thread at a time.
class Desktop {
  public:
    struct Screen {
        std::string name;
        /// On the desktop, in its pixels.
        engine::Rect area;
        bool main = false;
    };
    struct Window {
        uint64_t handle = 0;
        std::string title;
        bool minimized = false;
    };
    struct Place {
        /// Of the inside, on the desktop; parts of it may lie outside.
        engine::Rect area;
        /// False while it is minimised or hidden.
        bool visible = false;
    };

    /// Throws EngineException: WindowFailed (no display), Unsupported (none of this platform's is known here).
    static std::unique_ptr<Desktop> open();
    virtual ~Desktop() = default;

    /// From left to right; one at least.
    virtual std::vector<Screen> screens() = 0;
    /// Those with a title that a user would call windows, the minimised ones as well.
    virtual std::vector<Window> windows() = 0;
    /// Nothing when the window is gone.
    virtual std::optional<Place> place(uint64_t window) = 0;
    /// The display is lost, and everything with it.
    virtual bool lost() const = 0;
};

} // namespace rtcroom::window
