#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "embedded/ConnectionLoop.h"
#include "embedded/DebugView.h"
#include "embedded/Lifecycle.h"
#include "embedded/PushQuality.h"
#include "embedded/PushStatus.h"
#include "embedded/SoundTurn.h"
#include "embedded/StopTasks.h"
#include "embedded/encode/PushPipeline.h"
#include "embedded/publish/PendingMessages.h"
#include "embedded/publish/PictureClock.h"
#include "embedded/publish/RtmpPublishSession.h"
#include "embedded/qos/PushQos.h"
#include "embedded/record/StreamRecording.h"
#include "engine/Pusher.h"
#include "engine/TaskThread.h"
#include "window/WindowRenderer.h"

namespace rtcroom::embedded {

/// Source → encoder → RTMP. Packets go from the encoders' threads straight into the session's queue; this class joins
/// the parts, keeps their order and speaks to the listener.
///
/// Threads: `control_` opens sources and joins; the connection loop's thread runs the session; the pipeline has its
/// own.
class EmbeddedPusher final : public engine::Pusher {
  public:
    EmbeddedPusher(const engine::PusherOptions &options, engine::PusherListener &listener,
                   std::shared_ptr<Cameras> cameras = systemCameras(), CameraPatience patience = {});
    ~EmbeddedPusher() override;

    void startPreview(const engine::VideoSourceOptions &options, engine::Completion done) override;
    void stopPreview(engine::Completion done) override;
    void updatePreview(uint64_t windowHandle) override;
    void startAudioCapture(const engine::AudioSourceOptions &options, engine::Completion done) override;
    void stopAudioCapture(engine::Completion done) override;
    void startPush(const std::string &url, engine::Completion done) override;
    void stopPush(engine::Completion done) override;
    bool isPushing() const override;

    void setVideoQualityParamPreset(engine::VideoQualityPreset preset, engine::VideoRatio ratio) override;
    void setVideoResolution(int txeVideoResolution) override;
    void setVideoFPS(int fps) override;
    void setVideoBitRate(int kbps) override;
    void enableHWAcceleration(bool enable) override;
    void setVideoBitRateMin(int kbps) override;
    void setVideoBitRateMax(int kbps) override;
    void setAutoAdjustStrategy(engine::AutoAdjustStrategy strategy) override;
    void setMute(bool mute) override;
    void setPauseVideo(bool pause) override;
    void sendCustomVideoData(const engine::UserVideo &video) override;
    void sendCustomAudioData(const engine::UserAudio &audio) override;
    void sendMessage(const std::string &text) override;
    void captureVideoSnapShot(const std::string &path, engine::Completion done) override;
    void startLocalRecord(const std::string &path, uint64_t sliceSeconds, engine::Completion done) override;
    void stopLocalRecord(engine::Completion done) override;
    void setRenderMode(int mode) override;
    void setRotation(int rotation) override;
    void setRenderYMirror(bool mirror) override;
    void setBeautyStyle(int style, int beautyLevel, int whitenessLevel) override;
    void setWatermark(const std::string &path, double x, double y, double scale, engine::Completion done) override;
    void setOutputYMirror(bool mirror) override;
    void setOutputVideoFormat(engine::OutputVideoFormat format,
                              const engine::OutputVideoOptions &options = {}) override;
    void setOutputAudio(bool enable, const engine::OutputAudioOptions &options = {}) override;
    void setNearestIP(bool enable) override;
    void showDebugView(int level) override;
    std::vector<engine::Device> enumCameras() override;
    void switchCamera(int index) override;
    std::vector<engine::ScreenCaptureSource> getScreenCaptureSources(const engine::Size &thumbnail = {}) override;
    void selectScreenCaptureTarget(const std::string &id, const engine::Rect &region,
                                   const engine::ScreenCaptureProperty &property = {}) override;
    void setScreenCaptureParam(uint64_t windowHandle, const engine::Rect &region, bool follow) override;
    std::vector<engine::Device> enumMics() override;
    void selectMicDevice(int index) override;
    int micVolume() override;
    void setMicVolume(int volume) override;
    int micVolumeIndication() override;
    void enableMic(bool enable) override;
    void openMicTest() override;
    void closeMicTest() override;
    void openSystemVoiceInput(const std::string &program) override;
    void closeSystemVoiceInput() override;
    void setSystemVoiceInputVolume(int volume) override;
    void enableAudioPreprocess(int type, bool enable) override;
    void setAudioChannels(int channels) override;
    void setAudioCaptureVolume(int volume) override;
    int getAudioCaptureVolume() override;
    void close(engine::Completion done) override;

  private:
    PushPipeline::Callbacks pipelineCallbacks();
    RtmpPublishSession::Callbacks sessionCallbacks();
    PushQos::Callbacks qosCallbacks();
    ConnectionLoop::Hooks loopHooks();
    /// With the events of cameras and screens.
    /// @param stops pipeline_.videoStops() at the call
    void openVideo(const engine::VideoSourceOptions &options, uint64_t stops);
    void closeVideo();
    void noteVideo(std::optional<engine::SourceKind> kind);
    void setScreenTarget(const ScreenTarget &target);
    void onDeviceGone(engine::SourceKind kind, const std::string &why);
    void onFault(const SessionResult &result, bool retrying);
    void onGiveUp(const SessionResult &result);
    void onPacket(EncodedPacket packet);
    void onVideoEncoderStarted(const VideoSettings &settings, const std::string &encoder);
    /// With its event, where it changed; the size as an event's parameters.
    std::vector<std::pair<std::string, std::string>> noteEncodedSize(engine::Size size);
    void startPipelineSoon();
    void haltPush();
    /// Unless a recording needs it.
    void haltPipeline();
    void startRecord(const std::string &path, int64_t sliceSeconds);
    void haltIdlePipeline();
    /// In turn with all that is done to sources of sound.
    void runSound(SoundTurn::Kind kind, SoundTurn::Begin begin, engine::Completion done);
    /// As runSound, of what opens a device: a failure is told by its event as well.
    void useDevice(SoundTurn::Kind kind, SoundTurn::Begin begin, engine::Completion done = {});
    /// Ends what waits of that kind, and does the work at once.
    void endSound(SoundTurn::Kind kind, Lifecycle::Work work, engine::Completion done = {});
    /// Now and again while devices for sound are open.
    void watchSounds();
    void reportStatus();
    void emit(int code, const std::string &message = {}, std::vector<std::pair<std::string, std::string>> params = {});

    const engine::PusherOptions options_;
    engine::PusherListener &listener_;
    const CameraAccess cameras_;

    Lifecycle life_;
    /// Guards what follows, and `life_`.
    std::mutex &mutex_ = life_.mutex();
    std::string url_;
    std::optional<engine::Size> encodedSize_;
    /// What startPreview was called with last, whether or not it is open yet.
    std::optional<engine::SourceKind> previewKind_;
    ScreenTarget screenTarget_;

    StreamRecording recording_;
    PendingMessages messages_;
    PictureClock clock_;

    // Control thread only.
    bool pipelineRunning_ = false;
    std::optional<engine::SourceKind> videoKind_;
    bool watchingSounds_ = false;
    SoundTurn soundTurn_{control_, life_};
    /// Number of the last stopPush that was done earlier than in turn.
    uint64_t earlyStop_ = 0;
    StopTasks stopTasks_{control_};
    /// Calls of stopPush; of any thread.
    std::atomic<uint64_t> pushStops_{0};
    /// Calls that have to do with sources of sound and are not done yet; of any thread.
    std::atomic<int> soundCalls_{0};

    window::WindowRenderer renderer_;
    DebugView debugView_{engine::Side::Push, renderer_};
    PushQos qos_;
    RtmpPublishSession session_;
    PushPipeline pipeline_;
    PushQuality quality_{pipeline_, qos_, options_};
    PushStatus status_{pipeline_, session_, qos_};
    ConnectionLoop loop_;
    // Last: its destructor runs the tasks that use all of the above.
    engine::TaskThread control_;
};

} // namespace rtcroom::embedded
