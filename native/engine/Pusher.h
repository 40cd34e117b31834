#pragma once

#include <string>

#include "engine/Error.h"
#include "engine/Event.h"
#include "engine/Frame.h"
#include "engine/Options.h"
#include "engine/Status.h"

namespace rtcroom::engine {

/// Called on engine threads; must return at once. Nothing is called after the pusher's close has completed.
class PusherListener {
  public:
    virtual ~PusherListener() = default;
    virtual void onEvent(const Event &event) = 0;
    virtual void onStatus(const Status &status) = 0;
    /// What is about to be encoded, where setOutputVideoFormat and setOutputAudio ask for it.
    virtual void onVideoFrame(VideoFrame) {}
    virtual void onAudioFrame(AudioFrame) {}
};

/// Pushes one stream. No call blocks on the network, a device or a file: what takes time ends through its Completion.
/// Setters throw EngineException (InvalidArgument, InvalidState) and then leave the state as it was. Any call after
/// close throws Closed. Calls may come from any one thread at a time.
///
/// A method that an engine does not have throws Unsupported: that is what the default bodies do. `Engine::capabilities`
/// lists those that it has.
class Pusher {
  public:
    virtual ~Pusher() = default;

    virtual void startPreview(const VideoSourceOptions &options, Completion done);
    virtual void stopPreview(Completion done);
    /// Waits for one answer of the display (Linux: the X server), so that a window that is none is refused here.
    virtual void updatePreview(uint64_t windowHandle);
    virtual void startAudioCapture(const AudioSourceOptions &options, Completion done);
    virtual void stopAudioCapture(Completion done);

    /// Done at the first PUSH_EVT_PUSH_BEGIN, or with the error that ended the push before it. A stop, a close or a
    /// second start ends it with Aborted or InvalidState. Without a preview the stream has sound only.
    virtual void startPush(const std::string &url, Completion done);
    /// Done when the connection is closed and the push's threads have ended: within 100 ms. Legal at any time.
    virtual void stopPush(Completion done);
    virtual bool isPushing() const;

    virtual void setVideoQualityParamPreset(VideoQualityPreset preset, VideoRatio ratio);
    virtual void setVideoResolution(int txeVideoResolution);
    virtual void setVideoFPS(int fps);
    virtual void setVideoBitRate(int kbps);
    /// Encode on hardware where an encoder opens. Never fails: software does it else, and a
    /// PUSH_WARNING_HW_ACCELERATION_FAIL says so.
    virtual void enableHWAcceleration(bool enable);
    virtual void setVideoBitRateMin(int kbps);
    virtual void setVideoBitRateMax(int kbps);
    virtual void setAutoAdjustStrategy(AutoAdjustStrategy strategy);
    virtual void setMute(bool mute);
    virtual void setPauseVideo(bool pause);

    virtual void sendCustomVideoData(const UserVideo &video);
    virtual void sendCustomAudioData(const UserAudio &audio);
    /// A text of 1 to 4096 bytes that travels in the stream and arrives with the next picture, as EVT_PLAY_GET_MESSAGE
    /// of players that have called setEnableMessage. InvalidState when no picture is pushed, or 32 wait for one.
    virtual void sendMessage(const std::string &text);

    /// Hands out what is about to be encoded: the pictures with effects and watermark (None ends it), the sound.
    /// Options that an engine has not throw Unsupported.
    virtual void setOutputVideoFormat(OutputVideoFormat format, const OutputVideoOptions &options = {});
    virtual void setOutputAudio(bool enable, const OutputAudioOptions &options = {});

    virtual void captureVideoSnapShot(const std::string &path, Completion done);
    virtual void startLocalRecord(const std::string &path, uint64_t sliceSeconds, Completion done);
    virtual void stopLocalRecord(Completion done);

    virtual void setRenderMode(int mode);
    virtual void setRotation(int rotation);
    virtual void setRenderYMirror(bool mirror);
    virtual void setOutputYMirror(bool mirror);
    virtual void setBeautyStyle(int style, int beautyLevel, int whitenessLevel);
    /// The picture of a file over those that are pushed and recorded: its upper left corner and its width, in parts of
    /// theirs. An empty path takes it away.
    virtual void setWatermark(const std::string &path, double x, double y, double scale, Completion done);
    virtual void setNearestIP(bool enable);
    /// Lines about what is pushed over the picture in the window, and nowhere else: 0 off, 1 brief, 2 full. Throws
    /// InvalidArgument for another level, and WindowFailed where the machine lacks what text is drawn with.
    virtual void showDebugView(int level);

    virtual std::vector<Device> enumCameras();
    virtual void switchCamera(int index);
    virtual std::vector<Device> enumMics();
    virtual void selectMicDevice(int index);
    virtual int micVolume();
    virtual void setMicVolume(int volume);
    virtual int micVolumeIndication();
    virtual void enableMic(bool enable);
    virtual void openMicTest();
    virtual void closeMicTest();
    virtual void setAudioCaptureVolume(int volume);
    virtual int getAudioCaptureVolume();
    virtual void openSystemVoiceInput(const std::string &program);
    virtual void closeSystemVoiceInput();
    virtual void setSystemVoiceInputVolume(int volume);
    virtual void enableAudioPreprocess(int type, bool enable);
    virtual void setAudioChannels(int channels);
    /// With thumbnails that fit into a size; 0 by 0 is without.
    virtual std::vector<ScreenCaptureSource> getScreenCaptureSources(const Size &thumbnail = {});
    /// For the source Screen; also while sharing.
    virtual void selectScreenCaptureTarget(const std::string &id, const Rect &region,
                                           const ScreenCaptureProperty &property = {});
    /// The 2018 SDK's way: a window as a whole, or for handle 0 a region of the primary screen.
    virtual void setScreenCaptureParam(uint64_t windowHandle, const Rect &region, bool follow);

    /// Ends everything; done when no thread of the pusher is left. Twice is nothing.
    virtual void close(Completion done) = 0;
};

} // namespace rtcroom::engine
