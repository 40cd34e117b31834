#include "liteav/v2/Observers.h"

namespace rtcroom::liteav::v2 {
namespace {

// The SDK's `long` is 32 bit.
using SdkLong = int32_t;

/// The SDK's side of PusherSink: `this` first, then the callback's parameters. Structs by value come as a pointer to
/// the caller's copy (x64, more than 8 bytes).
struct PusherCallbacks {
    using O = Observer<PusherSink>;
    static void RTCROOM_SDK_METHOD onError(void *self, int32_t code, const char *message, void *) {
        O::tell(self, [&](PusherSink &sink) { sink.onError(code, message); });
    }
    static void RTCROOM_SDK_METHOD onWarning(void *self, int32_t code, const char *message, void *) {
        O::tell(self, [&](PusherSink &sink) { sink.onWarning(code, message); });
    }
    static void RTCROOM_SDK_METHOD onCaptureFirstAudioFrame(void *self) {
        O::tell(self, [](PusherSink &sink) { sink.onCaptureFirstAudioFrame(); });
    }
    static void RTCROOM_SDK_METHOD onCaptureFirstVideoFrame(void *self) {
        O::tell(self, [](PusherSink &sink) { sink.onCaptureFirstVideoFrame(); });
    }
    static void RTCROOM_SDK_METHOD onMicrophoneVolumeUpdate(void *self, int32_t volume) {
        O::tell(self, [&](PusherSink &sink) { sink.onMicrophoneVolume(volume); });
    }
    static void RTCROOM_SDK_METHOD onPushStatusUpdate(void *self, int status, const char *message, void *) {
        O::tell(self, [&](PusherSink &sink) { sink.onPushStatus(status, message); });
    }
    static void RTCROOM_SDK_METHOD onStatisticsUpdate(void *self, const PusherStatistics *statistics) {
        O::tell(self, [&](PusherSink &sink) { sink.onStatistics(statistics); });
    }
    static void RTCROOM_SDK_METHOD onSnapshotComplete(void *self, const char *image, int length, int width, int height,
                                                      int) {
        O::tell(self, [&](PusherSink &sink) { sink.onSnapshot(image, length, width, height); });
    }
    static void RTCROOM_SDK_METHOD onScreenCaptureStarted(void *self) {
        O::tell(self, [](PusherSink &sink) { sink.onScreenCaptureStarted(); });
    }
    static void RTCROOM_SDK_METHOD onScreenCaptureStoped(void *self, int reason) {
        O::tell(self, [&](PusherSink &sink) { sink.onScreenCaptureStopped(reason); });
    }
    static void RTCROOM_SDK_METHOD onLocalRecordBegin(void *self, int code, const char *path) {
        O::tell(self, [&](PusherSink &sink) { sink.onRecordBegin(code, path); });
    }
    static void RTCROOM_SDK_METHOD onLocalRecording(void *self, SdkLong durationMs, const char *path) {
        O::tell(self, [&](PusherSink &sink) { sink.onRecording(durationMs, path); });
    }
    static void RTCROOM_SDK_METHOD onLocalRecordComplete(void *self, int code, const char *path) {
        O::tell(self, [&](PusherSink &sink) { sink.onRecordComplete(code, path); });
    }
    static void RTCROOM_SDK_METHOD onDeviceChanged(void *self, const char *id, int type, int state) {
        O::tell(self, [&](PusherSink &sink) { sink.onDeviceChanged(id, type, state); });
    }
};

/// The same of PlayerSink; the second parameter is always the SDK's player, which is known.
struct PlayerCallbacks {
    using O = Observer<PlayerSink>;
    static void RTCROOM_SDK_METHOD onError(void *self, void *, int32_t code, const char *message, void *) {
        O::tell(self, [&](PlayerSink &sink) { sink.onError(code, message); });
    }
    static void RTCROOM_SDK_METHOD onWarning(void *self, void *, int32_t code, const char *message, void *) {
        O::tell(self, [&](PlayerSink &sink) { sink.onWarning(code, message); });
    }
    static void RTCROOM_SDK_METHOD onVideoResolutionChanged(void *self, void *, int32_t width, int32_t height) {
        O::tell(self, [&](PlayerSink &sink) { sink.onResolution(width, height); });
    }
    static void RTCROOM_SDK_METHOD onConnected(void *self, void *, void *) {
        O::tell(self, [](PlayerSink &sink) { sink.onConnected(); });
    }
    static void RTCROOM_SDK_METHOD onVideoPlaying(void *self, void *, SdkBool first, void *) {
        O::tell(self, [&](PlayerSink &sink) { sink.onVideoPlaying(first != 0); });
    }
    static void RTCROOM_SDK_METHOD onAudioPlaying(void *self, void *, SdkBool first, void *) {
        O::tell(self, [&](PlayerSink &sink) { sink.onAudioPlaying(first != 0); });
    }
    static void RTCROOM_SDK_METHOD onVideoLoading(void *self, void *, void *) {
        O::tell(self, [](PlayerSink &sink) { sink.onVideoLoading(); });
    }
    static void RTCROOM_SDK_METHOD onAudioLoading(void *self, void *, void *) {
        O::tell(self, [](PlayerSink &sink) { sink.onAudioLoading(); });
    }
    static void RTCROOM_SDK_METHOD onPlayoutVolumeUpdate(void *self, void *, int32_t volume) {
        O::tell(self, [&](PlayerSink &sink) { sink.onPlayoutVolume(volume); });
    }
    static void RTCROOM_SDK_METHOD onStatisticsUpdate(void *self, void *, const PlayerStatistics *statistics) {
        O::tell(self, [&](PlayerSink &sink) { sink.onStatistics(statistics); });
    }
    static void RTCROOM_SDK_METHOD onSnapshotComplete(void *self, void *, const char *image, int length, int width,
                                                      int height, int) {
        O::tell(self, [&](PlayerSink &sink) { sink.onSnapshot(image, length, width, height); });
    }
    static void RTCROOM_SDK_METHOD onRenderVideoFrame(void *self, void *, const VideoFrame *frame) {
        O::tell(self, [&](PlayerSink &sink) { sink.onVideoFrame(frame); });
    }
    static void RTCROOM_SDK_METHOD onPlayoutAudioFrame(void *self, void *, const AudioFrame *frame) {
        O::tell(self, [&](PlayerSink &sink) { sink.onAudioFrame(frame); });
    }
    static void RTCROOM_SDK_METHOD onReceiveSeiMessage(void *self, void *, int type, const uint8_t *data,
                                                       uint32_t length) {
        O::tell(self, [&](PlayerSink &sink) { sink.onSei(type, data, length); });
    }
    static void RTCROOM_SDK_METHOD onStreamSwitched(void *self, void *, const char *, int32_t code) {
        O::tell(self, [&](PlayerSink &sink) { sink.onStreamSwitched(code); });
    }
    static void RTCROOM_SDK_METHOD onLocalRecordBegin(void *self, void *, int code, const char *path) {
        O::tell(self, [&](PlayerSink &sink) { sink.onRecordBegin(code, path); });
    }
    static void RTCROOM_SDK_METHOD onLocalRecording(void *self, void *, SdkLong durationMs, const char *path) {
        O::tell(self, [&](PlayerSink &sink) { sink.onRecording(durationMs, path); });
    }
    static void RTCROOM_SDK_METHOD onLocalRecordComplete(void *self, void *, int code, const char *path) {
        O::tell(self, [&](PlayerSink &sink) { sink.onRecordComplete(code, path); });
    }
};

} // namespace

std::shared_ptr<Observer<PusherSink>> makePusherObserver(const SlotTable &slots, PusherSink &sink) {
    auto observer = std::make_shared<Observer<PusherSink>>(sink);
    const auto &at = slots.pusherObserver;
#define RTCROOM_PLACE(name) observer->place(at[PusherObserverSlot::name], &PusherCallbacks::name)
    RTCROOM_PLACE(onError);
    RTCROOM_PLACE(onWarning);
    RTCROOM_PLACE(onCaptureFirstAudioFrame);
    RTCROOM_PLACE(onCaptureFirstVideoFrame);
    RTCROOM_PLACE(onMicrophoneVolumeUpdate);
    RTCROOM_PLACE(onPushStatusUpdate);
    RTCROOM_PLACE(onStatisticsUpdate);
    RTCROOM_PLACE(onSnapshotComplete);
    RTCROOM_PLACE(onScreenCaptureStarted);
    RTCROOM_PLACE(onScreenCaptureStoped);
    RTCROOM_PLACE(onLocalRecordBegin);
    RTCROOM_PLACE(onLocalRecording);
    RTCROOM_PLACE(onLocalRecordComplete);
#undef RTCROOM_PLACE
    return observer;
}

std::shared_ptr<Observer<PlayerSink>> makePlayerObserver(const SlotTable &slots, PlayerSink &sink) {
    auto observer = std::make_shared<Observer<PlayerSink>>(sink);
    const auto &at = slots.playerObserver;
#define RTCROOM_PLACE(name) observer->place(at[PlayerObserverSlot::name], &PlayerCallbacks::name)
    RTCROOM_PLACE(onError);
    RTCROOM_PLACE(onWarning);
    RTCROOM_PLACE(onVideoResolutionChanged);
    RTCROOM_PLACE(onConnected);
    RTCROOM_PLACE(onVideoPlaying);
    RTCROOM_PLACE(onAudioPlaying);
    RTCROOM_PLACE(onVideoLoading);
    RTCROOM_PLACE(onAudioLoading);
    RTCROOM_PLACE(onPlayoutVolumeUpdate);
    RTCROOM_PLACE(onStatisticsUpdate);
    RTCROOM_PLACE(onSnapshotComplete);
    RTCROOM_PLACE(onRenderVideoFrame);
    RTCROOM_PLACE(onPlayoutAudioFrame);
    RTCROOM_PLACE(onReceiveSeiMessage);
    RTCROOM_PLACE(onStreamSwitched);
    RTCROOM_PLACE(onLocalRecordBegin);
    RTCROOM_PLACE(onLocalRecording);
    RTCROOM_PLACE(onLocalRecordComplete);
#undef RTCROOM_PLACE
    return observer;
}

std::shared_ptr<Observer<PusherSink>> makeDeviceObserver(const SlotTable &slots, PusherSink &sink) {
    auto observer = std::make_shared<Observer<PusherSink>>(sink);
    observer->place(slots.deviceObserver[DeviceObserverSlot::onDeviceChanged], &PusherCallbacks::onDeviceChanged);
    return observer;
}

} // namespace rtcroom::liteav::v2
