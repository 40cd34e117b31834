#pragma once

#include <cstdint>
#include <string>

#include "embedded/media/ffmpeg.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

/// The SDK's return codes of captureVideoSnapShot.
namespace snapshotCode {
inline constexpr int failed = -1;
inline constexpr int badPath = -2;
inline constexpr int fileExists = -3;
inline constexpr int notPlaying = -4;
} // namespace snapshotCode

/// SnapshotFailed with a snapshotCode.
engine::Error snapshotError(int nativeCode, std::string message);

/// Throws SnapshotFailed with badPath unless the path ends in .png, .jpg or .jpeg. Asks no disk.
void checkPictureEnding(const std::string &path);

/// Throws what writePicture would throw for the path alone: SnapshotFailed with badPath or fileExists.
void checkPicturePath(const std::string &path);

/// Writes a picture as PNG (.png) or JPEG (.jpg, .jpeg), by the path's ending, through a temporary file beside it.
/// Throws EngineException SnapshotFailed with a snapshotCode.
void writePicture(const AVFrame &frame, const std::string &path);
/// The same of packed BGRA rows (the alpha is not looked at): width × height × 4 bytes.
void writePicture(const uint8_t *bgra, int width, int height, const std::string &path);

} // namespace rtcroom::embedded
