#pragma once

// The 2018 SDK (x86): classes that the DLL exports by their mangled names.

#include "runtime/Kernel.h"

enum TXEAudioCaptureSrcType : int;
enum TXEVideoCaptureSrcType : int;
enum TXEVideoUserDataFormat : int;
enum TXERenderMode : int;
enum TXEVideoRotation : int;
enum TXEVideoQualityParamPreset : int;
enum TXEVideoRatio : int;
enum TXEVideoResolution : int;
enum TXEBeautyStyle : int;
enum TXEAutoAdjustStrategy : int;
enum TXEOutputVideoFormat : int;
enum TXEPlayType : int;

class TXLivePusherCallback {
  public:
    virtual ~TXLivePusherCallback() {}
    virtual void onEventCallback(int, const int, const char **, const char **, void *) {}
};

class TXLivePlayerCallback {
  public:
    virtual ~TXLivePlayerCallback() {}
    virtual void onEventCallback(int, const int, const char **, const char **, void *) {}
};

class TXLivePusher;
class TXLivePlayer;

namespace standin {
struct PusherState;
struct PlayerState;
bool fire(TXLivePusher &pusher, const char *callback, int a, int b, const char *text);
bool fire(TXLivePlayer &player, const char *callback, int a, int b, const char *text);
} // namespace standin

class __declspec(dllexport) TXLivePusher {
  public:
    TXLivePusher();
    TXLivePusher(const TXLivePusher &other);
    TXLivePusher &operator=(const TXLivePusher &other);
    virtual ~TXLivePusher();
    void __autoclassinit2(unsigned int size); // the compiler of the vendor clears the object with it

    void setCallback(TXLivePusherCallback *callback, void *userData);
    static int enumCameras(wchar_t **names = nullptr, size_t capacity = 0);
    int micDeviceCount() const;
    bool micDeviceName(unsigned int index, char name[512]);
    void selectMicDevice(unsigned int index);
    unsigned int micVolume();
    void setMicVolume(unsigned int volume);
    void enableMic(bool enable);
    void openMicTest();
    void closeMicTest();
    void openSystemVoiceInput(const char *path = nullptr);
    void closeSystemVoiceInput();
    void setSystemVoiceInputVolume(int volume);
    void startAudioCapture(TXEAudioCaptureSrcType source);
    void stopAudioCapture();
    bool startPreview(HWND view, const RECT &area, int camera);
    bool startPreview(TXEVideoCaptureSrcType source, HWND view, const RECT &area, TXEVideoUserDataFormat format);
    void updatePreview(HWND view, const RECT &area);
    void stopPreview();
    static int enumCaptureWindow(HWND *windows = nullptr, size_t capacity = 0);
    void setScreenCaptureParam(HWND window, const RECT &rect, bool follow = false, bool autoOut = true);
    int captureVideoSnapShot(const wchar_t *path, unsigned int length);
    bool startPush(const char *url);
    void stopPush();
    void switchCamera(int index);
    int startLocalRecord(const char *path, unsigned long long sliceSeconds = 600);
    int stopLocalRecord();
    void setMute(bool mute);
    void setRenderMode(TXERenderMode mode);
    void setRotation(TXEVideoRotation rotation);
    void setVideoQualityParamPreset(TXEVideoQualityParamPreset preset, TXEVideoRatio ratio);
    void setVideoResolution(TXEVideoResolution resolution);
    void setBeautyStyle(TXEBeautyStyle style, int beauty, int whiteness);
    void setRenderYMirror(bool mirror);
    void setOutputYMirror(bool mirror);
    void setVideoBitRate(unsigned long kbps);
    void setAutoAdjustStrategy(TXEAutoAdjustStrategy strategy);
    void setVideoBitRateMin(int kbps);
    void setVideoBitRateMax(int kbps);
    void setVideoFPS(unsigned long fps);
    void setPauseVideo(bool pause);

  private:
    friend bool standin::fire(TXLivePusher &, const char *, int, int, const char *);
    standin::PusherState *state_;
};

class __declspec(dllexport) TXLivePlayer {
  public:
    TXLivePlayer();
    TXLivePlayer(const TXLivePlayer &other);
    TXLivePlayer &operator=(const TXLivePlayer &other);
    virtual ~TXLivePlayer();
    void __autoclassinit2(unsigned int size);

    void setCallback(TXLivePlayerCallback *callback, void *userData);
    int speakerDeviceCount() const;
    bool speakerDeviceName(unsigned int index, char name[512]);
    void selectSpeakerDevice(unsigned int index);
    unsigned int speakerVolume();
    void setSpeakerVolume(unsigned int volume);
    void setRenderFrame(HWND view, const RECT &area);
    void updateRenderFrame(HWND view, const RECT &area);
    void closeRenderFrame();
    void startPlay(const char *url, TXEPlayType type);
    void stopPlay();
    void pause();
    void resume();
    bool isPlaying();
    void setMute(bool mute);
    void setRenderMode(TXERenderMode mode);
    void setRotation(TXEVideoRotation rotation);
    void setRenderYMirror(bool mirror);
    void setOutputVideoFormat(TXEOutputVideoFormat format);
    int captureVideoSnapShot(const wchar_t *path, unsigned int length);

  private:
    friend bool standin::fire(TXLivePlayer &, const char *, int, int, const char *);
    standin::PlayerState *state_;
};

class __declspec(dllexport) TXLiveCommon {
  public:
    static TXLiveCommon *getInstance();
    void setProxy(const char *ip, unsigned short port);
    void setReportProxy(const char *ip, unsigned short port);

  private:
    TXLiveCommon() = default;
};

#if defined(__i386__)
static_assert(sizeof(TXLivePusher) == 8 && sizeof(TXLivePlayer) == 8);
#endif
