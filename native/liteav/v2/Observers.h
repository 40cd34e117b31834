#pragma once

#include <cstdint>
#include <memory>

#include "liteav/abi/Observer.h"
#include "liteav/v2/Slots.h"
#include "liteav/v2/Types.h"

namespace rtcroom::liteav::v2 {

/// The SDK's callbacks, on its threads, with the SDK's own pointers: valid during the call, possibly null, text
/// possibly broken. `extra` parameters are left out: nobody knows what they point to.
class PusherSink {
  public:
    virtual void onError(int code, const char *message) = 0;
    virtual void onWarning(int code, const char *message) = 0;
    virtual void onCaptureFirstAudioFrame() = 0;
    virtual void onCaptureFirstVideoFrame() = 0;
    virtual void onMicrophoneVolume(int volume) = 0;
    virtual void onPushStatus(int status, const char *message) = 0;
    virtual void onStatistics(const PusherStatistics *statistics) = 0;
    virtual void onSnapshot(const char *bgra, int length, int width, int height) = 0;
    virtual void onScreenCaptureStarted() = 0;
    virtual void onScreenCaptureStopped(int reason) = 0;
    virtual void onRecordBegin(int code, const char *path) = 0;
    virtual void onRecording(long durationMs, const char *path) = 0;
    virtual void onRecordComplete(int code, const char *path) = 0;
    virtual void onDeviceChanged(const char *id, int type, int state) = 0;

  protected:
    ~PusherSink() = default;
};

class PlayerSink {
  public:
    virtual void onError(int code, const char *message) = 0;
    virtual void onWarning(int code, const char *message) = 0;
    virtual void onResolution(int width, int height) = 0;
    virtual void onConnected() = 0;
    virtual void onVideoPlaying(bool first) = 0;
    virtual void onAudioPlaying(bool first) = 0;
    virtual void onVideoLoading() = 0;
    virtual void onAudioLoading() = 0;
    virtual void onPlayoutVolume(int volume) = 0;
    virtual void onStatistics(const PlayerStatistics *statistics) = 0;
    virtual void onSnapshot(const char *bgra, int length, int width, int height) = 0;
    virtual void onVideoFrame(const VideoFrame *frame) = 0;
    virtual void onAudioFrame(const AudioFrame *frame) = 0;
    virtual void onSei(int type, const uint8_t *data, uint32_t length) = 0;
    virtual void onStreamSwitched(int code) = 0;
    virtual void onRecordBegin(int code, const char *path) = 0;
    virtual void onRecording(long durationMs, const char *path) = 0;
    virtual void onRecordComplete(int code, const char *path) = 0;

  protected:
    ~PlayerSink() = default;
};

/// Observers whose callbacks stand where the table says.
std::shared_ptr<Observer<PusherSink>> makePusherObserver(const SlotTable &slots, PusherSink &sink);
std::shared_ptr<Observer<PlayerSink>> makePlayerObserver(const SlotTable &slots, PlayerSink &sink);
std::shared_ptr<Observer<PusherSink>> makeDeviceObserver(const SlotTable &slots, PusherSink &sink);

} // namespace rtcroom::liteav::v2
