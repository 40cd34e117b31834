#pragma once

#include "abi/V2Observers.h"

namespace liteav {

class V2TXLivePlayer {
  public:
    virtual void setObserver(V2TXLivePlayerObserver *observer) = 0;
    virtual int32_t setRenderView(void *view) = 0;
    virtual int32_t setRenderRotation(V2TXLiveRotation rotation) = 0;
    virtual int32_t setRenderFillMode(V2TXLiveFillMode mode) = 0;
#if STANDIN_REVISION >= 4
    virtual int32_t setRenderMirrorMode(bool mirror) = 0;
#endif
    virtual int32_t startPlay(const char *url) = 0;
    virtual int32_t stopPlay() = 0;
    virtual int32_t isPlaying() = 0;
    virtual int32_t pauseAudio() = 0;
    virtual int32_t resumeAudio() = 0;
    virtual int32_t pauseVideo() = 0;
    virtual int32_t resumeVideo() = 0;
    virtual int32_t setPlayoutVolume(int32_t volume) = 0;
    virtual int32_t setCacheParams(float minTime, float maxTime) = 0;
    virtual int32_t switchStream(const char *url) = 0;
    virtual int32_t enableVolumeEvaluation(int32_t intervalMs) = 0;
    virtual int32_t snapshot() = 0;
    virtual int32_t enableObserveVideoFrame(bool enable, V2TXLivePixelFormat format, V2TXLiveBufferType type) = 0;
    virtual int32_t enableObserveAudioFrame(bool enable) = 0;
    virtual int32_t enableReceiveSeiMessage(bool enable, int payloadType) = 0;
#if STANDIN_REVISION >= 4
    virtual int32_t enablePictureInPicture(bool enable) = 0;
#endif
    virtual void showDebugView(bool show) = 0;
    virtual int32_t setProperty(const char *key, const void *value) = 0;
#if STANDIN_REVISION >= 4
    virtual int startLocalRecording(const V2TXLiveLocalRecordingParams &params) = 0;
    virtual void stopLocalRecording() = 0;
#endif

  protected:
    virtual ~V2TXLivePlayer() {}
};

} // namespace liteav
