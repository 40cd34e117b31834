#pragma once

// The interface SDK (about 5.4 to 8): abstract classes from C factory functions.

#include "runtime/Kernel.h"

enum TXEOutputVideoFormat : int {};
using SIZE = struct tagSIZE { long cx, cy; };

class ITXLivePusherCallback {
  public:
    virtual ~ITXLivePusherCallback() {}
    virtual void onEventCallback(int, const int, const char **, const char **, void *) {}
    virtual void onVideoCaptureCallback(char *, unsigned int, int, int, void *) {}
    virtual void onAudioCaptureCallback(unsigned char *, unsigned int, unsigned int, unsigned int, unsigned long long,
                                        void *) {}
};

class ITXLivePlayerCallback {
  public:
    virtual ~ITXLivePlayerCallback() {}
    virtual void onEventCallback(int, const int, const char **, const char **, void *) {}
    virtual void onVideoDecodeCallback(char *, unsigned int, int, int, TXEOutputVideoFormat, void *) {}
    virtual void onAudioDecodeCallback(unsigned char *, unsigned int, unsigned int, unsigned int, unsigned long long,
                                       void *) {}
};

class ILiteAVDeviceCollection {
  protected:
    virtual ~ILiteAVDeviceCollection() {}

  public:
    virtual uint32_t getCount() = 0;
    virtual const char *getDeviceName(uint32_t index) = 0;
    virtual const char *getDevicePID(uint32_t index) = 0;
    virtual void release() = 0;
};

struct LiteAVImageBuffer {
    const char *buffer;
    uint32_t length;
    uint32_t width;
    uint32_t height;
};

/// The earliest form: later releases append fields.
struct LiteAVScreenCaptureSourceInfo {
    int type;
    HWND sourceId;
    const char *sourceName;
    LiteAVImageBuffer thumbBGRA;
    LiteAVImageBuffer iconBGRA;
};

struct LiteAVScreenCaptureProperty {
    bool enableCaptureMouse;
    bool enableHighLight;
    bool enableHighPerformance;
    int highLightColor;
    int highLightWidth;
    bool enableCaptureChildWindow;
};

class ILiteAVScreenCaptureSourceList {
  protected:
    virtual ~ILiteAVScreenCaptureSourceList() {}

  public:
    virtual uint32_t getCount() = 0;
    virtual LiteAVScreenCaptureSourceInfo getSourceInfo(uint32_t index) = 0;
    virtual void release() = 0;
};

struct LiteAVVideoFrame {
    int videoFormat;
    int bufferType;
    char *data;
    int textureId;
    uint32_t length;
    uint32_t width;
    uint32_t height;
    uint64_t timestamp;
    int rotation;
};

struct LiteAVAudioFrame {
    int audioFormat;
    char *data;
    uint32_t length;
    uint32_t sampleRate;
    uint32_t channel;
    uint64_t timestamp;
};

#if defined(__x86_64__)
static_assert(sizeof(LiteAVVideoFrame) == 48 && offsetof(LiteAVVideoFrame, timestamp) == 32 &&
              offsetof(LiteAVVideoFrame, rotation) == 40);
static_assert(sizeof(LiteAVAudioFrame) == 40 && offsetof(LiteAVAudioFrame, timestamp) == 32);
#endif

class ITXLivePusher {
  protected:
    virtual ~ITXLivePusher() {}

  public:
    virtual void setCallback(ITXLivePusherCallback *callback, void *userData) = 0;
    virtual ILiteAVDeviceCollection *getCameraDevicesList() = 0;
    virtual ILiteAVDeviceCollection *getMicDevicesList() = 0;
    virtual void selectMicDevice(unsigned int index) = 0;
    virtual unsigned int micVolume() = 0;
    virtual void setMicVolume(unsigned int volume) = 0;
    virtual uint32_t micVolumeIndication() = 0;
    virtual void setAudioCaptureVolume(int volume) = 0;
    virtual int getAudioCaptureVolume() = 0;
    virtual void openMicTest() = 0;
    virtual void closeMicTest() = 0;
    virtual void openSystemVoiceInput(const char *path = nullptr) = 0;
    virtual void closeSystemVoiceInput() = 0;
    virtual void setSystemVoiceInputVolume(int volume) = 0;
    virtual void enableAudioPreprocess(int type, bool enable) = 0;
    virtual void setAudioChannels(int channels) = 0;
    virtual void startAudioCapture(int source = 1) = 0;
    virtual void stopAudioCapture() = 0;
    virtual bool startPreview(int source, HWND view) = 0;
    virtual void updatePreview(HWND view) = 0;
    virtual void stopPreview() = 0;
    virtual ILiteAVScreenCaptureSourceList *getScreenCaptureSources(const SIZE &thumb, const SIZE &icon) = 0;
    virtual void selectScreenCaptureTarget(const LiteAVScreenCaptureSourceInfo &source, const RECT &rect,
                                           const LiteAVScreenCaptureProperty &property) = 0;
    virtual int captureVideoSnapShot(const wchar_t *path, unsigned int length) = 0;
    virtual bool startPush(const char *url) = 0;
    virtual void stopPush() = 0;
    virtual void switchCamera(int index) = 0;
    virtual int startLocalRecord(const char *path, uint64_t sliceSeconds = 600) = 0;
    virtual int stopLocalRecord() = 0;
    virtual void setMute(bool mute) = 0;
    virtual void setRenderMode(int mode) = 0;
    virtual void setRotation(int rotation) = 0;
    virtual void setVideoQualityParamPreset(int preset, int ratio = 0) = 0;
    virtual void setVideoResolution(int resolution) = 0;
    virtual void setBeautyStyle(int style, int beauty, int whiteness) = 0;
    virtual void setRenderYMirror(bool mirror) = 0;
    virtual void setOutputYMirror(bool mirror) = 0;
    virtual void setVideoBitRate(unsigned long kbps) = 0;
    virtual void setAutoAdjustStrategy(int strategy) = 0;
    virtual void setVideoBitRateMin(int kbps) = 0;
    virtual void setVideoBitRateMax(int kbps) = 0;
    virtual void setVideoFPS(unsigned long fps) = 0;
    virtual void setPauseVideo(bool pause) = 0;
    virtual void setNearestIP(bool enable) = 0;
    virtual void showDebugView(int level) = 0;
    virtual void sendCustomVideoData(LiteAVVideoFrame *frame) = 0;
    virtual void sendCustomAudioData(LiteAVAudioFrame *frame) = 0;
};

class ITXLivePlayer {
  protected:
    virtual ~ITXLivePlayer() {}

  public:
    virtual void setCallback(ITXLivePlayerCallback *callback, void *userData) = 0;
    virtual ILiteAVDeviceCollection *getSpeakerDevicesList() = 0;
    virtual void selectSpeakerDevice(unsigned int index) = 0;
    virtual unsigned int speakerVolume() = 0;
    virtual void setSpeakerVolume(unsigned int volume) = 0;
    virtual uint32_t speakerVolumeIndication() = 0;
    virtual void setAudioPlayoutVolume(int volume) = 0;
    virtual int getAudioPlayoutVolume() = 0;
    virtual void setRenderFrame(HWND view) = 0;
    virtual void updateRenderFrame(HWND view) = 0;
    virtual void closeRenderFrame() = 0;
    virtual void startPlay(const char *url, int type) = 0;
    virtual void stopPlay() = 0;
    virtual void pause() = 0;
    virtual void resume() = 0;
    virtual bool isPlaying() = 0;
    virtual void setMute(bool mute) = 0;
    virtual void setRenderMode(int mode) = 0;
    virtual void setRotation(int rotation) = 0;
    virtual void setRenderYMirror(bool mirror) = 0;
    virtual void setOutputVideoFormat(TXEOutputVideoFormat format) = 0;
    virtual void setEnableMessage(bool enable) = 0;
    virtual int captureVideoSnapShot(const wchar_t *path, unsigned int length) = 0;
    virtual void setLivePlayAttribute(const char *json) = 0;
};
