#pragma once

#include <string>
#include <vector>

#include "engine/Options.h"
#include "liteav/v2/Calls.h"

namespace rtcroom::liteav::v2 {

/// The devices of a kind; `id` is the SDK's PID.
std::vector<engine::Device> listDevices(const SlotTable &slots, const DeviceManagerCalls &manager, DeviceType type);
/// Throws InvalidArgument for an index that is not there.
std::string deviceId(const std::vector<engine::Device> &devices, int index, const char *what);

/// Throws SdkFailed where the SDK gives no manager.
DeviceManagerCalls deviceManagerOf(const SlotTable &slots, const PusherCalls &pusher);

/// What can be shared; `id` is the kind and the SDK's handle.
std::vector<engine::ScreenCaptureSource> listSources(const SlotTable &slots, const PusherCalls &pusher,
                                                     const engine::Size &thumbnail);
/// Captures the source `id`, or for an empty one the main screen. Throws InvalidArgument when it is gone.
void selectSource(const SlotTable &slots, const PusherCalls &pusher, const std::string &id, const engine::Rect &region,
                  const engine::ScreenCaptureProperty &property);
/// The id that listSources gives a window.
std::string windowSourceId(uint64_t windowHandle);

} // namespace rtcroom::liteav::v2
