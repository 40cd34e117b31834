#include "v2/PlayerObject.h"

#include "runtime/Scenario.h"

using namespace liteav;

namespace standin {

namespace {

constexpr int OK = V2TXLIVE_OK;
constexpr int INVALID = V2TXLIVE_ERROR_INVALID_PARAMETER;
constexpr int REFUSED = V2TXLIVE_ERROR_REFUSED;
constexpr int UNSUPPORTED = V2TXLIVE_ERROR_NOT_SUPPORTED;

bool inRange(int value, int least, int most) { return value >= least && value <= most; }

bool playable(const char *url) {
    constexpr const char *SCHEMES[] = {"rtmp://", "rtmps://", "http://", "https://", "trtc://", "webrtc://"};
    for (const char *scheme : SCHEMES)
        if (startsWith(url, scheme))
            return true;
    return false;
}

/// The place of a payload type in the table of those that are received, −1 for one that the revision lacks.
int seiIndex(int payloadType) {
    if (payloadType == 5)
        return 0;
    if (payloadType == 242)
        return 1;
    return payloadType == 243 && STANDIN_REVISION >= 4 ? 2 : -1;
}

} // namespace

PlayerObject::PlayerObject() : actor_(*this) { objects::add(static_cast<V2TXLivePlayer *>(this), Kind::Player); }

PlayerObject::~PlayerObject() {
    end();
    objects::remove(static_cast<V2TXLivePlayer *>(this));
}

void PlayerObject::end() {
    constexpr unsigned long STILL_CALLING_MS = 50;
    if (hostile() && !actor_.ending())
        Sleep(STILL_CALLING_MS);
    actor_.end();
}

void PlayerObject::setObserver(V2TXLivePlayerObserver *observer) {
    Call call(this, Kind::Player, "setObserver");
    call.address(observer);
    if (!call || (observer && !call.memory(observer, sizeof(void *))))
        return;
    const Lock hold(lock_);
    observer_ = observer;
    if (observer)
        lastObserver_ = observer;
    if (observer && hostile())
        actor_.startStorm();
}

int32_t PlayerObject::setRenderView(void *view) {
    Call call(this, Kind::Player, "setRenderView");
    call.address(view);
    if (!call || (view && !IsWindow(static_cast<HWND>(view))))
        return call.result(INVALID);
    const Lock hold(lock_);
    view_ = static_cast<HWND>(view);
    keepGoing();
    return call.result(OK);
}

int32_t PlayerObject::setRenderRotation(V2TXLiveRotation rotation) {
    Call call(this, Kind::Player, "setRenderRotation");
    call.arg(rotation);
    if (!call || !inRange(rotation, 0, 3))
        return call.result(INVALID);
    const Lock hold(lock_);
    rotation_ = rotation;
    return call.result(OK);
}

int32_t PlayerObject::setRenderFillMode(V2TXLiveFillMode mode) {
    Call call(this, Kind::Player, "setRenderFillMode");
    call.arg(mode);
    if (!call || !inRange(mode, 0, 2))
        return call.result(INVALID);
    const Lock hold(lock_);
    fill_ = mode;
    return call.result(OK);
}

int32_t PlayerObject::startPlay(const char *url) {
    Call call(this, Kind::Player, "startPlay");
    const char *address = call.text(url);
    if (!call || !address || !playable(address))
        return call.result(INVALID);
    if (const int code = licenceRefused() ? V2TXLIVE_ERROR_INVALID_LICENSE : scenario::refusal(address))
        return call.result(code);
    scenario::hang(address, actor_);
    const Lock hold(lock_);
    if (playing_)
        return call.result(REFUSED);
    playing_ = true;
    copyText(url_, sizeof url_, address);
    const int delayMs = scenario::connectDelayMs(address);
    if (delayMs >= 0)
        actor_.after(static_cast<uint32_t>(delayMs), Deed::Connected);
    return call.result(OK);
}

int32_t PlayerObject::stopPlay() {
    Call call(this, Kind::Player, "stopPlay");
    if (!call)
        return call.result(INVALID);
    const Lock hold(lock_);
    playing_ = false;
    connected_ = false;
    constexpr Deed OF_THE_PLAY[] = {Deed::Connected,  Deed::Reconnecting, Deed::Disconnected,  Deed::Statistics,
                                    Deed::Error,      Deed::Warning,      Deed::Crash,         Deed::Snapshot,
                                    Deed::FirstVideo, Deed::FirstAudio,   Deed::Loading,       Deed::Resumed,
                                    Deed::Sei,        Deed::Size,         Deed::StreamSwitched};
    for (const Deed deed : OF_THE_PLAY)
        actor_.cancel(deed);
    if (recording_)
        actor_.after(0, Deed::RecordEnd);
    if (hostile())
        actor_.after(20, Deed::Error, V2TXLIVE_ERROR_FAILED); // late
    return call.result(OK);
}

int32_t PlayerObject::isPlaying() {
    Call call(this, Kind::Player, "isPlaying");
    if (!call)
        return call.result(0);
    const Lock hold(lock_);
    return call.result(playing_);
}

int32_t PlayerObject::pause(const char *method, bool &what, bool value) {
    Call call(this, Kind::Player, method);
    if (!call)
        return call.result(INVALID);
    const Lock hold(lock_);
    what = value;
    keepGoing();
    return call.result(OK);
}

int32_t PlayerObject::pauseAudio() { return pause("pauseAudio", audioPaused_, true); }
int32_t PlayerObject::resumeAudio() { return pause("resumeAudio", audioPaused_, false); }
int32_t PlayerObject::pauseVideo() { return pause("pauseVideo", videoPaused_, true); }
int32_t PlayerObject::resumeVideo() { return pause("resumeVideo", videoPaused_, false); }

int32_t PlayerObject::setPlayoutVolume(int32_t volume) {
    Call call(this, Kind::Player, "setPlayoutVolume");
    call.arg(volume);
    return call.result(call && inRange(volume, 0, 100) ? OK : INVALID);
}

int32_t PlayerObject::setCacheParams(float minTime, float maxTime) {
    Call call(this, Kind::Player, "setCacheParams");
    call.arg(minTime).arg(maxTime);
    if (!call || !(minTime > 0) || !(maxTime > 0) || minTime > maxTime)
        return call.result(INVALID);
    const Lock hold(lock_);
    return call.result(playing_ ? REFUSED : OK);
}

int32_t PlayerObject::switchStream(const char *url) {
    Call call(this, Kind::Player, "switchStream");
    const char *address = call.text(url);
    if (!call || !address || !playable(address))
        return call.result(INVALID);
    const Lock hold(lock_);
    if (!playing_)
        return call.result(REFUSED);
    copyText(url_, sizeof url_, address);
    actor_.after(50, Deed::StreamSwitched, contains(address, "switch-fail") ? -2 : 0);
    return call.result(OK);
}

int32_t PlayerObject::enableVolumeEvaluation(int32_t intervalMs) {
    Call call(this, Kind::Player, "enableVolumeEvaluation");
    call.arg(intervalMs);
    if (!call)
        return call.result(INVALID);
    const Lock hold(lock_);
    volumeIntervalMs_ = intervalMs <= 0 ? 0 : intervalMs < 100 ? 100 : intervalMs;
    keepGoing();
    return call.result(OK);
}

int32_t PlayerObject::snapshot() {
    Call call(this, Kind::Player, "snapshot");
    if (!call)
        return call.result(INVALID);
    const Lock hold(lock_);
    if (!playing_)
        return call.result(REFUSED);
    actor_.after(20, Deed::Snapshot);
    return call.result(OK);
}

int32_t PlayerObject::enableObserveVideoFrame(bool enable, V2TXLivePixelFormat format, V2TXLiveBufferType type) {
    Call call(this, Kind::Player, "enableObserveVideoFrame");
    call.arg(enable).arg(format).arg(type);
    if (!call)
        return call.result(INVALID);
    if (enable &&
        (!inRange(format, V2TXLivePixelFormatI420, V2TXLivePixelFormatRGBA32) || type != V2TXLiveBufferTypeByteBuffer))
        return call.result(UNSUPPORTED);
    const Lock hold(lock_);
    observe_ = enable ? format : 0;
    keepGoing();
    return call.result(OK);
}

int32_t PlayerObject::enableObserveAudioFrame(bool enable) {
    Call call(this, Kind::Player, "enableObserveAudioFrame");
    call.arg(enable);
    if (!call)
        return call.result(INVALID);
    const Lock hold(lock_);
    observeAudio_ = enable;
    keepGoing();
    return call.result(OK);
}

int32_t PlayerObject::enableReceiveSeiMessage(bool enable, int payloadType) {
    Call call(this, Kind::Player, "enableReceiveSeiMessage");
    call.arg(enable).arg(payloadType);
    const int index = seiIndex(payloadType);
    if (!call || index < 0)
        return call.result(INVALID);
    const Lock hold(lock_);
    seiTypes_[index] = enable;
    return call.result(OK);
}

void PlayerObject::showDebugView(bool show) { Call(this, Kind::Player, "showDebugView").arg(show); }

int32_t PlayerObject::setProperty(const char *key, const void *value) {
    Call call(this, Kind::Player, "setProperty");
    const char *name = call.text(key);
    call.text(static_cast<const char *>(value)); // its type hangs on the key; all known ones take a text
    return call.result(call && name && !call.faulty() ? OK : INVALID);
}

#if STANDIN_REVISION >= 4
int32_t PlayerObject::setRenderMirrorMode(bool mirror) {
    Call call(this, Kind::Player, "setRenderMirrorMode");
    call.arg(mirror);
    if (!call)
        return call.result(INVALID);
    const Lock hold(lock_);
    mirror_ = mirror;
    return call.result(OK);
}

int32_t PlayerObject::enablePictureInPicture(bool enable) {
    Call call(this, Kind::Player, "enablePictureInPicture");
    call.arg(enable);
    return call.result(UNSUPPORTED); // iOS only
}

int PlayerObject::startLocalRecording(const V2TXLiveLocalRecordingParams &params) {
    Call call(this, Kind::Player, "startLocalRecording");
    if (!call || !call.memory(&params, sizeof params))
        return call.result(INVALID);
    const char *path = call.text(params.filePath);
    call.arg(params.recordMode).arg(params.intervalMs);
    const bool interval = params.intervalMs == -1 || inRange(params.intervalMs, 1000, 10'000);
    if (!path || !path[0] || params.recordMode != V2TXLiveRecordModeBoth || !interval)
        return call.result(INVALID);
    const Lock hold(lock_);
    if (!playing_)
        return call.result(REFUSED);
    recordIntervalMs_ = params.intervalMs;
    copyText(recordPath_, sizeof recordPath_, path);
    actor_.after(20, Deed::RecordBegin, recording_ ? -6 : 0);
    return call.result(OK);
}

void PlayerObject::stopLocalRecording() {
    if (const Call call(this, Kind::Player, "stopLocalRecording"); !call)
        return;
    actor_.after(20, Deed::RecordEnd);
}
#endif

} // namespace standin
