#pragma once

#include "abi/Managers.h"
#include "runtime/Actor.h"

namespace standin {

class DeviceManager final : public liteav::ITXDeviceManager {
  public:
    DeviceManager();
    ~DeviceManager() override;

    liteav::ITXDeviceCollection *getDevicesList(liteav::TXMediaDeviceType type) override;
    int setCurrentDevice(liteav::TXMediaDeviceType type, const char *deviceId) override;
    liteav::ITXDeviceInfo *getCurrentDevice(liteav::TXMediaDeviceType type) override;
    int setCurrentDeviceVolume(liteav::TXMediaDeviceType type, uint32_t volume) override;
    uint32_t getCurrentDeviceVolume(liteav::TXMediaDeviceType type) override;
    int setCurrentDeviceMute(liteav::TXMediaDeviceType type, bool mute) override;
    bool getCurrentDeviceMute(liteav::TXMediaDeviceType type) override;
    int enableFollowingDefaultAudioDevice(liteav::TXMediaDeviceType type, bool enable) override;
    int startCameraDeviceTest(void *window) override;
    int startCameraDeviceTest(liteav::ITRTCVideoRenderCallback *callback) override;
    int stopCameraDeviceTest() override;
    int startMicDeviceTest(uint32_t intervalMs) override;
    int startMicDeviceTest(uint32_t intervalMs, bool playback) override;
    int stopMicDeviceTest() override;
    int startSpeakerDeviceTest(const char *filePath) override;
    int stopSpeakerDeviceTest() override;
    int setApplicationPlayVolume(int volume) override;
    int getApplicationPlayVolume() override;
    int setApplicationMuteState(bool mute) override;
    bool getApplicationMuteState() override;
    void setCameraCapturerParam(const liteav::TXCameraCaptureParam &params) override;
    void setDeviceObserver(liteav::ITXDeviceObserver *observer) override;

    /// onDeviceChanged for the first device of the type.
    bool deliverChange(int type, int state);

  private:
    SrwLock lock_{};
    int current_[3] = {};
    uint32_t volume_[3] = {80, 80, 80};
    bool muted_[3] = {};
    int applicationVolume_ = 100;
    bool applicationMuted_ = false;
    liteav::ITXDeviceObserver *observer_ = nullptr;
};

} // namespace standin
