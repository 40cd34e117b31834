#pragma once

#include "abi/Managers.h"
#include "abi/V2Observers.h"

namespace liteav {

class IV2TXLiveScreenCaptureSourceList {
  protected:
    virtual ~IV2TXLiveScreenCaptureSourceList() {}

  public:
    virtual uint32_t getCount() = 0;
    virtual V2TXLiveScreenCaptureSourceInfo getSourceInfo(uint32_t index) = 0;
    virtual void release() = 0;
};

struct V2TXLiveTranscodingConfig;

class V2TXLivePusher {
  public:
    virtual void setObserver(V2TXLivePusherObserver *observer) = 0;
    virtual int32_t setRenderView(void *view) = 0;
    virtual int32_t setRenderMirror(V2TXLiveMirrorType mirrorType) = 0;
    virtual int32_t setEncoderMirror(bool mirror) = 0;
    virtual int32_t setRenderRotation(V2TXLiveRotation rotation) = 0;
    virtual int32_t setRenderFillMode(V2TXLiveFillMode mode) = 0;
    virtual int32_t startCamera(const char *cameraId) = 0;
    virtual int32_t stopCamera() = 0;
    virtual int32_t startMicrophone() = 0;
    virtual int32_t stopMicrophone() = 0;
    virtual int32_t startVirtualCamera(V2TXLiveImage *image) = 0;
    virtual int32_t stopVirtualCamera() = 0;
    virtual int32_t pauseAudio() = 0;
    virtual int32_t resumeAudio() = 0;
    virtual int32_t pauseVideo() = 0;
    virtual int32_t resumeVideo() = 0;
    virtual int32_t startPush(const char *url) = 0;
    virtual int32_t stopPush() = 0;
    virtual int32_t isPushing() = 0;
    virtual int32_t setAudioQuality(V2TXLiveAudioQuality quality) = 0;
    virtual int32_t setVideoQuality(const V2TXLiveVideoEncoderParam &param) = 0;
    virtual ITXAudioEffectManager *getAudioEffectManager() = 0;
#if STANDIN_REVISION >= 4
    virtual ITXBeautyManager *getBeautyManager() = 0;
#endif
    virtual ITXDeviceManager *getDeviceManager() = 0;
    virtual void setBeautyStyle(V2TXLiveBeautyStyle style, uint32_t beauty, uint32_t whiteness, uint32_t ruddiness) = 0;
#if STANDIN_REVISION >= 4
    virtual void enableSharpnessEnhancement(bool enable) = 0;
    virtual void setLUTColorFilter(V2TXLiveImage *image) = 0;
    virtual void setLUTColorFilterStrength(float strength) = 0;
#endif
    virtual int32_t snapshot() = 0;
    virtual int32_t setWatermark(const char *path, float x, float y, float scale) = 0;
    virtual int32_t enableVolumeEvaluation(int32_t intervalMs) = 0;
    virtual int32_t enableCustomVideoProcess(bool enable, V2TXLivePixelFormat format, V2TXLiveBufferType type) = 0;
    virtual int32_t enableCustomVideoCapture(bool enable) = 0;
    virtual int32_t enableCustomVideoRender(bool enable, V2TXLivePixelFormat format, V2TXLiveBufferType type) = 0;
    virtual int32_t enableCustomAudioCapture(bool enable) = 0;
    virtual int32_t sendCustomVideoFrame(V2TXLiveVideoFrame *frame) = 0;
    virtual int32_t sendCustomAudioFrame(V2TXLiveAudioFrame *frame) = 0;
    virtual int32_t sendSeiMessage(int payloadType, const uint8_t *data, uint32_t size) = 0;
    virtual int32_t startScreenCapture() = 0;
    virtual int32_t stopScreenCapture() = 0;
    virtual int32_t startSystemAudioLoopback(const char *path = nullptr) = 0;
    virtual int32_t stopSystemAudioLoopback() = 0;
#if STANDIN_REVISION >= 3
    virtual void setSystemAudioLoopbackVolume(uint32_t volume) = 0;
#endif
    virtual IV2TXLiveScreenCaptureSourceList *getScreenCaptureSources(const V2TXLiveSize &thumb,
                                                                      const V2TXLiveSize &icon) = 0;
    virtual int32_t setScreenCaptureSource(const V2TXLiveScreenCaptureSourceInfo &source, const V2TXLiveRect &rect,
                                           const V2TXLiveScreenCaptureProperty &property) = 0;
    virtual void showDebugView(bool show) = 0;
    virtual int32_t setProperty(const char *key, const void *value) = 0;
#if STANDIN_REVISION >= 4
    virtual const char *getProperty(const char *key) = 0;
    virtual int32_t setMixTranscodingConfig(V2TXLiveTranscodingConfig *config) = 0;
    virtual int startLocalRecording(const V2TXLiveLocalRecordingParams &params) = 0;
    virtual void stopLocalRecording() = 0;
#endif

  protected:
    virtual ~V2TXLivePusher() {}
};

} // namespace liteav
