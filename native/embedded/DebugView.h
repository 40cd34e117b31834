#pragma once

#include <mutex>
#include <optional>

#include "engine/Event.h"
#include "engine/Status.h"
#include "window/WindowRenderer.h"

namespace rtcroom::embedded {

/// What showDebugView() shows above the picture in the window, and nowhere else. From any thread.
class DebugView {
  public:
    enum class Level { Off = 0, Brief = 1, Full = 2 };

    DebugView(engine::Side side, window::WindowRenderer &renderer) : side_(side), renderer_(renderer) {}

    /// The SDK's 0 to 2. Throws EngineException: InvalidArgument; WindowFailed where the machine cannot draw text.
    void setLevel(int level);
    /// The newest report of what is pushed or played.
    void update(const engine::Status &status);
    /// Nothing is pushed or played.
    void idle();

  private:
    void show();

    const engine::Side side_;
    window::WindowRenderer &renderer_;
    std::mutex mutex_;
    Level level_ = Level::Off;
    std::optional<engine::Status> status_;
};

} // namespace rtcroom::embedded
