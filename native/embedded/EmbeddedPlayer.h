#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "embedded/ConnectionLoop.h"
#include "embedded/DebugView.h"
#include "embedded/Lifecycle.h"
#include "embedded/PlayStatus.h"
#include "embedded/playout/PlayPipeline.h"
#include "embedded/playout/Speaker.h"
#include "embedded/receive/ConnectionMedia.h"
#include "embedded/receive/PlaySession.h"
#include "engine/Player.h"
#include "engine/TaskThread.h"
#include "window/WindowRenderer.h"

namespace rtcroom::embedded {

/// RTMP or HTTP-FLV → decoder → application. The session's thread hands packets to the pipeline, whose threads hand out
/// frames; this class joins the parts, keeps the order of events and speaks to the listener.
class EmbeddedPlayer final : public engine::Player {
  public:
    EmbeddedPlayer(const engine::PlayerOptions &options, engine::PlayerListener &listener,
                   DecoderLookup decoders = findDecoder);
    ~EmbeddedPlayer() override;

    void startPlay(const std::string &url, engine::PlayType type, engine::Completion done) override;
    void stopPlay(engine::Completion done) override;
    bool isPlaying() const override;
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
    PlayPipeline::Callbacks pipelineCallbacks();
    PlaySession::Callbacks sessionCallbacks();
    ConnectionLoop::Hooks loopHooks();
    void onPacket(EncodedPacket packet);
    void onFault(const SessionResult &result, bool retrying);
    void onGiveUp(const SessionResult &result);
    void onFirstIFrame();
    void onFirstAudioFrame();
    void onResolution(int width, int height);
    void onDecoderMissing(CodecId codec, const std::string &reason);
    /// Some time after that: what there is begins to play, or the start fails.
    void playTheRest(uint64_t play, const std::string &reason);
    /// PLAY_EVT_PLAY_BEGIN, the pending startPlay and what waited for it; once a connection.
    void beginPlay();
    /// PLAY_EVT_PLAY_LOADING, and PLAY_EVT_PLAY_BEGIN when it goes on in the same connection.
    void tellLoading();
    void haltPlay();
    void haltPipeline();
    void finishRecord(engine::Completion done);
    Speaker::Callbacks speakerCallbacks();
    /// Now and again while a loudspeaker is wanted and this playback lasts.
    void watchSpeaker(uint64_t play);
    void reportStatus();
    void emit(int code, const std::string &message = {}, std::vector<std::pair<std::string, std::string>> params = {});

    const engine::PlayerOptions options_;
    engine::PlayerListener &listener_;

    Lifecycle life_;
    /// Guards what follows, and `life_`.
    std::mutex &mutex_ = life_.mutex();
    std::string url_;
    /// Of the present connection.
    bool begun_ = false;
    ConnectionMedia media_;
    /// Held while it is told that playing begins, loads or goes on, so that what is told last is so. Before mutex_ and
    /// the pipeline's own; never taken under them.
    std::mutex tellMutex_;
    /// The stream was seen, and is told to be loading.
    bool shown_ = false;
    bool loading_ = false;
    engine::PlayType type_ = engine::PlayType::LiveRtmpAcc;
    engine::LivePlayAttribute attribute_;
    std::optional<engine::Size> pendingResolution_;

    // Control thread only.
    bool pipelineRunning_ = false;
    /// Whose loudspeaker is watched; 0 for none.
    uint64_t watchedPlay_ = 0;

    window::WindowRenderer renderer_;
    DebugView debugView_{engine::Side::Play, renderer_};
    PlaySession session_;
    PlayPipeline pipeline_;
    PlayStatus status_{pipeline_, session_};
    Speaker speaker_;
    ConnectionLoop loop_;
    // Last: its destructor runs the tasks that use all of the above.
    engine::TaskThread control_;
};

} // namespace rtcroom::embedded
