#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/Pusher.h"
#include "liteav/FrameQueue.h"
#include "liteav/Runs.h"
#include "liteav/SdkObject.h"
#include "liteav/classic/Calls.h"
#include "liteav/classic/Events.h"

namespace rtcroom::liteav::classic {

/// The contract on the two older generations, whose methods are the contract's own. Threads: one for the SDK's calls,
/// which owns all below but what is atomic; callbacks copy and post to it.
class ClassicPusher final : public engine::Pusher, private SdkObject, private Sink {
  public:
    /// Throws SdkFailed, or Unsupported for options that the SDK has no place for. `exports` and `slots` must outlive
    /// it.
    ClassicPusher(const Exports &exports, const SlotTable &slots, const engine::PusherOptions &options,
                  engine::PusherListener &listener);
    ~ClassicPusher() override;

    void startPreview(const engine::VideoSourceOptions &options, engine::Completion done) override;
    void stopPreview(engine::Completion done) override;
    void updatePreview(uint64_t windowHandle) override;
    void startAudioCapture(const engine::AudioSourceOptions &options, engine::Completion done) override;
    void stopAudioCapture(engine::Completion done) override;
    void startPush(const std::string &url, engine::Completion done) override;
    void stopPush(engine::Completion done) override;
    bool isPushing() const override { return runs_.wanted(); }
    void setVideoQualityParamPreset(engine::VideoQualityPreset preset, engine::VideoRatio ratio) override;
    void setVideoResolution(int txeVideoResolution) override;
    void setVideoFPS(int fps) override;
    void setVideoBitRate(int kbps) override;
    void setVideoBitRateMin(int kbps) override;
    void setVideoBitRateMax(int kbps) override;
    void setAutoAdjustStrategy(engine::AutoAdjustStrategy strategy) override;
    void setMute(bool mute) override;
    void setPauseVideo(bool pause) override;
    void sendCustomVideoData(const engine::UserVideo &video) override;
    void sendCustomAudioData(const engine::UserAudio &audio) override;
    void captureVideoSnapShot(const std::string &path, engine::Completion done) override;
    void startLocalRecord(const std::string &path, uint64_t sliceSeconds, engine::Completion done) override;
    void stopLocalRecord(engine::Completion done) override;
    void setRenderMode(int mode) override;
    void setRotation(int rotation) override;
    void setRenderYMirror(bool mirror) override;
    void setOutputYMirror(bool mirror) override;
    void setBeautyStyle(int style, int beautyLevel, int whitenessLevel) override;
    void setNearestIP(bool enable) override;
    void showDebugView(int level) override;
    std::vector<engine::Device> enumCameras() override;
    void switchCamera(int index) override;
    std::vector<engine::Device> enumMics() override;
    void selectMicDevice(int index) override;
    int micVolume() override;
    void setMicVolume(int volume) override;
    int micVolumeIndication() override;
    void enableMic(bool enable) override;
    void openMicTest() override;
    void closeMicTest() override;
    void setAudioCaptureVolume(int volume) override;
    int getAudioCaptureVolume() override;
    void openSystemVoiceInput(const std::string &program) override;
    void closeSystemVoiceInput() override;
    void setSystemVoiceInputVolume(int volume) override;
    void enableAudioPreprocess(int type, bool enable) override;
    void setAudioChannels(int channels) override;
    std::vector<engine::ScreenCaptureSource> getScreenCaptureSources(const engine::Size &thumbnail = {}) override;
    void selectScreenCaptureTarget(const std::string &id, const engine::Rect &region,
                                   const engine::ScreenCaptureProperty &property = {}) override;
    void setScreenCaptureParam(uint64_t windowHandle, const engine::Rect &region, bool follow) override;
    void close(engine::Completion done) override;

  private:
    void onMessage(Message message) override;
    void onVideo(const char *, uint32_t, int, int, int) override {}
    void onAudio(const char *, uint32_t, uint32_t, uint32_t) override {}

    void handle(const Message &message);
    /// Of one that is wanted no more (Runs::fail).
    void failPush(engine::Error error);
    void settlePush(std::optional<engine::Error> error);
    void silence();
    void endSnapshot(std::optional<engine::Error> error);
    void shutDown();

    const SlotTable &slots_;
    const Generation generation_;
    const engine::PusherOptions options_;
    const std::function<void(const engine::Status &)> tellStatus_;
    PusherObject sdk_;
    std::shared_ptr<Observer<Sink>> observer_;
    bool previewing_ = false;
    bool capturing_ = false;
    Runs runs_;
    bool sdkPushing_ = false;
    engine::Completion pushDone_;
    std::optional<engine::Error> lastError_;
    engine::Completion snapshotDone_;
    uint64_t snapshotNumber_ = 0;
    FrameQueue frames_;
    // Last: its destructor runs the tasks that use all of the above.
    SdkThread worker_;
};

} // namespace rtcroom::liteav::classic
