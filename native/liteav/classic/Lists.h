#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/Error.h"
#include "engine/Event.h"
#include "engine/Options.h"
#include "liteav/classic/Calls.h"
#include "liteav/classic/Types.h"

namespace rtcroom::liteav::classic {

std::vector<engine::Device> listCameras(const PusherObject &sdk);
std::vector<engine::Device> listMicrophones(const PusherObject &sdk);
std::vector<engine::Device> listSpeakers(const PlayerObject &sdk);
/// Throws InvalidArgument for an index that is not there.
uint32_t requireIndex(const std::vector<engine::Device> &devices, int index, const char *what);

std::vector<engine::ScreenCaptureSource> listSources(const PusherObject &sdk, const engine::Size &thumbnail);
/// Throws InvalidArgument when the source is gone.
void selectSource(const PusherObject &sdk, const std::string &id, const engine::Rect &region,
                  const engine::ScreenCaptureProperty &property);

/// The client area of a window, which the 2018 SDK wants beside the handle; empty elsewhere than on Windows.
Rect clientArea(uint64_t windowHandle);

/// The error that an event which ends a push or a playback stands for; null for others.
const engine::ErrorCode *finalError(int event);

/// captureVideoSnapShot's path: these SDKs write .jpg only. Throws SnapshotFailed.
void requireJpegPath(const std::string &path);
/// What the SDK's return or event code says; nothing for 0.
engine::Error snapshotError(int code);

} // namespace rtcroom::liteav::classic
