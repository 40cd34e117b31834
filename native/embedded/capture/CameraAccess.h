#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "embedded/capture/Cameras.h"

namespace rtcroom::embedded {

/// How one waits for a device.
struct DeviceWait {
    /// Ends it; null is never.
    std::shared_ptr<std::atomic<bool>> abort{};
    /// Called every 10 ms or more often, on the thread that waits.
    std::function<void()> meanwhile{};

    bool aborted() const { return abort && *abort; }
};

/// How long a camera may take to open, and all of them to be listed, which a call from JavaScript waits for.
struct CameraPatience {
    std::chrono::milliseconds open{10'000};
    std::chrono::milliseconds list{4'000};
};

/// The cameras, whose drivers may take their time or never answer, which nobody can interrupt: what asks them runs on
/// threads of its own that nobody waits for longer than he likes. One that is abandoned ends by itself, and closes what
/// it has opened; until then its camera, in the whole process, is not asked again, so that one driver holds one thread.
/// A camera is closed by the thread that has opened it, as DirectShow wants it. From any thread.
class CameraAccess {
  public:
    CameraAccess(std::shared_ptr<Cameras> cameras, CameraPatience patience)
        : cameras_(std::move(cameras)), patience_(patience) {}

    /// As Cameras::list. Throws EngineException also: DeviceFailed when they do not answer in time, Aborted.
    std::vector<engine::Device> list(const DeviceWait &wait = {}) const;
    /// As Cameras::open, in turn with another opening and closing of this camera. The wait's flag is given to what is
    /// opened, whose destructor waits for its closing for 500 ms at most. Throws EngineException also: DeviceFailed
    /// when the camera does not answer in time, Aborted.
    std::unique_ptr<DeviceInput> open(const engine::Device &camera, engine::Size size, int fps,
                                      const DeviceWait &wait) const;

  private:
    std::shared_ptr<Cameras> cameras_;
    CameraPatience patience_;
};

} // namespace rtcroom::embedded
