#pragma once

#include <string>

#include "liteav/v2/Slots.h"
#include "liteav/v2/Types.h"

// The SDK's methods with their types, called by slot. An absent method throws Unsupported, a null manager SdkFailed.
namespace rtcroom::liteav::v2 {

/// What all interfaces share: an object of the SDK, which it does not own, and the slots of its interface.
template <typename Method> class Interface {
  public:
    Interface(void *object, const InterfaceSlots<Method> &slots) : object_(object), slots_(&slots) {}
    void *object() const { return object_; }

  protected:
    template <typename Result, typename... Arguments> Result call(Method method, Arguments... arguments) const {
        return callSlot<Result>(object_, (*slots_)[method], arguments...);
    }

  private:
    void *object_;
    const InterfaceSlots<Method> *slots_;
};

class DeviceListCalls : public Interface<DeviceCollectionSlot> {
  public:
    using Interface::Interface;
    uint32_t count() const { return call<uint32_t>(DeviceCollectionSlot::getCount); }
    const char *name(uint32_t i) const { return call<const char *>(DeviceCollectionSlot::getDeviceName, i); }
    const char *pid(uint32_t i) const { return call<const char *>(DeviceCollectionSlot::getDevicePID, i); }
    void release() const { call<void>(DeviceCollectionSlot::release); }
};

class SourceListCalls : public Interface<SourceListSlot> {
  public:
    using Interface::Interface;
    uint32_t count() const { return call<uint32_t>(SourceListSlot::getCount); }
    void info(SourceInfo *result, uint32_t i) const { call<void *>(SourceListSlot::getSourceInfo, result, i); }
    void release() const { call<void>(SourceListSlot::release); }
};

class AudioEffectsCalls : public Interface<AudioEffectsSlot> {
  public:
    using Interface::Interface;
    void setVoiceCaptureVolume(int volume) const { call<void>(AudioEffectsSlot::setVoiceCaptureVolume, volume); }
};

class DeviceManagerCalls : public Interface<DeviceManagerSlot> {
  public:
    using Interface::Interface;
    using Slot = DeviceManagerSlot;
    void *devices(DeviceType type) const { return call<void *>(Slot::getDevicesList, type); }
    int setCurrent(DeviceType type, const char *pid) const { return call<int>(Slot::setCurrentDevice, type, pid); }
    int setVolume(DeviceType type, uint32_t v) const { return call<int>(Slot::setCurrentDeviceVolume, type, v); }
    uint32_t volume(DeviceType type) const { return call<uint32_t>(Slot::getCurrentDeviceVolume, type); }
    int startMicTest(uint32_t intervalMs, bool playback) const {
        return call<int>(Slot::startMicDeviceTestPlayback, intervalMs, playback);
    }
    int stopMicTest() const { return call<int>(Slot::stopMicDeviceTest); }
    void setObserver(void *observer) const { call<void>(Slot::setDeviceObserver, observer); }
};

class PusherCalls : public Interface<PusherSlot> {
  public:
    using Interface::Interface;
    using Slot = PusherSlot;
    void setObserver(void *observer) const { call<void>(Slot::setObserver, observer); }
    int setRenderView(void *window) const { return call<int>(Slot::setRenderView, window); }
    int setRenderMirror(MirrorType type) const { return call<int>(Slot::setRenderMirror, type); }
    int setEncoderMirror(bool mirror) const { return call<int>(Slot::setEncoderMirror, mirror); }
    int setRenderRotation(int rotation) const { return call<int>(Slot::setRenderRotation, rotation); }
    int setRenderFillMode(FillMode mode) const { return call<int>(Slot::setRenderFillMode, mode); }
    int startCamera(const char *pid) const { return call<int>(Slot::startCamera, pid); }
    int stopCamera() const { return call<int>(Slot::stopCamera); }
    int startMicrophone() const { return call<int>(Slot::startMicrophone); }
    int stopMicrophone() const { return call<int>(Slot::stopMicrophone); }
    int pauseAudio() const { return call<int>(Slot::pauseAudio); }
    int resumeAudio() const { return call<int>(Slot::resumeAudio); }
    int pauseVideo() const { return call<int>(Slot::pauseVideo); }
    int resumeVideo() const { return call<int>(Slot::resumeVideo); }
    int startPush(const char *url) const { return call<int>(Slot::startPush, url); }
    int stopPush() const { return call<int>(Slot::stopPush); }
    int setAudioQuality(AudioQuality quality) const { return call<int>(Slot::setAudioQuality, quality); }
    int setVideoQuality(const VideoEncoderParam *p) const { return call<int>(Slot::setVideoQuality, p); }
    void *audioEffects() const { return call<void *>(Slot::getAudioEffectManager); }
    void *deviceManager() const { return call<void *>(Slot::getDeviceManager); }
    void setBeautyStyle(int style, uint32_t beauty, uint32_t white, uint32_t ruddy) const {
        call<void>(Slot::setBeautyStyle, style, beauty, white, ruddy);
    }
    int setWatermark(const char *path, float x, float y, float scale) const {
        return call<int>(Slot::setWatermark, path, x, y, scale);
    }
    int snapshot() const { return call<int>(Slot::snapshot); }
    int enableVolumeEvaluation(int32_t intervalMs) const { return call<int>(Slot::enableVolumeEvaluation, intervalMs); }
    int enableCustomVideoCapture(bool enable) const { return call<int>(Slot::enableCustomVideoCapture, enable); }
    int enableCustomAudioCapture(bool enable) const { return call<int>(Slot::enableCustomAudioCapture, enable); }
    int sendCustomVideoFrame(VideoFrame *frame) const { return call<int>(Slot::sendCustomVideoFrame, frame); }
    int sendCustomAudioFrame(AudioFrame *frame) const { return call<int>(Slot::sendCustomAudioFrame, frame); }
    int sendSei(int type, const uint8_t *data, uint32_t size) const {
        return call<int>(Slot::sendSeiMessage, type, data, size);
    }
    int startScreenCapture() const { return call<int>(Slot::startScreenCapture); }
    int stopScreenCapture() const { return call<int>(Slot::stopScreenCapture); }
    int startLoopback(const char *program) const { return call<int>(Slot::startSystemAudioLoopback, program); }
    int stopLoopback() const { return call<int>(Slot::stopSystemAudioLoopback); }
    void setLoopbackVolume(uint32_t volume) const { call<void>(Slot::setSystemAudioLoopbackVolume, volume); }
    void *screenSources(const Size *thumb, const Size *icon) const {
        return call<void *>(Slot::getScreenCaptureSources, thumb, icon);
    }
    int setScreenSource(const SourceInfo *info, const Rect *region, const CaptureProperty *property) const {
        return call<int>(Slot::setScreenCaptureSource, info, region, property);
    }
    void showDebugView(bool show) const { call<void>(Slot::showDebugView, show); }
    int setProperty(const char *key, const void *value) const { return call<int>(Slot::setProperty, key, value); }
    int startRecording(const RecordingParams *params) const { return call<int>(Slot::startLocalRecording, params); }
    void stopRecording() const { call<void>(Slot::stopLocalRecording); }
};

class PlayerCalls : public Interface<PlayerSlot> {
  public:
    using Interface::Interface;
    using Slot = PlayerSlot;
    void setObserver(void *observer) const { call<void>(Slot::setObserver, observer); }
    int setRenderView(void *window) const { return call<int>(Slot::setRenderView, window); }
    int setRenderRotation(int rotation) const { return call<int>(Slot::setRenderRotation, rotation); }
    int setRenderFillMode(FillMode mode) const { return call<int>(Slot::setRenderFillMode, mode); }
    int setRenderMirror(bool mirror) const { return call<int>(Slot::setRenderMirrorMode, mirror); }
    int startPlay(const char *url) const { return call<int>(Slot::startPlay, url); }
    int stopPlay() const { return call<int>(Slot::stopPlay); }
    int pauseAudio() const { return call<int>(Slot::pauseAudio); }
    int resumeAudio() const { return call<int>(Slot::resumeAudio); }
    int pauseVideo() const { return call<int>(Slot::pauseVideo); }
    int resumeVideo() const { return call<int>(Slot::resumeVideo); }
    int setPlayoutVolume(int32_t volume) const { return call<int>(Slot::setPlayoutVolume, volume); }
    int setCacheParams(float minSeconds, float maxSeconds) const {
        return call<int>(Slot::setCacheParams, minSeconds, maxSeconds);
    }
    int enableVolumeEvaluation(int32_t intervalMs) const { return call<int>(Slot::enableVolumeEvaluation, intervalMs); }
    int snapshot() const { return call<int>(Slot::snapshot); }
    int observeVideo(bool enable, PixelFormat format, BufferType type) const {
        return call<int>(Slot::enableObserveVideoFrame, enable, format, type);
    }
    int observeAudio(bool enable) const { return call<int>(Slot::enableObserveAudioFrame, enable); }
    int receiveSei(bool enable, int type) const { return call<int>(Slot::enableReceiveSeiMessage, enable, type); }
    void showDebugView(bool show) const { call<void>(Slot::showDebugView, show); }
    int setProperty(const char *key, const void *value) const { return call<int>(Slot::setProperty, key, value); }
    int startRecording(const RecordingParams *params) const { return call<int>(Slot::startLocalRecording, params); }
    void stopRecording() const { call<void>(Slot::stopLocalRecording); }
};

} // namespace rtcroom::liteav::v2
