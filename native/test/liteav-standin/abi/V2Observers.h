#pragma once

#include "abi/V2Types.h"

namespace liteav {

class V2TXLivePlayer;

class V2TXLivePusherObserver {
  public:
    virtual ~V2TXLivePusherObserver() {}
    virtual void onError(int32_t, const char *, void *) {}
    virtual void onWarning(int32_t, const char *, void *) {}
    virtual void onCaptureFirstAudioFrame() {}
    virtual void onCaptureFirstVideoFrame() {}
    virtual void onMicrophoneVolumeUpdate(int32_t) {}
    virtual void onPushStatusUpdate(V2TXLivePushStatus, const char *, void *) {}
    virtual void onStatisticsUpdate(V2TXLivePusherStatistics) {}
#if STANDIN_REVISION >= 4
    virtual void onGLContextCreated() {}
#endif
    virtual void onSnapshotComplete(const char *, int, int, int, V2TXLivePixelFormat) {}
    virtual void onRenderVideoFrame(const V2TXLiveVideoFrame *) {}
    virtual int onProcessVideoFrame(V2TXLiveVideoFrame *, V2TXLiveVideoFrame *) { return 0; }
#if STANDIN_REVISION >= 4
    virtual void onGLContextDestroyed() {}
#endif
    virtual void onScreenCaptureStarted() {}
    virtual void onScreenCaptureStoped(int) {}
#if STANDIN_REVISION >= 4
    virtual void onLocalRecordBegin(int, const char *) {}
    virtual void onLocalRecording(long, const char *) {}
    virtual void onLocalRecordComplete(int, const char *) {}
#endif
};

class V2TXLivePlayerObserver {
  public:
    virtual ~V2TXLivePlayerObserver() {}
    virtual void onError(V2TXLivePlayer *, int32_t, const char *, void *) {}
    virtual void onWarning(V2TXLivePlayer *, int32_t, const char *, void *) {}
    virtual void onVideoResolutionChanged(V2TXLivePlayer *, int, int) {}
    virtual void onConnected(V2TXLivePlayer *, void *) {}
    virtual void onVideoPlaying(V2TXLivePlayer *, bool, void *) {}
    virtual void onAudioPlaying(V2TXLivePlayer *, bool, void *) {}
    virtual void onVideoLoading(V2TXLivePlayer *, void *) {}
    virtual void onAudioLoading(V2TXLivePlayer *, void *) {}
    virtual void onPlayoutVolumeUpdate(V2TXLivePlayer *, int32_t) {}
    virtual void onStatisticsUpdate(V2TXLivePlayer *, V2TXLivePlayerStatistics) {}
    virtual void onSnapshotComplete(V2TXLivePlayer *, const char *, int, int, int, V2TXLivePixelFormat) {}
    virtual void onRenderVideoFrame(V2TXLivePlayer *, const V2TXLiveVideoFrame *) {}
    virtual void onPlayoutAudioFrame(V2TXLivePlayer *, const V2TXLiveAudioFrame *) {}
    virtual void onReceiveSeiMessage(V2TXLivePlayer *, int, const uint8_t *, uint32_t) {}
    virtual void onStreamSwitched(V2TXLivePlayer *, const char *, int32_t) {}
#if STANDIN_REVISION >= 4
    virtual void onPictureInPictureStateUpdate(V2TXLivePlayer *, int, const char *, void *) {}
    virtual void onLocalRecordBegin(V2TXLivePlayer *, int, const char *) {}
    virtual void onLocalRecording(V2TXLivePlayer *, long, const char *) {}
    virtual void onLocalRecordComplete(V2TXLivePlayer *, int, const char *) {}
#endif
};

/// Slots of the observers, destructor included.
inline constexpr int PUSHER_OBSERVER_SLOTS = STANDIN_REVISION >= 4 ? 18 : 13;
inline constexpr int PLAYER_OBSERVER_SLOTS = STANDIN_REVISION >= 4 ? 20 : 16;

} // namespace liteav
