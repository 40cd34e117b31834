#include "v2/PusherObject.h"

#include "runtime/Devices.h"
#include "runtime/Scenario.h"
#include "v2/ScreenSources.h"

using namespace liteav;

namespace standin {

namespace {

constexpr int OK = V2TXLIVE_OK;
constexpr int INVALID = V2TXLIVE_ERROR_INVALID_PARAMETER;
constexpr int REFUSED = V2TXLIVE_ERROR_REFUSED;
constexpr int UNSUPPORTED = V2TXLIVE_ERROR_NOT_SUPPORTED;

bool inRange(int value, int least, int most) { return value >= least && value <= most; }

/// Mode 0 publishes RTMP, mode 1 RTC.
bool schemeFits(int mode, const char *url) {
    if (mode == V2TXLiveMode_RTC)
        return startsWith(url, "trtc://") || startsWith(url, "webrtc://");
    return startsWith(url, "rtmp://") || startsWith(url, "rtmps://");
}

} // namespace

PusherObject::PusherObject(int mode)
    : mode_(mode), quality_{static_cast<V2TXLiveVideoResolution>(9), V2TXLiveVideoResolutionModeLandscape, 15, 1500, 0},
      actor_(*this) {
    objects::add(static_cast<V2TXLivePusher *>(this), Kind::Pusher);
}

PusherObject::~PusherObject() {
    end();
    objects::remove(static_cast<V2TXLivePusher *>(this));
}

void PusherObject::end() {
    constexpr unsigned long STILL_CALLING_MS = 50;
    if (hostile() && !actor_.ending())
        Sleep(STILL_CALLING_MS);
    actor_.end();
}

void PusherObject::setObserver(V2TXLivePusherObserver *observer) {
    Call call(this, Kind::Pusher, "setObserver");
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

int32_t PusherObject::setRenderView(void *view) {
    Call call(this, Kind::Pusher, "setRenderView");
    call.address(view);
    if (!call || (view && !IsWindow(static_cast<HWND>(view))))
        return call.result(INVALID);
    const Lock hold(lock_);
    view_ = static_cast<HWND>(view);
    keepGoing();
    return call.result(OK);
}

int32_t PusherObject::setRenderMirror(V2TXLiveMirrorType mirrorType) {
    Call call(this, Kind::Pusher, "setRenderMirror");
    call.arg(mirrorType);
    if (!call || !inRange(mirrorType, 0, 2))
        return call.result(INVALID);
    const Lock hold(lock_);
    mirror_ = mirrorType;
    return call.result(OK);
}

int32_t PusherObject::setEncoderMirror(bool mirror) {
    Call call(this, Kind::Pusher, "setEncoderMirror");
    call.arg(mirror);
    return call.result(call ? OK : INVALID);
}

int32_t PusherObject::setRenderRotation(V2TXLiveRotation rotation) {
    Call call(this, Kind::Pusher, "setRenderRotation");
    call.arg(rotation);
    if (!call || !inRange(rotation, 0, 3))
        return call.result(INVALID);
    const Lock hold(lock_);
    rotation_ = rotation;
    return call.result(OK);
}

int32_t PusherObject::setRenderFillMode(V2TXLiveFillMode mode) {
    Call call(this, Kind::Pusher, "setRenderFillMode");
    call.arg(mode);
    if (!call || !inRange(mode, 0, 2))
        return call.result(INVALID);
    const Lock hold(lock_);
    fill_ = mode;
    return call.result(OK);
}

int32_t PusherObject::begin(Call &call, Source source) {
    const Lock hold(lock_);
    // Camera, picture and screen exclude one another; a camera that runs is switched.
    if (source_ != Source::None && source_ != source)
        return call.result(REFUSED);
    source_ = source;
    if (source == Source::Screen)
        actor_.after(20, Deed::ScreenStarted);
    actor_.after(30, Deed::FirstVideo);
    keepGoing();
    return call.result(OK);
}

int32_t PusherObject::finish(Call &call, Source source) {
    const Lock hold(lock_);
    if (source_ != source)
        return call.result(OK);
    source_ = Source::None;
    actor_.cancel(Deed::FirstVideo);
    if (source == Source::Screen)
        actor_.after(0, Deed::ScreenStopped, 0);
    return call.result(OK);
}

int32_t PusherObject::startCamera(const char *cameraId) {
    Call call(this, Kind::Pusher, "startCamera");
    const char *pid = call.text(cameraId);
    if (!call || !pid || deviceIndex(TXMediaDeviceTypeCamera, pid) < 0)
        return call.result(INVALID);
    return begin(call, Source::Camera);
}

int32_t PusherObject::stopCamera() {
    Call call(this, Kind::Pusher, "stopCamera");
    return call ? finish(call, Source::Camera) : call.result(INVALID);
}

int32_t PusherObject::startMicrophone() {
    Call call(this, Kind::Pusher, "startMicrophone");
    if (!call)
        return call.result(INVALID);
    const Lock hold(lock_);
    if (!microphone_)
        actor_.after(20, Deed::FirstAudio);
    microphone_ = true;
    keepGoing();
    return call.result(OK);
}

int32_t PusherObject::stopMicrophone() {
    Call call(this, Kind::Pusher, "stopMicrophone");
    if (!call)
        return call.result(INVALID);
    const Lock hold(lock_);
    microphone_ = false;
    actor_.cancel(Deed::FirstAudio);
    return call.result(OK);
}

int32_t PusherObject::startVirtualCamera(V2TXLiveImage *image) {
    Call call(this, Kind::Pusher, "startVirtualCamera");
    call.address(image);
    if (!call || !call.memory(image, sizeof *image))
        return call.result(INVALID);
    call.arg(image->imageType).arg(image->imageWidth).arg(image->imageHeight).arg(image->imageLength);
    if (image->imageType == V2TXLiveImageTypeFile ? !call.text(image->imageSrc)
                                                  : !call.memory(image->imageSrc, image->imageLength))
        return call.result(INVALID);
    return begin(call, Source::Image);
}

int32_t PusherObject::stopVirtualCamera() {
    Call call(this, Kind::Pusher, "stopVirtualCamera");
    return call ? finish(call, Source::Image) : call.result(INVALID);
}

int32_t PusherObject::pauseAudio() {
    Call call(this, Kind::Pusher, "pauseAudio");
    return call.result(call ? OK : INVALID);
}

int32_t PusherObject::resumeAudio() {
    Call call(this, Kind::Pusher, "resumeAudio");
    return call.result(call ? OK : INVALID);
}

int32_t PusherObject::pauseVideo() {
    Call call(this, Kind::Pusher, "pauseVideo");
    return call.result(call ? OK : INVALID);
}

int32_t PusherObject::resumeVideo() {
    Call call(this, Kind::Pusher, "resumeVideo");
    return call.result(call ? OK : INVALID);
}

int32_t PusherObject::startPush(const char *url) {
    Call call(this, Kind::Pusher, "startPush");
    const char *address = call.text(url);
    if (!call || !address || !schemeFits(mode_, address))
        return call.result(INVALID);
    if (const int code = licenceRefused() ? V2TXLIVE_ERROR_INVALID_LICENSE : scenario::refusal(address))
        return call.result(code);
    scenario::hang(address, actor_);
    const Lock hold(lock_);
    if (pushing_)
        return call.result(REFUSED);
    pushing_ = true;
    copyText(url_, sizeof url_, address);
    actor_.after(5, Deed::Connecting);
    const int delayMs = scenario::connectDelayMs(address);
    if (delayMs >= 0)
        actor_.after(static_cast<uint32_t>(delayMs), Deed::Connected);
    return call.result(OK);
}

int32_t PusherObject::stopPush() {
    Call call(this, Kind::Pusher, "stopPush");
    if (!call)
        return call.result(INVALID);
    const Lock hold(lock_);
    if (!pushing_)
        return call.result(OK);
    pushing_ = false;
    connected_ = false;
    constexpr Deed OF_THE_PUSH[] = {Deed::Connecting,   Deed::Connected,  Deed::Reconnecting,
                                    Deed::Disconnected, Deed::Statistics, Deed::Error,
                                    Deed::Warning,      Deed::Crash,      Deed::Snapshot};
    for (const Deed deed : OF_THE_PUSH)
        actor_.cancel(deed);
    if (recording_)
        actor_.after(0, Deed::RecordEnd);
    actor_.after(0, Deed::Disconnected, OF_A_STOP);
    if (hostile())
        actor_.after(20, Deed::Disconnected, OF_A_STOP); // late, and twice
    return call.result(OK);
}

int32_t PusherObject::isPushing() {
    Call call(this, Kind::Pusher, "isPushing");
    if (!call)
        return call.result(0);
    const Lock hold(lock_);
    return call.result(pushing_);
}

int32_t PusherObject::setAudioQuality(V2TXLiveAudioQuality quality) {
    Call call(this, Kind::Pusher, "setAudioQuality");
    call.arg(quality);
    if (!call || !inRange(quality, 0, 2))
        return call.result(INVALID);
    const Lock hold(lock_);
    return call.result(pushing_ ? REFUSED : OK);
}

int32_t PusherObject::setVideoQuality(const V2TXLiveVideoEncoderParam &param) {
    Call call(this, Kind::Pusher, "setVideoQuality");
    if (!call || !call.memory(&param, sizeof param))
        return call.result(INVALID);
    call.arg(param.videoResolution).arg(param.videoResolutionMode).arg(param.videoFps);
    call.arg(param.videoBitrate).arg(param.minVideoBitrate);
    constexpr uint32_t MOST_FPS = 120;
    constexpr uint32_t MOST_KBPS = 100'000;
    if (!inRange(param.videoResolution, 0, 11) || !inRange(param.videoResolutionMode, 0, 1) ||
        param.videoFps > MOST_FPS || param.videoBitrate > MOST_KBPS || param.minVideoBitrate > MOST_KBPS)
        return call.result(INVALID);
    const Lock hold(lock_);
    quality_ = param;
    return call.result(OK);
}

ITXAudioEffectManager *PusherObject::getAudioEffectManager() {
    const Call call(this, Kind::Pusher, "getAudioEffectManager");
    return call ? &effects_ : nullptr;
}

ITXDeviceManager *PusherObject::getDeviceManager() {
    const Call call(this, Kind::Pusher, "getDeviceManager");
    return call ? &devices_ : nullptr;
}

void PusherObject::setBeautyStyle(V2TXLiveBeautyStyle style, uint32_t beauty, uint32_t whiteness, uint32_t ruddiness) {
    Call call(this, Kind::Pusher, "setBeautyStyle");
    call.arg(style).arg(beauty).arg(whiteness).arg(ruddiness);
    if (!inRange(style, 0, 1) || beauty > 9 || whiteness > 9 || ruddiness > 9)
        call.fault("a style or level is out of range");
}

int32_t PusherObject::snapshot() {
    Call call(this, Kind::Pusher, "snapshot");
    if (!call)
        return call.result(INVALID);
    const Lock hold(lock_);
    if (!pushing_)
        return call.result(REFUSED);
    actor_.after(20, Deed::Snapshot);
    return call.result(OK);
}

int32_t PusherObject::setWatermark(const char *path, float x, float y, float scale) {
    Call call(this, Kind::Pusher, "setWatermark");
    call.text(path);
    call.arg(x).arg(y).arg(scale);
    const auto share = [](float value) { return value >= 0 && value <= 1; };
    const bool good = call && !call.faulty() && (!path || (share(x) && share(y) && share(scale)));
    return call.result(good ? OK : INVALID);
}

int32_t PusherObject::enableVolumeEvaluation(int32_t intervalMs) {
    Call call(this, Kind::Pusher, "enableVolumeEvaluation");
    call.arg(intervalMs);
    if (!call)
        return call.result(INVALID);
    const Lock hold(lock_);
    volumeIntervalMs_ = intervalMs <= 0 ? 0 : intervalMs < 100 ? 100 : intervalMs;
    actor_.cancel(Deed::Volume);
    keepGoing();
    return call.result(OK);
}

int32_t PusherObject::enableFormat(Call &call, bool enable, int format, int type, int &target) {
    call.arg(enable).arg(format).arg(type);
    if (!call)
        return call.result(INVALID);
    const bool known = (format == V2TXLivePixelFormatI420 || format == V2TXLivePixelFormatBGRA32) &&
                       type == V2TXLiveBufferTypeByteBuffer;
    if (enable && !known)
        return call.result(UNSUPPORTED);
    const Lock hold(lock_);
    target = enable ? format : 0;
    keepGoing();
    return call.result(OK);
}

int32_t PusherObject::enableCustomVideoProcess(bool enable, V2TXLivePixelFormat format, V2TXLiveBufferType type) {
    Call call(this, Kind::Pusher, "enableCustomVideoProcess");
    return enableFormat(call, enable, format, type, process_);
}

int32_t PusherObject::enableCustomVideoRender(bool enable, V2TXLivePixelFormat format, V2TXLiveBufferType type) {
    Call call(this, Kind::Pusher, "enableCustomVideoRender");
    return enableFormat(call, enable, format, type, render_);
}

int32_t PusherObject::enableCustomVideoCapture(bool enable) {
    Call call(this, Kind::Pusher, "enableCustomVideoCapture");
    call.arg(enable);
    if (!call)
        return call.result(INVALID);
    {
        const Lock hold(lock_);
        if (enable && pushing_)
            return call.result(REFUSED);
    }
    return enable ? begin(call, Source::Custom) : finish(call, Source::Custom);
}

int32_t PusherObject::enableCustomAudioCapture(bool enable) {
    Call call(this, Kind::Pusher, "enableCustomAudioCapture");
    call.arg(enable);
    if (!call)
        return call.result(INVALID);
    const Lock hold(lock_);
    if (enable && pushing_)
        return call.result(REFUSED);
    customAudio_ = enable;
    return call.result(OK);
}

int32_t PusherObject::sendCustomVideoFrame(V2TXLiveVideoFrame *frame) {
    Call call(this, Kind::Pusher, "sendCustomVideoFrame");
    if (!call || !call.memory(frame, sizeof *frame))
        return call.result(INVALID);
    call.arg(frame->pixelFormat).arg(frame->bufferType).arg(frame->length).arg(frame->width).arg(frame->height);
    call.arg(frame->rotation);
    constexpr int MOST_PX = 8192;
    if (frame->bufferType != V2TXLiveBufferTypeByteBuffer || !inRange(frame->rotation, 0, 3) ||
        !inRange(frame->width, 2, MOST_PX) || !inRange(frame->height, 2, MOST_PX))
        return call.result(INVALID);
    const int pixels = frame->width * frame->height;
    const int size = frame->pixelFormat == V2TXLivePixelFormatI420     ? pixels * 3 / 2
                     : frame->pixelFormat == V2TXLivePixelFormatBGRA32 ? pixels * 4
                                                                       : -1;
    if (frame->length != size || !call.memory(frame->data, static_cast<size_t>(size)))
        return call.result(INVALID);
    const Lock hold(lock_);
    if (source_ != Source::Custom)
        return call.result(REFUSED);
    ++videoFrames_;
    return call.result(OK);
}

int32_t PusherObject::sendCustomAudioFrame(V2TXLiveAudioFrame *frame) {
    Call call(this, Kind::Pusher, "sendCustomAudioFrame");
    if (!call || !call.memory(frame, sizeof *frame))
        return call.result(INVALID);
    call.arg(frame->length).arg(frame->sampleRate).arg(frame->channel);
    constexpr uint32_t RATES[] = {8000, 16000, 32000, 44100, 48000};
    bool known = false;
    for (const uint32_t rate : RATES)
        known |= frame->sampleRate == rate;
    // 16-bit samples, at most a second.
    if (!known || !inRange(static_cast<int>(frame->channel), 1, 2) || frame->length == 0 ||
        frame->length % (2 * frame->channel) || frame->length > frame->sampleRate * 2 * frame->channel ||
        !call.memory(frame->data, frame->length))
        return call.result(INVALID);
    const Lock hold(lock_);
    if (!customAudio_)
        return call.result(REFUSED);
    ++audioFrames_;
    return call.result(OK);
}

int32_t PusherObject::sendSeiMessage(int payloadType, const uint8_t *data, uint32_t size) {
    Call call(this, Kind::Pusher, "sendSeiMessage");
    call.arg(payloadType).arg(size);
    if (!call || (payloadType != 5 && payloadType != 242) || size == 0 || !call.memory(data, size))
        return call.result(INVALID);
    const Lock hold(lock_);
    return call.result(pushing_ ? OK : REFUSED);
}

int32_t PusherObject::startScreenCapture() {
    Call call(this, Kind::Pusher, "startScreenCapture");
    if (!call)
        return call.result(INVALID);
    {
        const Lock hold(lock_);
        if (!screenSourceSet_)
            return call.result(REFUSED);
    }
    return begin(call, Source::Screen);
}

int32_t PusherObject::stopScreenCapture() {
    Call call(this, Kind::Pusher, "stopScreenCapture");
    return call ? finish(call, Source::Screen) : call.result(INVALID);
}

int32_t PusherObject::startSystemAudioLoopback(const char *path) {
    Call call(this, Kind::Pusher, "startSystemAudioLoopback");
    call.text(path);
    if (!call || call.faulty())
        return call.result(INVALID);
    // The sound of one program is a feature of the 32-bit SDK.
    return call.result(path && path[0] && sizeof(void *) == 8 ? UNSUPPORTED : OK);
}

int32_t PusherObject::stopSystemAudioLoopback() {
    Call call(this, Kind::Pusher, "stopSystemAudioLoopback");
    return call.result(call ? OK : INVALID);
}

#if STANDIN_REVISION >= 3
void PusherObject::setSystemAudioLoopbackVolume(uint32_t volume) {
    Call call(this, Kind::Pusher, "setSystemAudioLoopbackVolume");
    call.arg(volume);
    if (volume > 150)
        call.fault("the volume is not 0-150");
}
#endif

IV2TXLiveScreenCaptureSourceList *PusherObject::getScreenCaptureSources(const V2TXLiveSize &thumb,
                                                                        const V2TXLiveSize &icon) {
    Call call(this, Kind::Pusher, "getScreenCaptureSources");
    if (!call || !call.memory(&thumb, sizeof thumb) || !call.memory(&icon, sizeof icon))
        return nullptr;
    call.arg(thumb.width).arg(thumb.height).arg(icon.width).arg(icon.height);
    return makeScreenSources(thumb, icon);
}

int32_t PusherObject::setScreenCaptureSource(const V2TXLiveScreenCaptureSourceInfo &source, const V2TXLiveRect &rect,
                                             const V2TXLiveScreenCaptureProperty &property) {
    Call call(this, Kind::Pusher, "setScreenCaptureSource");
    if (!call || !call.memory(&source, sizeof source) || !call.memory(&rect, sizeof rect) ||
        !call.memory(&property, sizeof property))
        return call.result(INVALID);
    call.arg(source.sourceType).address(source.sourceId);
    call.arg(rect.left).arg(rect.top).arg(rect.right).arg(rect.bottom);
    call.arg(property.enableCaptureMouse).arg(property.enableHighlightBorder).arg(property.enableHighPerformance);
    call.arg(property.highlightBorderColor).arg(property.highlightBorderSize).arg(property.enableCaptureChildWindow);
    constexpr uint64_t MOST_PX = 1 << 20;
    const bool good = inRange(source.sourceType, 0, 2) && inRange(property.highlightBorderSize, 0, 50) &&
                      rect.right >= rect.left && rect.bottom >= rect.top && rect.right < MOST_PX &&
                      rect.bottom < MOST_PX && (source.sourceType != 0 || source.sourceId);
    if (!good)
        return call.result(INVALID);
    const Lock hold(lock_);
    screenSourceSet_ = true;
    return call.result(OK);
}

void PusherObject::showDebugView(bool show) { Call(this, Kind::Pusher, "showDebugView").arg(show); }

int32_t PusherObject::setProperty(const char *key, const void *value) {
    Call call(this, Kind::Pusher, "setProperty");
    const char *name = call.text(key);
    call.text(static_cast<const char *>(value)); // its type hangs on the key; all known ones take a text
    return call.result(call && name && !call.faulty() ? OK : INVALID);
}

#if STANDIN_REVISION >= 4
ITXBeautyManager *PusherObject::getBeautyManager() {
    const Call call(this, Kind::Pusher, "getBeautyManager");
    return call ? &beauty_ : nullptr;
}

void PusherObject::enableSharpnessEnhancement(bool enable) {
    Call(this, Kind::Pusher, "enableSharpnessEnhancement").arg(enable);
}

void PusherObject::setLUTColorFilter(V2TXLiveImage *image) {
    Call(this, Kind::Pusher, "setLUTColorFilter").address(image);
}

void PusherObject::setLUTColorFilterStrength(float strength) {
    Call call(this, Kind::Pusher, "setLUTColorFilterStrength");
    call.arg(strength);
    if (!(strength >= 0 && strength <= 1))
        call.fault("the strength is not 0-1");
}

const char *PusherObject::getProperty(const char *key) {
    Call call(this, Kind::Pusher, "getProperty");
    call.text(key);
    return "";
}

int32_t PusherObject::setMixTranscodingConfig(V2TXLiveTranscodingConfig *config) {
    Call call(this, Kind::Pusher, "setMixTranscodingConfig");
    call.address(config);
    return call.result(!call ? INVALID : mode_ == V2TXLiveMode_RTC ? OK : UNSUPPORTED);
}

int PusherObject::startLocalRecording(const V2TXLiveLocalRecordingParams &params) {
    Call call(this, Kind::Pusher, "startLocalRecording");
    if (!call || !call.memory(&params, sizeof params))
        return call.result(INVALID);
    const char *path = call.text(params.filePath);
    call.arg(params.recordMode).arg(params.intervalMs);
    const bool interval = params.intervalMs == -1 || inRange(params.intervalMs, 1000, 10'000);
    if (!path || !path[0] || params.recordMode != V2TXLiveRecordModeBoth || !interval)
        return call.result(INVALID);
    const Lock hold(lock_);
    if (!pushing_)
        return call.result(REFUSED);
    recordIntervalMs_ = params.intervalMs;
    copyText(recordPath_, sizeof recordPath_, path);
    actor_.after(20, Deed::RecordBegin, recording_ ? -6 : 0);
    return call.result(OK);
}

void PusherObject::stopLocalRecording() {
    if (const Call call(this, Kind::Pusher, "stopLocalRecording"); !call)
        return;
    actor_.after(20, Deed::RecordEnd);
}
#endif

} // namespace standin
