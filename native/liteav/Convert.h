#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/Error.h"
#include "engine/Frame.h"
#include "engine/Options.h"

namespace rtcroom::liteav {

/// The SDK's older volumes are 0–65535, the current ones 0–100. Throws InvalidArgument outside of 0–65535.
int volumeToPercent(int volume);
int percentToVolume(int percent);

/// Largest side of a picture or frame that is believed, px.
inline constexpr int MAX_SIDE = 16384;

/// A window's handle as the SDK takes it.
inline void *windowOf(uint64_t handle) { return reinterpret_cast<void *>(static_cast<uintptr_t>(handle)); }

/// The scheme in small letters, empty without one.
std::string schemeOf(std::string_view url);

using engine::requireRange;
/// 1 is the whole picture, 2 fills the window; throws InvalidArgument for others.
void requireRenderMode(int mode);
/// 1 to 4 for 0°, 90°, 180°, 270°; throws InvalidArgument for others.
void requireRotation(int rotation);
/// What the application sends, and before it the source of it. They throw Unsupported for what is encoded already.
void requireRaw(const engine::VideoSourceOptions &options);
void requireRaw(const engine::AudioSourceOptions &options);
void requireVideo(const engine::UserVideo &video);
void requireAudio(const engine::UserAudio &audio);
/// Throws InvalidArgument for a negative or an inverted region.
void requireRegion(const engine::Rect &region);
/// Throws for options that no generation of the SDK has a place for.
void requireDefaults(const engine::PusherOptions &options);
/// What the SDK hands out is the stream's own: throws InvalidArgument, Unsupported.
void requireDefaults(const engine::OutputVideoOptions &options);
void requireDefaults(const engine::OutputAudioOptions &options);

/// setLivePlayAttribute's JSON as the SDK takes it. Absent members stay at their defaults.
struct LivePlayAttribute {
    bool autoAdjust = true;
    double cacheSeconds = 5;
    double maxCacheSeconds = 5;
    double minCacheSeconds = 1;
    bool hasCache = false;
    /// Negative: not given.
    int retryCount = -1;
    int retryIntervalSeconds = -1;
};
/// As engine::parseLivePlayAttribute; throws Unsupported for VideoBlockThreshold where it has no place.
LivePlayAttribute parseLivePlayAttribute(const std::string &json, bool hasBlockThreshold = false);

/// A frame of the SDK as the contract's; false when its numbers do not fit. Bytes are copied.
bool copyI420(engine::FramePool &pool, const char *data, int64_t length, int width, int height,
              engine::VideoFrame &frame);
/// Four bytes a pixel; `swap` turns BGRA into RGBA.
bool copyRgba(engine::FramePool &pool, const char *data, int64_t length, int width, int height, bool swap,
              engine::VideoFrame &frame);
/// A picture of a list (BGRA); empty when its numbers do not fit.
engine::Thumbnail thumbnailOf(const char *data, int64_t length, int64_t width, int64_t height);
bool copyPcm(engine::FramePool &pool, const char *data, int64_t length, int sampleRate, int channels,
             engine::AudioFrame &frame);

} // namespace rtcroom::liteav
