#pragma once

#include <cstddef>
#include <cstdint>

// Structs of the interface generation; the 2018 one has RECT only.
namespace rtcroom::liteav::classic {

/// RECT of Windows.
struct Rect {
    int32_t left = 0;
    int32_t top = 0;
    int32_t right = 0;
    int32_t bottom = 0;
};

/// SIZE of Windows.
struct Size {
    int32_t width = 0;
    int32_t height = 0;
};

struct VideoFrame {
    int format;
    int bufferType;
    char *data;
    int textureId;
    uint32_t length;
    uint32_t width;
    uint32_t height;
    alignas(8) uint64_t timestampMs;
    int rotation;
};

struct AudioFrame {
    int format;
    char *data;
    uint32_t length;
    uint32_t sampleRate;
    uint32_t channel;
    alignas(8) uint64_t timestampMs;
};

struct ImageBuffer {
    const char *buffer;
    uint32_t length;
    uint32_t width;
    uint32_t height;
};

/// Later releases append members: read and passed in a larger, zeroed room.
struct SourceInfo {
    int type;
    void *id;
    const char *name;
    ImageBuffer thumb;
    ImageBuffer icon;
    uint8_t minimized;
    uint8_t mainScreen;
};

struct CaptureProperty {
    uint8_t captureMouse;
    uint8_t highLight;
    uint8_t highPerformance;
    int highLightColor;
    int highLightWidth;
    uint8_t childWindow;
};

static_assert(sizeof(VideoFrame) == 48 && offsetof(VideoFrame, timestampMs) == 32 &&
              offsetof(VideoFrame, rotation) == 40);
#if UINTPTR_MAX > 0xFFFFFFFF
static_assert(offsetof(VideoFrame, data) == 8 && offsetof(VideoFrame, length) == 20 &&
              offsetof(VideoFrame, height) == 28);
static_assert(sizeof(AudioFrame) == 40 && offsetof(AudioFrame, length) == 16 &&
              offsetof(AudioFrame, timestampMs) == 32);
static_assert(offsetof(SourceInfo, name) == 16 && offsetof(SourceInfo, icon) == 48);
#else
static_assert(offsetof(VideoFrame, length) == 16 && offsetof(VideoFrame, height) == 24);
static_assert(sizeof(AudioFrame) == 32 && offsetof(AudioFrame, timestampMs) == 24);
#endif
static_assert(sizeof(CaptureProperty) == 16);

} // namespace rtcroom::liteav::classic
