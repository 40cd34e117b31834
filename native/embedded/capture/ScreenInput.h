#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "embedded/capture/DeviceInput.h"
#include "engine/Options.h"
#include "window/Desktop.h"

namespace rtcroom::embedded {

/// What of the desktop is captured.
struct ScreenTarget {
    /// 0 is a screen.
    uint64_t window = 0;
    /// Of the screen; empty is the main one.
    std::string screen{};
    /// Pixels of the screen or the window; all zero is the whole of it.
    engine::Rect region{};
    /// Of a window: what the screen shows at its place, for windows that cannot be read themselves.
    bool atItsPlace = false;
    bool cursor = true;
    bool operator==(const ScreenTarget &) const = default;
};

/// Of all screens and windows, in the form that applications see, with thumbnails of at most that size (0 by 0 is none;
/// what is minimised has none). Throws as Desktop does.
std::vector<engine::ScreenCaptureSource> listScreenSources(engine::Size thumbnail = {});
/// The target that an id of listScreenSources() names; empty is the main screen. Throws InvalidArgument when none has
/// it.
ScreenTarget screenTargetOf(const std::string &id, const engine::Rect &region);

/// A screen, a window or a region of either, as it is on the display. A window is followed where it goes; while it is
/// minimised nothing comes.
class ScreenInput final : public DeviceInput {
  public:
    /// Throws EngineException: WindowFailed (no display, no such window), InvalidArgument (the region lies outside), as
    /// AvDevice else.
    ScreenInput(const ScreenTarget &target, std::shared_ptr<std::atomic<bool>> abort);

    Reading read(AVFrame &picture, int64_t &captureUs) override;
    Reading skip() override { return Reading::Nothing; }
    bool onDemand() const override { return true; }
    std::string whyGone() const override { return whyGone_; }

    /// What is read of what; public for tests.
    struct View {
        /// 0 is the desktop.
        uint64_t window = 0;
        /// Within it; empty when nothing of it can be seen.
        engine::Rect area;
        bool operator==(const View &) const = default;
    };
    /// @param place of the window, or of the screen
    static View viewOf(const ScreenTarget &target, const engine::Rect &place, const engine::Rect &desktop);

  private:
    /// Nothing when the target is gone.
    std::optional<View> look();
    void open(const View &view);
    Reading fail(const std::string &why);

    const ScreenTarget target_;
    const std::unique_ptr<window::Desktop> desktop_;
    const std::shared_ptr<std::atomic<bool>> abort_;
    std::optional<View> opened_;
    std::unique_ptr<AvDevice> device_;
    std::vector<window::Desktop::Screen> screens_;
    int64_t screensReadUs_ = 0;
    int failures_ = 0;
    std::string whyGone_;
};

} // namespace rtcroom::embedded
