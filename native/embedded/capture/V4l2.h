#pragma once

#include <string>
#include <vector>

#include "embedded/capture/Cameras.h"

namespace rtcroom::embedded {

// What Linux tells of a camera and libavdevice does not pass on. Linux only; both open the device for a moment.

/// False of a device's second file, which carries no pictures, and of outputs.
bool isV4l2Camera(const std::string &file);

/// The camera's modes in formats that are decoded here; empty when it does not tell.
std::vector<CameraMode> v4l2Modes(const std::string &file);

} // namespace rtcroom::embedded
