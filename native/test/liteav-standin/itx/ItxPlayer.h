#pragma once

#include "abi/Itx.h"
#include "tx/PlayerCore.h"

namespace standin {

class ItxPlayer final : public ITXLivePlayer {
  public:
    bool isOwnThread() const { return core_.isOwnThread(); }
    bool fire(const char *callback, int a, int b, const char *text) { return core_.fire(callback, a, b, text); }

    void setCallback(ITXLivePlayerCallback *callback, void *userData) override;
    ILiteAVDeviceCollection *getSpeakerDevicesList() override;
    void selectSpeakerDevice(unsigned int index) override;
    unsigned int speakerVolume() override;
    void setSpeakerVolume(unsigned int volume) override;
    uint32_t speakerVolumeIndication() override;
    void setAudioPlayoutVolume(int volume) override;
    int getAudioPlayoutVolume() override;
    void setRenderFrame(HWND view) override;
    void updateRenderFrame(HWND view) override;
    void closeRenderFrame() override;
    void startPlay(const char *url, int type) override;
    void stopPlay() override;
    void pause() override;
    void resume() override;
    bool isPlaying() override;
    void setMute(bool mute) override;
    void setRenderMode(int mode) override;
    void setRotation(int rotation) override;
    void setRenderYMirror(bool mirror) override;
    void setOutputVideoFormat(TXEOutputVideoFormat format) override;
    void setEnableMessage(bool enable) override;
    int captureVideoSnapShot(const wchar_t *path, unsigned int length) override;
    void setLivePlayAttribute(const char *json) override;

  private:
    SrwLock lock_{};
    unsigned int speakerVolume_ = 40'000;
    int playoutVolume_ = 65'535;
    PlayerCore core_{static_cast<ITXLivePlayer *>(this)};
};

} // namespace standin
