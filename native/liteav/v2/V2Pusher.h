#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/Pusher.h"
#include "liteav/FrameQueue.h"
#include "liteav/Runs.h"
#include "liteav/SdkObject.h"
#include "liteav/Snapshots.h"
#include "liteav/v2/Calls.h"
#include "liteav/v2/Codes.h"
#include "liteav/v2/Observers.h"
#include "liteav/v2/Recording.h"
#include "liteav/v2/Replay.h"

namespace rtcroom::liteav::v2 {

/// The contract on V2TXLivePusher. The SDK's object has its mode (RTMP or RTC) from its creation, so a push of the
/// other kind makes a new one and sets all again.
///
/// Threads: the SDK thread makes every call and owns all below but what is atomic; callbacks copy and post to it.
class V2Pusher final : public engine::Pusher, private SdkObject, private PusherSink {
  public:
    /// Throws SdkFailed when the SDK gives no object, Unsupported for options that it has no place for. `exports` and
    /// `slots` must outlive it.
    V2Pusher(const Exports &exports, const SlotTable &slots, const engine::PusherOptions &options,
             engine::PusherListener &listener);
    ~V2Pusher() override;

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
    void setWatermark(const std::string &path, double x, double y, double scale, engine::Completion done) override;
    void showDebugView(int level) override;
    void sendMessage(const std::string &text) override;
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
    void setAudioChannels(int channels) override;
    std::vector<engine::ScreenCaptureSource> getScreenCaptureSources(const engine::Size &thumbnail = {}) override;
    void selectScreenCaptureTarget(const std::string &id, const engine::Rect &region,
                                   const engine::ScreenCaptureProperty &property = {}) override;
    void setScreenCaptureParam(uint64_t windowHandle, const engine::Rect &region, bool follow) override;
    void close(engine::Completion done) override;

  private:
    enum class Source { None, Camera, Screen, User };
    enum class Sound { None, Microphone, User };

    // PusherSink: the SDK's threads.
    void onError(int code, const char *message) override;
    void onWarning(int code, const char *message) override;
    void onCaptureFirstAudioFrame() override {}
    void onCaptureFirstVideoFrame() override;
    void onMicrophoneVolume(int volume) override { micLevel_ = volume; }
    void onPushStatus(int status, const char *message) override;
    void onStatistics(const PusherStatistics *statistics) override;
    void onSnapshot(const char *bgra, int length, int width, int height) override;
    void onScreenCaptureStarted() override {}
    void onScreenCaptureStopped(int reason) override;
    void onRecordBegin(int code, const char *path) override;
    void onRecording(long durationMs, const char *path) override;
    void onRecordComplete(int code, const char *path) override;
    void onDeviceChanged(const char *id, int type, int state) override;

    PusherCalls sdk() const { return {object_, slots_.pusher}; }
    AudioEffectsCalls effects() const;
    void create(Mode mode);
    void release();
    void recreate(Mode mode);
    /// A setting that a new SDK object is given as well.
    void setApplied(const char *method, const char *key, std::function<void()> change);
    void setEncoder(const char *method, std::function<void(EncoderSettings &)> change);

    void startSource(const engine::VideoSourceOptions &options);
    void stopSource();
    void stopAudio();
    void beginPush(const std::string &url, uint64_t number);
    void handleStatus(PushStatus status, const std::string &message);
    void handleStatistics(const PusherStatistics &statistics);
    /// The push is over: the event, the rejection, and silence for the SDK.
    void failPush(const engine::Error &error, int event, const std::string &message);
    void settlePush(std::optional<engine::Error> error);
    void silence();
    void shutDown();

    const Exports &exports_;
    const SlotTable &slots_;
    const engine::PusherOptions options_;
    const std::function<void(const engine::Status &)> tellStatus_;

    void *object_ = nullptr;
    Mode mode_ = Mode::Rtmp;
    std::shared_ptr<Observer<PusherSink>> observer_;
    std::shared_ptr<Observer<PusherSink>> deviceObserver_;
    Replay replay_;
    EncoderSettings encoder_;
    Source source_ = Source::None;
    Sound sound_ = Sound::None;
    bool firstFrame_ = false;
    std::string screenId_;
    engine::Rect screenRegion_;
    engine::ScreenCaptureProperty screenProperty_;
    Snapshots snapshots_;
    Recording recording_;

    Runs runs_;
    engine::Completion pushDone_;
    /// The SDK was told to push and not yet to stop.
    bool sdkPushing_ = false;
    bool connected_ = false;
    bool sawConnecting_ = false;
    /// Own stops whose "disconnected" has not come: it may come during the next push.
    int owedDisconnects_ = 0;
    std::optional<engine::Error> lastError_;
    /// Nothing before the push's first connection, 0×0 before its first picture.
    std::optional<engine::Size> encodedSize_;

    std::atomic<int> micLevel_{0};
    std::atomic<bool> evaluating_{false};
    std::atomic<int> captureVolume_{65535};
    std::atomic<bool> micEnabled_{true};
    /// What the application asked for last; its frames are refused at once without.
    std::atomic<bool> userVideo_{false};
    std::atomic<bool> userAudio_{false};
    FrameQueue frames_;
    // Last: its destructor runs the tasks that use all of the above.
    SdkThread worker_;
};

} // namespace rtcroom::liteav::v2
