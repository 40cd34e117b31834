#pragma once

#include <string>

#include "engine/Error.h"
#include "engine/Event.h"
#include "engine/Frame.h"
#include "engine/Options.h"
#include "engine/Status.h"

namespace rtcroom::engine {

/// Called on engine threads; must return at once. Nothing is called after the player's close has completed.
class PlayerListener {
  public:
    virtual ~PlayerListener() = default;
    virtual void onEvent(const Event &event) = 0;
    virtual void onStatus(const Status &status) = 0;
    virtual void onVideoFrame(VideoFrame frame) = 0;
    virtual void onAudioFrame(AudioFrame frame) = 0;
};

/// Plays one stream. The rules of Pusher hold.
class Player {
  public:
    virtual ~Player() = default;

    /// Done at PLAY_EVT_PLAY_BEGIN (the first decoded picture, or sound where there is no picture), or with the error
    /// that ended the playback before it.
    virtual void startPlay(const std::string &url, PlayType type, Completion done);
    /// Done when the connection is closed and the playback's threads have ended: within 100 ms. Legal at any time.
    virtual void stopPlay(Completion done);
    virtual bool isPlaying() const;
    /// Stops handing out and decoding; the connection stays. resume() goes on at the live edge, at a key frame.
    virtual void pause();
    virtual void resume();
    /// Silences the PCM that is handed out; a recording keeps its sound.
    virtual void setMute(bool mute);
    /// Options that an engine has not throw Unsupported.
    virtual void setOutputVideoFormat(OutputVideoFormat format, const OutputVideoOptions &options = {});
    virtual void setOutputAudio(bool enable, const OutputAudioOptions &options = {});

    /// PNG or JPEG by the path's ending, of the next decoded picture. The SDK's return codes (-2 bad path, -3 file
    /// exists, -4 not playing, -1 failed) are the error's nativeCode; PLAY_EVT_SNAPSHOT_RESULT comes as well.
    virtual void captureVideoSnapShot(const std::string &path, Completion done);
    /// Records what arrives, not re-encoded, as MP4 from the next key frame on, in slices of that length (0: one file).
    /// Done when the file is open; PLAY_EVT_LOCAL_RECORD_RESULT comes with each file.
    virtual void startLocalRecord(const std::string &path, uint64_t sliceSeconds, Completion done);
    /// Done when the file is complete.
    virtual void stopLocalRecord(Completion done);

    /// Waits as Pusher::updatePreview does.
    virtual void setRenderFrame(uint64_t windowHandle);
    virtual void updateRenderFrame(uint64_t windowHandle);
    virtual void closeRenderFrame();
    virtual void setRenderMode(int mode);
    virtual void setRotation(int rotation);
    virtual void setRenderYMirror(bool mirror);
    /// As Pusher::showDebugView, of what is played.
    virtual void showDebugView(int level);
    virtual void setEnableMessage(bool enable);
    /// See LivePlayAttribute. Holds at once, its retries from the next fault on; throws InvalidArgument, and then
    /// nothing is changed.
    virtual void setLivePlayAttribute(const std::string &json);
    virtual std::vector<Device> enumSpeakers();
    virtual void selectSpeakerDevice(int index);
    virtual int speakerVolume();
    virtual void setSpeakerVolume(int volume);
    virtual int speakerVolumeIndication();
    virtual void setAudioPlayoutVolume(int volume);
    virtual int getAudioPlayoutVolume();

    /// Ends everything; done when no thread of the player is left. Twice is nothing.
    virtual void close(Completion done) = 0;
};

} // namespace rtcroom::engine
