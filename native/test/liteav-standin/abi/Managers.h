#pragma once

// The managers that a V2 pusher owns, as declared since 12.2 (the earlier revision R2 has the same order by the
// specification).

#include <stdint.h>

namespace liteav {

enum TXMediaDeviceType {
    TXMediaDeviceTypeUnknown = -1,
    TXMediaDeviceTypeMic,
    TXMediaDeviceTypeSpeaker,
    TXMediaDeviceTypeCamera,
};
enum TXMediaDeviceState {
    TXMediaDeviceStateAdd,
    TXMediaDeviceStateRemove,
    TXMediaDeviceStateActive,
    TXMediaDefaultDeviceChanged,
};
enum TXCameraCaptureMode : int {};

struct TXCameraCaptureParam {
    TXCameraCaptureMode mode;
    int width;
    int height;
};

struct AudioMusicParam {
    int id;
    char *path;
    int loopCount;
    bool publish;
    bool isShortFile;
    long startTimeMS;
    long endTimeMS;
};

#if defined(__x86_64__)
static_assert(sizeof(TXCameraCaptureParam) == 12 && sizeof(AudioMusicParam) == 32);
#endif

class ITXDeviceInfo {
  protected:
    virtual ~ITXDeviceInfo() {}

  public:
    virtual void release() = 0;
    virtual const char *getDevicePID() = 0;
    virtual const char *getDeviceName() = 0;
};

class ITXDeviceCollection {
  protected:
    virtual ~ITXDeviceCollection() {}

  public:
    virtual uint32_t getCount() = 0;
    virtual const char *getDeviceName(uint32_t index) = 0;
    virtual const char *getDevicePID(uint32_t index) = 0;
    virtual const char *getDeviceProperties(uint32_t index) = 0;
    virtual void release() = 0;
};

class ITXDeviceObserver {
  public:
    virtual ~ITXDeviceObserver() {}
    virtual void onDeviceChanged(const char *, TXMediaDeviceType, TXMediaDeviceState) {}
};

class ITRTCVideoRenderCallback;

class ITXDeviceManager {
  protected:
    virtual ~ITXDeviceManager() {}

  public:
    virtual ITXDeviceCollection *getDevicesList(TXMediaDeviceType type) = 0;
    virtual int setCurrentDevice(TXMediaDeviceType type, const char *deviceId) = 0;
    virtual ITXDeviceInfo *getCurrentDevice(TXMediaDeviceType type) = 0;
    virtual int setCurrentDeviceVolume(TXMediaDeviceType type, uint32_t volume) = 0;
    virtual uint32_t getCurrentDeviceVolume(TXMediaDeviceType type) = 0;
    virtual int setCurrentDeviceMute(TXMediaDeviceType type, bool mute) = 0;
    virtual bool getCurrentDeviceMute(TXMediaDeviceType type) = 0;
    virtual int enableFollowingDefaultAudioDevice(TXMediaDeviceType type, bool enable) = 0;
    // The compiler puts overloads in reverse order: the callback takes slot 9, the window slot 10.
    virtual int startCameraDeviceTest(void *window) = 0;
    virtual int startCameraDeviceTest(ITRTCVideoRenderCallback *callback) = 0;
    virtual int stopCameraDeviceTest() = 0;
    virtual int startMicDeviceTest(uint32_t intervalMs) = 0;
    virtual int startMicDeviceTest(uint32_t intervalMs, bool playback) = 0;
    virtual int stopMicDeviceTest() = 0;
    virtual int startSpeakerDeviceTest(const char *filePath) = 0;
    virtual int stopSpeakerDeviceTest() = 0;
    virtual int setApplicationPlayVolume(int volume) = 0;
    virtual int getApplicationPlayVolume() = 0;
    virtual int setApplicationMuteState(bool mute) = 0;
    virtual bool getApplicationMuteState() = 0;
    virtual void setCameraCapturerParam(const TXCameraCaptureParam &params) = 0;
    virtual void setDeviceObserver(ITXDeviceObserver *observer) = 0;
};

/// The specification names slots 1–8 and 24 only; the others are held by numbered places.
class ITXAudioEffectManager {
  protected:
    virtual ~ITXAudioEffectManager() {}

  public:
    virtual void enableVoiceEarMonitor(bool enable) = 0;
    virtual void setVoiceEarMonitorVolume(int volume) = 0;
    virtual void setVoiceReverbType(int type) = 0;
    virtual void setVoiceChangerType(int type) = 0;
    virtual void setVoiceCaptureVolume(int volume) = 0;
    virtual void setVoicePitch(double pitch) = 0;
    virtual void setMusicObserver(void *observer) = 0;
    virtual void startPlayMusic(AudioMusicParam music) = 0;
    virtual void unspecified9() = 0;
    virtual void unspecified10() = 0;
    virtual void unspecified11() = 0;
    virtual void unspecified12() = 0;
    virtual void unspecified13() = 0;
    virtual void unspecified14() = 0;
    virtual void unspecified15() = 0;
    virtual void unspecified16() = 0;
    virtual void unspecified17() = 0;
    virtual void unspecified18() = 0;
    virtual void unspecified19() = 0;
    virtual void unspecified20() = 0;
    virtual void unspecified21() = 0;
    virtual void unspecified22() = 0;
    virtual void unspecified23() = 0;
    virtual void setMusicTrack(int id, int track) = 0;
};

/// The specification does not give this interface: every slot is unspecified.
class ITXBeautyManager {
  protected:
    virtual ~ITXBeautyManager() {}

  public:
    virtual void unspecified1() = 0;
    virtual void unspecified2() = 0;
    virtual void unspecified3() = 0;
    virtual void unspecified4() = 0;
    virtual void unspecified5() = 0;
    virtual void unspecified6() = 0;
    virtual void unspecified7() = 0;
};

} // namespace liteav
