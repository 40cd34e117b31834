#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "embedded/capture/DeviceInput.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// What a camera can deliver.
struct CameraMode {
    /// FFmpeg's name of the pixel format or the codec.
    std::string format;
    engine::Size size;
    double fps = 0;
    bool operator==(const CameraMode &) const = default;
};

/// The mode that lacks least of the wanted size and rate; of those that lack the same the smallest, uncompressed,
/// slowest. Nothing of an empty list.
std::optional<CameraMode> chooseMode(const std::vector<CameraMode> &modes, engine::Size size, int fps);

/// The cameras of a machine. From any thread.
class Cameras {
  public:
    virtual ~Cameras() = default;
    /// Opens none of them. Throws EngineException (DeviceFailed: the machine lacks libavdevice).
    virtual std::vector<engine::Device> list() = 0;
    /// In the mode nearest to what is wanted. Blocks; throws as AvDevice.
    virtual std::unique_ptr<DeviceInput> open(const engine::Device &camera, engine::Size size, int fps,
                                              std::shared_ptr<std::atomic<bool>> abort) = 0;
};

/// By libavdevice: V4L2 on Linux, DirectShow on Windows.
std::shared_ptr<Cameras> systemCameras();

/// The one with that number. Throws EngineException(InvalidArgument) when there is none.
engine::Device cameraAt(const std::vector<engine::Device> &cameras, int index);

} // namespace rtcroom::embedded
