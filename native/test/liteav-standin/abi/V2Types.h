#pragma once

// Structs and enums of the V2 interface, as the vendor's headers of revisions R2–R4 declare them for the desktop.
// STANDIN_REVISION (2, 3 or 4) is given by the build.

#include <stddef.h>
#include <stdint.h>

namespace liteav {

enum V2TXLiveMode { V2TXLiveMode_RTMP, V2TXLiveMode_RTC };
enum V2TXLiveVideoResolution : int {};
enum V2TXLiveVideoResolutionMode { V2TXLiveVideoResolutionModeLandscape, V2TXLiveVideoResolutionModePortrait };
enum V2TXLiveMirrorType { V2TXLiveMirrorTypeAuto, V2TXLiveMirrorTypeEnable, V2TXLiveMirrorTypeDisable };
enum V2TXLiveFillMode { V2TXLiveFillModeFill, V2TXLiveFillModeFit, V2TXLiveFillModeScaleFill };
enum V2TXLiveRotation { V2TXLiveRotation0, V2TXLiveRotation90, V2TXLiveRotation180, V2TXLiveRotation270 };
enum V2TXLivePixelFormat {
    V2TXLivePixelFormatUnknown,
    V2TXLivePixelFormatI420,
    V2TXLivePixelFormatBGRA32,
    V2TXLivePixelFormatRGBA32,
    V2TXLivePixelFormatTexture2D,
};
enum V2TXLiveBufferType { V2TXLiveBufferTypeUnknown, V2TXLiveBufferTypeByteBuffer, V2TXLiveBufferTypeTexture };
enum V2TXLiveAudioQuality { V2TXLiveAudioQualitySpeech, V2TXLiveAudioQualityDefault, V2TXLiveAudioQualityMusic };
enum V2TXLivePushStatus {
    V2TXLivePushStatusDisconnected,
    V2TXLivePushStatusConnecting,
    V2TXLivePushStatusConnectSuccess,
    V2TXLivePushStatusReconnecting,
};
enum V2TXLiveBeautyStyle { V2TXLiveBeautySmooth, V2TXLiveBeautyNature };
enum V2TXLiveImageType { V2TXLiveImageTypeFile, V2TXLiveImageTypeBGRA32, V2TXLiveImageTypeRGBA32 };
enum V2TXLiveRecordMode { V2TXLiveRecordModeBoth };
enum V2TXLiveScreenCaptureSourceType {
    V2TXLiveScreenCaptureSourceTypeUnknown = -1,
    V2TXLiveScreenCaptureSourceTypeWindow,
    V2TXLiveScreenCaptureSourceTypeScreen,
    V2TXLiveScreenCaptureSourceTypeCustom,
};
enum V2TXLiveLogLevel : int {};

enum V2TXLiveCode {
    V2TXLIVE_OK = 0,
    V2TXLIVE_ERROR_FAILED = -1,
    V2TXLIVE_ERROR_INVALID_PARAMETER = -2,
    V2TXLIVE_ERROR_REFUSED = -3,
    V2TXLIVE_ERROR_NOT_SUPPORTED = -4,
    V2TXLIVE_ERROR_INVALID_LICENSE = -5,
    V2TXLIVE_ERROR_REQUEST_TIMEOUT = -6,
};

struct V2TXLiveVideoEncoderParam {
    V2TXLiveVideoResolution videoResolution;
    V2TXLiveVideoResolutionMode videoResolutionMode;
    uint32_t videoFps;
    uint32_t videoBitrate; // kbps
    uint32_t minVideoBitrate;
};

#if STANDIN_REVISION >= 4
struct V2TXLiveTexture {
    int glTextureId;
    void *glContext;
};
#endif

struct V2TXLiveVideoFrame {
    V2TXLivePixelFormat pixelFormat;
    V2TXLiveBufferType bufferType;
    char *data;
    int32_t length;
    int32_t width;
    int32_t height;
    V2TXLiveRotation rotation;
#if STANDIN_REVISION >= 4
    V2TXLiveTexture texture;
#endif
};

struct V2TXLiveAudioFrame {
    char *data;
    uint32_t length;
    uint32_t sampleRate;
    uint32_t channel;
};

struct V2TXLiveAudioFrameObserverFormat {
    int sampleRate;
    int channel;
    int samplesPerCall;
};

struct V2TXLivePusherStatistics {
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

struct V2TXLivePlayerStatistics {
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

struct V2TXLiveImage {
    const char *imageSrc;
    V2TXLiveImageType imageType;
    uint32_t imageWidth;
    uint32_t imageHeight;
    uint32_t imageLength;
};

struct V2TXLiveScreenCaptureSourceInfo {
    V2TXLiveScreenCaptureSourceType sourceType;
    void *sourceId;
    const char *sourceName;
    V2TXLiveImage thumbBGRA;
    V2TXLiveImage iconBGRA;
    bool isMinimizeWindow;
    bool isMainScreen;
};

struct V2TXLiveScreenCaptureProperty {
    bool enableCaptureMouse;
    bool enableHighlightBorder;
    bool enableHighPerformance;
    int highlightBorderColor;
    int highlightBorderSize;
    bool enableCaptureChildWindow;
};

struct V2TXLiveSize {
    uint64_t width;
    uint64_t height;
};

struct V2TXLiveRect {
    uint64_t left;
    uint64_t top;
    uint64_t right;
    uint64_t bottom;
};

struct V2TXLiveLogConfig {
    V2TXLiveLogLevel logLevel;
    bool enableObserver;
    bool enableConsole;
    bool enableLogFile;
    const char *logPath;
};

struct V2TXLiveSocks5ProxyConfig {
    bool supportHttps;
    bool supportTcp;
    bool supportUdp;
};

struct V2TXLiveLocalRecordingParams {
    const char *filePath;
    V2TXLiveRecordMode recordMode;
    int intervalMs;
};

#if defined(__x86_64__)
static_assert(sizeof(V2TXLiveVideoEncoderParam) == 20 && offsetof(V2TXLiveVideoEncoderParam, minVideoBitrate) == 16);
static_assert(sizeof(V2TXLiveVideoFrame) == (STANDIN_REVISION >= 4 ? 48 : 32));
static_assert(offsetof(V2TXLiveVideoFrame, data) == 8 && offsetof(V2TXLiveVideoFrame, length) == 16 &&
              offsetof(V2TXLiveVideoFrame, rotation) == 28);
static_assert(sizeof(V2TXLiveAudioFrame) == 24 && offsetof(V2TXLiveAudioFrame, channel) == 16);
static_assert(sizeof(V2TXLiveAudioFrameObserverFormat) == 12);
static_assert(sizeof(V2TXLivePusherStatistics) == 36 && offsetof(V2TXLivePusherStatistics, netSpeed) == 32);
static_assert(sizeof(V2TXLivePlayerStatistics) == 64 && offsetof(V2TXLivePlayerStatistics, jitterBufferDelay) == 36 &&
              offsetof(V2TXLivePlayerStatistics, rtt) == 56);
static_assert(sizeof(V2TXLiveImage) == 24 && offsetof(V2TXLiveImage, imageLength) == 20);
static_assert(sizeof(V2TXLiveScreenCaptureSourceInfo) == 80 &&
              offsetof(V2TXLiveScreenCaptureSourceInfo, sourceName) == 16 &&
              offsetof(V2TXLiveScreenCaptureSourceInfo, iconBGRA) == 48 &&
              offsetof(V2TXLiveScreenCaptureSourceInfo, isMainScreen) == 73);
static_assert(sizeof(V2TXLiveScreenCaptureProperty) == 16 &&
              offsetof(V2TXLiveScreenCaptureProperty, highlightBorderSize) == 8 &&
              offsetof(V2TXLiveScreenCaptureProperty, enableCaptureChildWindow) == 12);
static_assert(sizeof(V2TXLiveSize) == 16 && sizeof(V2TXLiveRect) == 32);
static_assert(sizeof(V2TXLiveLogConfig) == 16 && offsetof(V2TXLiveLogConfig, logPath) == 8);
static_assert(sizeof(V2TXLiveSocks5ProxyConfig) == 3);
static_assert(sizeof(V2TXLiveLocalRecordingParams) == 16 && offsetof(V2TXLiveLocalRecordingParams, intervalMs) == 12);
#endif

} // namespace liteav
