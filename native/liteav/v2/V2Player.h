#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/Player.h"
#include "liteav/Convert.h"
#include "liteav/Runs.h"
#include "liteav/SdkObject.h"
#include "liteav/Snapshots.h"
#include "liteav/v2/Calls.h"
#include "liteav/v2/Codes.h"
#include "liteav/v2/Observers.h"
#include "liteav/v2/Recording.h"

namespace rtcroom::liteav::v2 {

/// The contract on V2TXLivePlayer. Threads: as V2Pusher; frames go from the SDK's thread straight to the listener.
class V2Player final : public engine::Player, private SdkObject, private PlayerSink {
  public:
    /// Throws SdkFailed when the SDK gives no object. `exports` and `slots` must outlive it.
    V2Player(const Exports &exports, const SlotTable &slots, const engine::PlayerOptions &options,
             engine::PlayerListener &listener);
    ~V2Player() override;

    void startPlay(const std::string &url, engine::PlayType type, engine::Completion done) override;
    void stopPlay(engine::Completion done) override;
    bool isPlaying() const override { return runs_.wanted(); }
    void pause() override;
    void resume() override;
    void setMute(bool mute) override;
    void setOutputVideoFormat(engine::OutputVideoFormat format,
                              const engine::OutputVideoOptions &options = {}) override;
    void setOutputAudio(bool enable, const engine::OutputAudioOptions &options = {}) override;
    void captureVideoSnapShot(const std::string &path, engine::Completion done) override;
    void startLocalRecord(const std::string &path, uint64_t sliceSeconds, engine::Completion done) override;
    void stopLocalRecord(engine::Completion done) override;
    void setRenderFrame(uint64_t windowHandle) override;
    void updateRenderFrame(uint64_t windowHandle) override;
    void closeRenderFrame() override;
    void setRenderMode(int mode) override;
    void setRotation(int rotation) override;
    void setRenderYMirror(bool mirror) override;
    void showDebugView(int level) override;
    void setEnableMessage(bool enable) override;
    void setLivePlayAttribute(const std::string &json) override;
    std::vector<engine::Device> enumSpeakers() override;
    void selectSpeakerDevice(int index) override;
    int speakerVolume() override;
    void setSpeakerVolume(int volume) override;
    int speakerVolumeIndication() override;
    void setAudioPlayoutVolume(int volume) override;
    int getAudioPlayoutVolume() override;
    void close(engine::Completion done) override;

  private:
    // PlayerSink: the SDK's threads.
    void onError(int code, const char *message) override;
    void onWarning(int code, const char *message) override;
    void onResolution(int width, int height) override;
    void onConnected() override;
    void onVideoPlaying(bool first) override;
    void onAudioPlaying(bool first) override;
    void onVideoLoading() override;
    void onAudioLoading() override;
    void onPlayoutVolume(int volume) override { level_ = volume; }
    void onStatistics(const PlayerStatistics *statistics) override;
    void onSnapshot(const char *bgra, int length, int width, int height) override;
    void onVideoFrame(const VideoFrame *frame) override;
    void onAudioFrame(const AudioFrame *frame) override;
    void onSei(int type, const uint8_t *data, uint32_t length) override;
    void onStreamSwitched(int code) override;
    void onRecordBegin(int code, const char *path) override;
    void onRecording(long durationMs, const char *path) override;
    void onRecordComplete(int code, const char *path) override;

    PlayerCalls sdk() const { return {object_, slots_.player}; }
    void create();
    void release();
    void setView(const char *method, uint64_t windowHandle);
    void observeVideo(engine::OutputVideoFormat format);
    void applyVolume(const char *method);
    /// The device manager belongs to pushers: a hidden one serves for the loudspeakers.
    DeviceManagerCalls speakers();
    void setCache(const LivePlayAttribute &attribute);
    /// Posts `work` for the playback that runs now, if it still runs then.
    void whilePlaying(std::function<void()> work);
    void beginPlay();
    void failPlay(const engine::Error &error, int event, const std::string &message);
    void settlePlay(std::optional<engine::Error> error);
    void silence();
    void shutDown();

    const Exports &exports_;
    const SlotTable &slots_;
    const engine::PlayerOptions options_;
    engine::PlayerListener &listener_;

    void *object_ = nullptr;
    void *helper_ = nullptr;
    std::shared_ptr<Observer<PlayerSink>> observer_;

    Runs runs_;
    engine::Completion playDone_;
    bool sdkPlaying_ = false;
    bool connected_ = false;
    bool begun_ = false;
    bool videoSeen_ = false;
    bool decoderTold_ = false;
    std::optional<engine::Error> lastError_;
    Snapshots snapshots_;
    Recording recording_;

    std::atomic<bool> muted_{false};
    std::atomic<int> volume_{65535};
    std::atomic<int> level_{0};
    std::atomic<bool> evaluating_{false};
    std::atomic<bool> videoOut_{false};
    std::atomic<bool> audioOut_{false};
    engine::FramePool pool_;
    // Last: its destructor runs the tasks that use all of the above.
    SdkThread worker_;
};

} // namespace rtcroom::liteav::v2
