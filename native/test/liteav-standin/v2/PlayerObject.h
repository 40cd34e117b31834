#pragma once

#include "abi/V2Player.h"
#include "runtime/Actor.h"
#include "runtime/Call.h"

namespace standin {

class PlayerObject final : public liteav::V2TXLivePlayer, private ActorHandler {
  public:
    PlayerObject();
    /// Waits for the threads.
    ~PlayerObject() override;
    bool isOwnThread() const { return actor_.isOwnThread(); }
    void end();

    /// As PusherObject::fire; the number of the first argument is always the player.
    bool fire(const char *callback, int a, int b, const char *text);

    void setObserver(liteav::V2TXLivePlayerObserver *observer) override;
    int32_t setRenderView(void *view) override;
    int32_t setRenderRotation(liteav::V2TXLiveRotation rotation) override;
    int32_t setRenderFillMode(liteav::V2TXLiveFillMode mode) override;
    int32_t startPlay(const char *url) override;
    int32_t stopPlay() override;
    int32_t isPlaying() override;
    int32_t pauseAudio() override;
    int32_t resumeAudio() override;
    int32_t pauseVideo() override;
    int32_t resumeVideo() override;
    int32_t setPlayoutVolume(int32_t volume) override;
    int32_t setCacheParams(float minTime, float maxTime) override;
    int32_t switchStream(const char *url) override;
    int32_t enableVolumeEvaluation(int32_t intervalMs) override;
    int32_t snapshot() override;
    int32_t enableObserveVideoFrame(bool enable, liteav::V2TXLivePixelFormat format,
                                    liteav::V2TXLiveBufferType type) override;
    int32_t enableObserveAudioFrame(bool enable) override;
    int32_t enableReceiveSeiMessage(bool enable, int payloadType) override;
    void showDebugView(bool show) override;
    int32_t setProperty(const char *key, const void *value) override;
#if STANDIN_REVISION >= 4
    int32_t setRenderMirrorMode(bool mirror) override;
    int32_t enablePictureInPicture(bool enable) override;
    int startLocalRecording(const liteav::V2TXLiveLocalRecordingParams &params) override;
    void stopLocalRecording() override;
#endif

  private:
    static constexpr size_t LONGEST_URL = 2048;
    static constexpr size_t LONGEST_PATH = 1024;

    void perform(Deed deed, int a, int b) override;
    void storm(uint32_t dice) override;
    void connected(bool again);
    void frame();
    void sound();
    void paint();
    void sei();
    void statistics();
    void record(Deed deed);
    int32_t pause(const char *method, bool &what, bool value);
    /// Begins the deeds that repeat, where they are needed and not yet running. The lock is held.
    void keepGoing();
    liteav::V2TXLivePlayerObserver *observer();

    SrwLock lock_{};
    liteav::V2TXLivePlayerObserver *observer_ = nullptr;
    liteav::V2TXLivePlayerObserver *lastObserver_ = nullptr; // for late callbacks in hostile mode
    HWND view_ = nullptr;
    int rotation_ = 0;
    int fill_ = 0;
    bool mirror_ = false;
    bool playing_ = false;
    bool connected_ = false;
    bool hasVideo_ = false;
    bool hasAudio_ = false;
    bool audioPaused_ = false;
    bool videoPaused_ = false;
    bool painting_ = false;
    bool framing_ = false;
    bool sounding_ = false;
    bool recording_ = false;
    bool observeAudio_ = false;
    bool seiTypes_[3] = {}; // 5, 242, 243
    int observe_ = 0;       // V2TXLivePixelFormat, 0 off
    int volumeIntervalMs_ = 0;
    int recordIntervalMs_ = -1;
    int width_ = 0;
    int height_ = 0;
    uint32_t recordStartMs_ = 0;
    uint32_t frameStartMs_ = 0;
    uint32_t frameCount_ = 0;
    uint32_t soundStartMs_ = 0;
    uint32_t soundCount_ = 0;
    char url_[LONGEST_URL] = {};
    char recordPath_[LONGEST_PATH] = {};
    Actor actor_; // last: its threads use the rest
};

} // namespace standin
