#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/Player.h"
#include "liteav/Runs.h"
#include "liteav/SdkObject.h"
#include "liteav/classic/Calls.h"
#include "liteav/classic/Events.h"

namespace rtcroom::liteav::classic {

/// The contract on the older generations' players. Threads: as ClassicPusher; frames go from the SDK's thread straight
/// to the listener.
class ClassicPlayer final : public engine::Player, private SdkObject, private Sink {
  public:
    ClassicPlayer(const Exports &exports, const SlotTable &slots, const engine::PlayerOptions &options,
                  engine::PlayerListener &listener);
    ~ClassicPlayer() override;

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
    void setRenderFrame(uint64_t windowHandle) override;
    void updateRenderFrame(uint64_t windowHandle) override;
    void closeRenderFrame() override;
    void setRenderMode(int mode) override;
    void setRotation(int rotation) override;
    void setRenderYMirror(bool mirror) override;
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
    void onMessage(Message message) override;
    void onVideo(const char *data, uint32_t length, int width, int height, int format) override;
    void onAudio(const char *pcm, uint32_t length, uint32_t sampleRate, uint32_t channels) override;

    void setFormat(engine::OutputVideoFormat format);
    void handle(const Message &message);
    /// Of one that is wanted no more (Runs::fail).
    void failPlay(engine::Error error);
    void settlePlay(std::optional<engine::Error> error);
    void silence();
    void endSnapshot(std::optional<engine::Error> error);
    void shutDown();

    const SlotTable &slots_;
    const Generation generation_;
    const engine::PlayerOptions options_;
    engine::PlayerListener &listener_;
    PlayerObject sdk_;
    std::shared_ptr<Observer<Sink>> observer_;
    Runs runs_;
    bool sdkPlaying_ = false;
    engine::Completion playDone_;
    std::optional<engine::Error> lastError_;
    engine::Completion snapshotDone_;
    uint64_t snapshotNumber_ = 0;
    std::atomic<bool> videoOut_{false};
    std::atomic<bool> audioOut_{false};
    engine::FramePool pool_;
    // Last: its destructor runs the tasks that use all of the above.
    SdkThread worker_;
};

} // namespace rtcroom::liteav::classic
