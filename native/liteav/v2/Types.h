#pragma once

#include <cstddef>
#include <cstdint>

// Structs and numbers of the current generation. Offsets and sizes are those of the x64 package 12.2 and the same in
// R2 to R4 unless said.
namespace rtcroom::liteav::v2 {

namespace code {
inline constexpr int OK = 0;
inline constexpr int FAILED = -1;
inline constexpr int INVALID_PARAMETER = -2;
inline constexpr int REFUSED = -3;
inline constexpr int NOT_SUPPORTED = -4;
inline constexpr int INVALID_LICENSE = -5;
inline constexpr int REQUEST_TIMEOUT = -6;
inline constexpr int SERVER_PROCESS_FAILED = -7;
inline constexpr int DISCONNECTED = -8;
inline constexpr int NO_HEVC_DECODER = -2304;
} // namespace code

enum class Mode : int { Rtmp = 0, Rtc = 1 };
enum class PushStatus : int { Disconnected = 0, Connecting = 1, ConnectSuccess = 2, Reconnecting = 3 };
enum class PixelFormat : int { Unknown = 0, I420 = 1, Bgra32 = 2, Rgba32 = 3 };
enum class BufferType : int { Unknown = 0, ByteBuffer = 1 };
enum class FillMode : int { Fill = 0, Fit = 1 };
enum class MirrorType : int { Auto = 0, Enable = 1, Disable = 2 };
enum class AudioQuality : int { Speech = 0, Default = 1, Music = 2 };
enum class DeviceType : int { Mic = 0, Speaker = 1, Camera = 2 };
enum class DeviceState : int { Add = 0, Remove = 1, Active = 2, DefaultChanged = 3 };
enum class SourceType : int { Unknown = -1, Window = 0, Screen = 1, Custom = 2 };

struct VideoEncoderParam {
    int resolution;
    int portrait;
    uint32_t fps;
    uint32_t bitrateKbps;
    uint32_t minBitrateKbps;
};

/// R4's, which has a texture at its end; earlier ones end before `textureId`.
struct VideoFrame {
    PixelFormat pixelFormat;
    BufferType bufferType;
    char *data;
    int32_t length;
    int32_t width;
    int32_t height;
    int rotation;
    int textureId;
    void *glContext;
};

struct AudioFrame {
    char *data;
    uint32_t length;
    uint32_t sampleRate;
    uint32_t channel;
};

struct PusherStatistics {
    int32_t appCpu;
    int32_t systemCpu;
    int32_t width;
    int32_t height;
    int32_t fps;
    int32_t videoBitrate;
    int32_t audioBitrate;
    int32_t rtt;
    int32_t netSpeed;
};

struct PlayerStatistics {
    int32_t appCpu;
    int32_t systemCpu;
    int32_t width;
    int32_t height;
    int32_t fps;
    int32_t videoBitrate;
    int32_t audioBitrate;
    int32_t audioPacketLoss;
    int32_t videoPacketLoss;
    int32_t jitterBufferDelay;
    int32_t audioTotalBlockTime;
    int32_t audioBlockRate;
    int32_t videoTotalBlockTime;
    int32_t videoBlockRate;
    int32_t rtt;
    int32_t netSpeed;
};

struct Image {
    const char *src;
    int type;
    uint32_t width;
    uint32_t height;
    uint32_t length;
};

struct SourceInfo {
    SourceType type;
    void *id;
    const char *name;
    Image thumb;
    Image icon;
    uint8_t minimized;
    uint8_t mainScreen;
};

struct CaptureProperty {
    uint8_t captureMouse;
    uint8_t highlightBorder;
    uint8_t highPerformance;
    int borderColor;
    int borderSize;
    uint8_t childWindow;
};

struct Size {
    uint64_t width;
    uint64_t height;
};

struct Rect {
    uint64_t left;
    uint64_t top;
    uint64_t right;
    uint64_t bottom;
};

/// R4.
struct RecordingParams {
    const char *path;
    int mode;
    int intervalMs;
};

#if UINTPTR_MAX > 0xFFFFFFFF
static_assert(sizeof(VideoEncoderParam) == 20 && offsetof(VideoEncoderParam, minBitrateKbps) == 16);
static_assert(sizeof(VideoFrame) == 48 && offsetof(VideoFrame, data) == 8 && offsetof(VideoFrame, length) == 16 &&
              offsetof(VideoFrame, rotation) == 28 && offsetof(VideoFrame, textureId) == 32 &&
              offsetof(VideoFrame, glContext) == 40);
static_assert(sizeof(AudioFrame) == 24 && offsetof(AudioFrame, length) == 8 && offsetof(AudioFrame, channel) == 16);
static_assert(sizeof(PusherStatistics) == 36 && offsetof(PusherStatistics, netSpeed) == 32);
static_assert(sizeof(PlayerStatistics) == 64 && offsetof(PlayerStatistics, jitterBufferDelay) == 36 &&
              offsetof(PlayerStatistics, rtt) == 56 && offsetof(PlayerStatistics, netSpeed) == 60);
static_assert(sizeof(Image) == 24 && offsetof(Image, type) == 8 && offsetof(Image, length) == 20);
static_assert(sizeof(SourceInfo) == 80 && offsetof(SourceInfo, id) == 8 && offsetof(SourceInfo, name) == 16 &&
              offsetof(SourceInfo, thumb) == 24 && offsetof(SourceInfo, icon) == 48 &&
              offsetof(SourceInfo, minimized) == 72 && offsetof(SourceInfo, mainScreen) == 73);
static_assert(sizeof(CaptureProperty) == 16 && offsetof(CaptureProperty, borderColor) == 4 &&
              offsetof(CaptureProperty, childWindow) == 12);
static_assert(sizeof(Size) == 16 && sizeof(Rect) == 32);
static_assert(sizeof(RecordingParams) == 16 && offsetof(RecordingParams, mode) == 8);
#endif

/// The exports that are used. Function pointers, so that a test can stand in for the library.
struct Exports {
    void *(*createPusher)(int mode) = nullptr;
    void (*releasePusher)(void *) = nullptr;
    void *(*createPlayer)() = nullptr;
    void (*releasePlayer)(void *) = nullptr;
    const char *(*version)() = nullptr;
    /// Not every revision has it.
    void (*setLicence)(const char *url, const char *key) = nullptr;
};

} // namespace rtcroom::liteav::v2
