#pragma once

#include "abi/Managers.h"

namespace standin {

class AudioEffects final : public liteav::ITXAudioEffectManager {
  public:
    AudioEffects();
    ~AudioEffects() override;

    void enableVoiceEarMonitor(bool enable) override;
    void setVoiceEarMonitorVolume(int volume) override;
    void setVoiceReverbType(int type) override;
    void setVoiceChangerType(int type) override;
    void setVoiceCaptureVolume(int volume) override;
    void setVoicePitch(double pitch) override;
    void setMusicObserver(void *observer) override;
    void startPlayMusic(liteav::AudioMusicParam music) override;
    void unspecified9() override { unspecified(); }
    void unspecified10() override { unspecified(); }
    void unspecified11() override { unspecified(); }
    void unspecified12() override { unspecified(); }
    void unspecified13() override { unspecified(); }
    void unspecified14() override { unspecified(); }
    void unspecified15() override { unspecified(); }
    void unspecified16() override { unspecified(); }
    void unspecified17() override { unspecified(); }
    void unspecified18() override { unspecified(); }
    void unspecified19() override { unspecified(); }
    void unspecified20() override { unspecified(); }
    void unspecified21() override { unspecified(); }
    void unspecified22() override { unspecified(); }
    void unspecified23() override { unspecified(); }
    void setMusicTrack(int id, int track) override;

  private:
    void unspecified();
};

class Beauty final : public liteav::ITXBeautyManager {
  public:
    Beauty();
    ~Beauty() override;

    void unspecified1() override { unspecified(); }
    void unspecified2() override { unspecified(); }
    void unspecified3() override { unspecified(); }
    void unspecified4() override { unspecified(); }
    void unspecified5() override { unspecified(); }
    void unspecified6() override { unspecified(); }
    void unspecified7() override { unspecified(); }

  private:
    void unspecified();
};

} // namespace standin
