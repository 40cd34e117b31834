#include "itx/ItxPusher.h"

#include "itx/Lists.h"
#include "runtime/Devices.h"

namespace standin {

namespace {
constexpr int MICROPHONES = 0;
constexpr int CAMERAS = 2;
} // namespace

void ItxPusher::setCallback(ITXLivePusherCallback *callback, void *userData) {
    Call call(this, Kind::Pusher, "setCallback");
    call.address(callback).address(userData);
    if (call && (!callback || call.memory(callback, sizeof(void *))))
        core_.setCallback(callback, userData);
}

ILiteAVDeviceCollection *ItxPusher::getCameraDevicesList() {
    const Call call(this, Kind::Pusher, "getCameraDevicesList");
    return call ? makeItxDevices(CAMERAS) : nullptr;
}

ILiteAVDeviceCollection *ItxPusher::getMicDevicesList() {
    const Call call(this, Kind::Pusher, "getMicDevicesList");
    return call ? makeItxDevices(MICROPHONES) : nullptr;
}

void ItxPusher::selectMicDevice(unsigned int index) {
    Call call(this, Kind::Pusher, "selectMicDevice");
    call.arg(index);
    if (!(index < DEVICES_OF_A_TYPE))
        return call.fault("there is no such device");
}

unsigned int ItxPusher::micVolume() {
    Call call(this, Kind::Pusher, "micVolume");
    if (!call)
        return 0;
    const Lock hold(lock_);
    return static_cast<unsigned>(call.result(static_cast<int>(micVolume_)));
}

void ItxPusher::setMicVolume(unsigned int volume) {
    Call call(this, Kind::Pusher, "setMicVolume");
    call.arg(volume);
    if (!call)
        return;
    if (volume > 65'535)
        return call.fault("the volume is not 0-65535");
    const Lock hold(lock_);
    micVolume_ = volume;
}

uint32_t ItxPusher::micVolumeIndication() {
    Call call(this, Kind::Pusher, "micVolumeIndication");
    return call ? static_cast<uint32_t>(call.result(40)) : 0;
}

void ItxPusher::setAudioCaptureVolume(int volume) {
    Call call(this, Kind::Pusher, "setAudioCaptureVolume");
    call.arg(volume);
    if (!call)
        return;
    if (volume < 0 || volume > 65'535)
        return call.fault("the volume is not 0-65535");
    const Lock hold(lock_);
    captureVolume_ = volume;
}

int ItxPusher::getAudioCaptureVolume() {
    Call call(this, Kind::Pusher, "getAudioCaptureVolume");
    if (!call)
        return 0;
    const Lock hold(lock_);
    return call.result(captureVolume_);
}

void ItxPusher::openMicTest() { Call call(this, Kind::Pusher, "openMicTest"); }

void ItxPusher::closeMicTest() { Call call(this, Kind::Pusher, "closeMicTest"); }

void ItxPusher::openSystemVoiceInput(const char *path) {
    Call call(this, Kind::Pusher, "openSystemVoiceInput");
    call.text(path);
}

void ItxPusher::closeSystemVoiceInput() { Call call(this, Kind::Pusher, "closeSystemVoiceInput"); }

void ItxPusher::setSystemVoiceInputVolume(int volume) {
    Call call(this, Kind::Pusher, "setSystemVoiceInputVolume");
    call.arg(volume);
    if (!(volume >= 0 && volume <= 100))
        return call.fault("the volume is not 0-100");
}

void ItxPusher::enableAudioPreprocess(int type, bool enable) {
    Call call(this, Kind::Pusher, "enableAudioPreprocess");
    call.arg(type).arg(enable);
    if (!(type == 1 || type == 2 || type == 4))
        return call.fault("the type is unknown");
}

void ItxPusher::setAudioChannels(int channels) {
    Call call(this, Kind::Pusher, "setAudioChannels");
    call.arg(channels);
    if (!(channels == 1 || channels == 2))
        return call.fault("the channels are not 1 or 2");
}

void ItxPusher::startAudioCapture(int source) {
    Call call(this, Kind::Pusher, "startAudioCapture");
    call.arg(source);
    if (!(source == 1 || source == 1001 || source == 1002))
        return call.fault("the source is unknown");
    if (call)
        core_.setAudio(true);
}

void ItxPusher::stopAudioCapture() {
    Call call(this, Kind::Pusher, "stopAudioCapture");
    if (call)
        core_.setAudio(false);
}

bool ItxPusher::startPreview(int source, HWND view) {
    Call call(this, Kind::Pusher, "startPreview");
    call.arg(source).address(view);
    if (!call || (source != 1 && source != 2 && source != 1001))
        return call.answer(false);
    return call.answer(core_.startPreview(source, view, nullptr));
}

void ItxPusher::updatePreview(HWND view) {
    Call call(this, Kind::Pusher, "updatePreview");
    call.address(view);
    if (!call)
        return;
    if (view && !IsWindow(view))
        return call.fault("the handle is not a window's");
    core_.updatePreview(view, nullptr);
}

void ItxPusher::stopPreview() {
    Call call(this, Kind::Pusher, "stopPreview");
    if (call)
        core_.stopPreview();
}

ILiteAVScreenCaptureSourceList *ItxPusher::getScreenCaptureSources(const SIZE &thumb, const SIZE &icon) {
    Call call(this, Kind::Pusher, "getScreenCaptureSources");
    if (!call || !call.memory(&thumb, sizeof thumb) || !call.memory(&icon, sizeof icon))
        return nullptr;
    call.arg(thumb.cx).arg(thumb.cy).arg(icon.cx).arg(icon.cy);
    return makeItxSources(thumb, icon);
}

void ItxPusher::selectScreenCaptureTarget(const LiteAVScreenCaptureSourceInfo &source, const RECT &rect,
                                          const LiteAVScreenCaptureProperty &property) {
    Call call(this, Kind::Pusher, "selectScreenCaptureTarget");
    if (!call || !call.memory(&source, sizeof source) || !call.memory(&rect, sizeof rect) ||
        !call.memory(&property, sizeof property))
        return;
    call.arg(source.type).address(source.sourceId);
    call.arg(rect.left).arg(rect.top).arg(rect.right).arg(rect.bottom);
    call.arg(property.enableCaptureMouse).arg(property.enableHighLight).arg(property.enableHighPerformance);
    call.arg(property.highLightColor).arg(property.highLightWidth).arg(property.enableCaptureChildWindow);
    if (source.type < 0 || source.type > 2 || property.highLightWidth < 0 || property.highLightWidth > 50)
        call.fault("the type or the width is out of range");
}

int ItxPusher::captureVideoSnapShot(const wchar_t *path, unsigned int length) {
    Call call(this, Kind::Pusher, "captureVideoSnapShot");
    const wchar_t *name = call.wide(path);
    call.arg(length);
    if (!call || !name || !call.memory(name, length * sizeof *name))
        return call.result(-2);
    return call.result(core_.snapshot(name, length));
}

bool ItxPusher::startPush(const char *url) {
    Call call(this, Kind::Pusher, "startPush");
    const char *address = call.text(url);
    return call.answer(call && address && core_.startPush(address));
}

void ItxPusher::stopPush() {
    Call call(this, Kind::Pusher, "stopPush");
    if (call)
        core_.stopPush();
}

void ItxPusher::switchCamera(int index) {
    Call call(this, Kind::Pusher, "switchCamera");
    call.arg(index);
    if (call && !core_.switchCamera(index))
        call.fault("no camera runs, or there is no such camera");
}

int ItxPusher::startLocalRecord(const char *path, uint64_t sliceSeconds) {
    Call call(this, Kind::Pusher, "startLocalRecord");
    const char *name = call.text(path);
    call.arg(sliceSeconds);
    return call.result(call ? core_.startRecord(name) : -1);
}

int ItxPusher::stopLocalRecord() {
    Call call(this, Kind::Pusher, "stopLocalRecord");
    return call.result(call ? core_.stopRecord() : -1);
}

void ItxPusher::setMute(bool mute) {
    Call call(this, Kind::Pusher, "setMute");
    call.arg(mute);
}

void ItxPusher::setRenderMode(int mode) {
    Call call(this, Kind::Pusher, "setRenderMode");
    call.arg(mode);
    if (!(mode == 1 || mode == 2))
        return call.fault("the mode is not 1 or 2");
    if (call)
        core_.setLook(mode, -1, -1);
}

void ItxPusher::setRotation(int rotation) {
    Call call(this, Kind::Pusher, "setRotation");
    call.arg(rotation);
    if (!(rotation >= 1 && rotation <= 4))
        return call.fault("the rotation is not 1-4");
    if (call)
        core_.setLook(-1, rotation, -1);
}

void ItxPusher::setVideoQualityParamPreset(int preset, int ratio) {
    Call call(this, Kind::Pusher, "setVideoQualityParamPreset");
    call.arg(preset).arg(ratio);
    if (!(preset >= 1 && preset <= 7 && ratio >= 0 && ratio <= 2))
        return call.fault("the preset or ratio is unknown");
}

void ItxPusher::setVideoResolution(int resolution) {
    Call call(this, Kind::Pusher, "setVideoResolution");
    call.arg(resolution);
    int width = 0;
    int height = 0;
    if (!txResolution(resolution, width, height))
        return call.fault("the resolution is unknown");
    if (call)
        core_.setSize(width, height);
}

void ItxPusher::setBeautyStyle(int style, int beauty, int whiteness) {
    Call call(this, Kind::Pusher, "setBeautyStyle");
    call.arg(style).arg(beauty).arg(whiteness);
    if (!(style >= 0 && style <= 2 && beauty >= 0 && beauty <= 9 && whiteness >= 0 && whiteness <= 9))
        return call.fault("a style or level is out of range");
}

void ItxPusher::setRenderYMirror(bool mirror) {
    Call call(this, Kind::Pusher, "setRenderYMirror");
    call.arg(mirror);
    if (call)
        core_.setLook(-1, -1, mirror ? 1 : 0);
}

void ItxPusher::setOutputYMirror(bool mirror) {
    Call call(this, Kind::Pusher, "setOutputYMirror");
    call.arg(mirror);
}

void ItxPusher::setVideoBitRate(unsigned long kbps) {
    Call call(this, Kind::Pusher, "setVideoBitRate");
    call.arg(kbps);
    if (!(kbps > 0 && kbps <= 100'000))
        return call.fault("the bitrate is out of range");
    if (call)
        core_.setKbps(static_cast<int>(kbps));
}

void ItxPusher::setAutoAdjustStrategy(int strategy) {
    Call call(this, Kind::Pusher, "setAutoAdjustStrategy");
    call.arg(strategy);
    if (!(strategy == -1 || strategy == 0 || strategy == 1 || strategy == 5))
        return call.fault("the strategy is unknown");
}

void ItxPusher::setVideoBitRateMin(int kbps) {
    Call call(this, Kind::Pusher, "setVideoBitRateMin");
    call.arg(kbps);
    if (!(kbps > 0 && kbps <= 100'000))
        return call.fault("the bitrate is out of range");
}

void ItxPusher::setVideoBitRateMax(int kbps) {
    Call call(this, Kind::Pusher, "setVideoBitRateMax");
    call.arg(kbps);
    if (!(kbps > 0 && kbps <= 100'000))
        return call.fault("the bitrate is out of range");
}

void ItxPusher::setVideoFPS(unsigned long fps) {
    Call call(this, Kind::Pusher, "setVideoFPS");
    call.arg(fps);
    if (!(fps > 0 && fps <= 120))
        return call.fault("the frame rate is out of range");
}

void ItxPusher::setPauseVideo(bool pause) {
    Call call(this, Kind::Pusher, "setPauseVideo");
    call.arg(pause);
}

void ItxPusher::setNearestIP(bool enable) {
    Call call(this, Kind::Pusher, "setNearestIP");
    call.arg(enable);
}

void ItxPusher::showDebugView(int level) {
    Call call(this, Kind::Pusher, "showDebugView");
    call.arg(level);
    if (!(level >= 0 && level <= 2))
        return call.fault("the level is not 0-2");
}

void ItxPusher::sendCustomVideoData(LiteAVVideoFrame *frame) {
    Call call(this, Kind::Pusher, "sendCustomVideoData");
    if (!call || !call.memory(frame, sizeof *frame))
        return;
    call.arg(frame->videoFormat).arg(frame->bufferType).arg(frame->length).arg(frame->width).arg(frame->height);
    call.arg(frame->timestamp).arg(frame->rotation);
    constexpr uint32_t MOST_PX = 8192;
    const bool sized = frame->width >= 2 && frame->height >= 2 && frame->width <= MOST_PX && frame->height <= MOST_PX &&
                       frame->length == frame->width * frame->height * 3 / 2;
    // Packed I420 in memory is all that it takes.
    if (frame->videoFormat != 1 || frame->bufferType != 1 || !sized)
        return call.fault("the frame is not packed I420 of its size");
    if (core_.source() != 1001)
        return call.fault("startPreview with the client's frames is missing");
    call.memory(frame->data, frame->length);
}

void ItxPusher::sendCustomAudioData(LiteAVAudioFrame *frame) {
    Call call(this, Kind::Pusher, "sendCustomAudioData");
    if (!call || !call.memory(frame, sizeof *frame))
        return;
    call.arg(frame->audioFormat).arg(frame->length).arg(frame->sampleRate).arg(frame->channel).arg(frame->timestamp);
    const bool known = frame->sampleRate == 8000 || frame->sampleRate == 16'000 || frame->sampleRate == 32'000 ||
                       frame->sampleRate == 44'100 || frame->sampleRate == 48'000;
    const bool stereo = frame->channel == 2;
    if (frame->audioFormat != 1 || !known || (frame->channel != 1 && !stereo) || frame->length == 0 ||
        frame->length % (stereo ? 4 : 2))
        return call.fault("the sound is not 16-bit PCM of a known rate");
    call.memory(frame->data, frame->length);
}

} // namespace standin
