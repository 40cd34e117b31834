#pragma once

#include "abi/Itx.h"
#include "tx/PusherCore.h"

namespace standin {

class ItxPusher final : public ITXLivePusher {
  public:
    bool isOwnThread() const { return core_.isOwnThread(); }
    bool fire(const char *callback, int a, int b, const char *text) { return core_.fire(callback, a, b, text); }

    void setCallback(ITXLivePusherCallback *callback, void *userData) override;
    ILiteAVDeviceCollection *getCameraDevicesList() override;
    ILiteAVDeviceCollection *getMicDevicesList() override;
    void selectMicDevice(unsigned int index) override;
    unsigned int micVolume() override;
    void setMicVolume(unsigned int volume) override;
    uint32_t micVolumeIndication() override;
    void setAudioCaptureVolume(int volume) override;
    int getAudioCaptureVolume() override;
    void openMicTest() override;
    void closeMicTest() override;
    void openSystemVoiceInput(const char *path) override;
    void closeSystemVoiceInput() override;
    void setSystemVoiceInputVolume(int volume) override;
    void enableAudioPreprocess(int type, bool enable) override;
    void setAudioChannels(int channels) override;
    void startAudioCapture(int source) override;
    void stopAudioCapture() override;
    bool startPreview(int source, HWND view) override;
    void updatePreview(HWND view) override;
    void stopPreview() override;
    ILiteAVScreenCaptureSourceList *getScreenCaptureSources(const SIZE &thumb, const SIZE &icon) override;
    void selectScreenCaptureTarget(const LiteAVScreenCaptureSourceInfo &source, const RECT &rect,
                                   const LiteAVScreenCaptureProperty &property) override;
    int captureVideoSnapShot(const wchar_t *path, unsigned int length) override;
    bool startPush(const char *url) override;
    void stopPush() override;
    void switchCamera(int index) override;
    int startLocalRecord(const char *path, uint64_t sliceSeconds) override;
    int stopLocalRecord() override;
    void setMute(bool mute) override;
    void setRenderMode(int mode) override;
    void setRotation(int rotation) override;
    void setVideoQualityParamPreset(int preset, int ratio) override;
    void setVideoResolution(int resolution) override;
    void setBeautyStyle(int style, int beauty, int whiteness) override;
    void setRenderYMirror(bool mirror) override;
    void setOutputYMirror(bool mirror) override;
    void setVideoBitRate(unsigned long kbps) override;
    void setAutoAdjustStrategy(int strategy) override;
    void setVideoBitRateMin(int kbps) override;
    void setVideoBitRateMax(int kbps) override;
    void setVideoFPS(unsigned long fps) override;
    void setPauseVideo(bool pause) override;
    void setNearestIP(bool enable) override;
    void showDebugView(int level) override;
    void sendCustomVideoData(LiteAVVideoFrame *frame) override;
    void sendCustomAudioData(LiteAVAudioFrame *frame) override;

  private:
    SrwLock lock_{};
    unsigned int micVolume_ = 40'000;
    int captureVolume_ = 65'535;
    PusherCore core_{static_cast<ITXLivePusher *>(this)};
};

} // namespace standin
