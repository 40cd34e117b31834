#include "abi/Tx2018.h"

#include "runtime/Devices.h"
#include "tx/PusherCore.h"

using standin::Call;
using standin::Kind;

namespace standin {

struct PusherState {
    PusherCore core;
    SrwLock lock{};
    unsigned int micVolume = 40'000;
};

bool fire(TXLivePusher &pusher, const char *callback, int a, int b, const char *text) {
    return pusher.state_->core.fire(callback, a, b, text);
}

namespace {

constexpr int MICROPHONES = 0;
constexpr int CAMERAS = 2;
constexpr int CAMERA = 1;
constexpr int SCREEN = 2;
constexpr int USER_DATA = 1001;
constexpr int USER_AAC = 1002;
constexpr size_t NAME_CHARACTERS = 256;

bool inRange(int value, int least, int most) { return value >= least && value <= most; }

} // namespace
} // namespace standin

using namespace standin;

TXLivePusher::TXLivePusher() : state_(new PusherState{PusherCore(this)}) {
    const Call call(this, Kind::Pusher, "TXLivePusher");
}

TXLivePusher::TXLivePusher(const TXLivePusher &) : state_(new PusherState{PusherCore(this)}) {
    Call call(this, Kind::Pusher, "TXLivePusher(copy)");
    call.fault("a pusher was copied");
}

TXLivePusher &TXLivePusher::operator=(const TXLivePusher &) {
    Call call(this, Kind::Pusher, "operator=");
    call.fault("a pusher was copied");
    return *this;
}

TXLivePusher::~TXLivePusher() {
    {
        Call call(this, Kind::Pusher, "~TXLivePusher");
        if (!call)
            return;
        if (state_->core.isOwnThread()) {
            call.fault("destroyed on a thread of the SDK: it would wait for itself");
            return;
        }
    }
    delete state_;
    state_ = nullptr;
}

void TXLivePusher::__autoclassinit2(unsigned int size) { memset(static_cast<void *>(this), 0, size); }

void TXLivePusher::setCallback(TXLivePusherCallback *callback, void *userData) {
    Call call(this, Kind::Pusher, "setCallback");
    call.address(callback).address(userData);
    if (call && (!callback || call.memory(callback, sizeof(void *))))
        state_->core.setCallback(callback, userData);
}

int TXLivePusher::enumCameras(wchar_t **names, size_t capacity) {
    Call call("enumCameras");
    call.address(names).arg(capacity);
    // Each name has room for 256 characters.
    for (size_t i = 0; names && i < capacity && i < DEVICES_OF_A_TYPE; ++i) {
        if (!call.memory(names, (i + 1) * sizeof *names) || !call.memory(names[i], NAME_CHARACTERS * sizeof **names))
            return call.result(-1);
        constexpr unsigned UTF8 = 65001;
        const char *name = devicesOf(CAMERAS)[i].name;
        const int written = MultiByteToWideChar(UTF8, 0, name, -1, names[i], NAME_CHARACTERS);
        if (written <= 0)
            return call.result(-1);
    }
    return call.result(DEVICES_OF_A_TYPE);
}

int TXLivePusher::micDeviceCount() const {
    Call call(this, Kind::Pusher, "micDeviceCount");
    return call.result(call ? DEVICES_OF_A_TYPE : -1);
}

bool TXLivePusher::micDeviceName(unsigned int index, char name[512]) {
    Call call(this, Kind::Pusher, "micDeviceName");
    call.arg(index);
    constexpr size_t NAME_BYTES = 512;
    if (!call || index >= DEVICES_OF_A_TYPE || !call.memory(name, NAME_BYTES))
        return call.answer(false);
    copyText(name, NAME_BYTES, devicesOf(MICROPHONES)[index].name);
    return call.answer(true);
}

void TXLivePusher::selectMicDevice(unsigned int index) {
    Call call(this, Kind::Pusher, "selectMicDevice");
    call.arg(index);
    if (index >= DEVICES_OF_A_TYPE)
        call.fault("there is no such device");
}

unsigned int TXLivePusher::micVolume() {
    Call call(this, Kind::Pusher, "micVolume");
    if (!call)
        return 0;
    const Lock hold(state_->lock);
    return static_cast<unsigned>(call.result(static_cast<int>(state_->micVolume)));
}

void TXLivePusher::setMicVolume(unsigned int volume) {
    Call call(this, Kind::Pusher, "setMicVolume");
    call.arg(volume);
    if (!call)
        return;
    if (volume > 65'535)
        return call.fault("the volume is not 0-65535");
    const Lock hold(state_->lock);
    state_->micVolume = volume;
}

void TXLivePusher::enableMic(bool enable) { Call(this, Kind::Pusher, "enableMic").arg(enable); }
void TXLivePusher::openMicTest() { Call(this, Kind::Pusher, "openMicTest"); }
void TXLivePusher::closeMicTest() { Call(this, Kind::Pusher, "closeMicTest"); }
void TXLivePusher::openSystemVoiceInput(const char *path) {
    Call(this, Kind::Pusher, "openSystemVoiceInput").text(path);
}
void TXLivePusher::closeSystemVoiceInput() { Call(this, Kind::Pusher, "closeSystemVoiceInput"); }

void TXLivePusher::setSystemVoiceInputVolume(int volume) {
    Call call(this, Kind::Pusher, "setSystemVoiceInputVolume");
    call.arg(volume);
    if (!inRange(volume, 0, 100))
        call.fault("the volume is not 0-100");
}

void TXLivePusher::startAudioCapture(TXEAudioCaptureSrcType source) {
    Call call(this, Kind::Pusher, "startAudioCapture");
    call.arg(source);
    if (source != 1 && !inRange(source, USER_DATA, USER_AAC))
        return call.fault("the source is unknown");
    if (call)
        state_->core.setAudio(true);
}

void TXLivePusher::stopAudioCapture() {
    if (const Call call(this, Kind::Pusher, "stopAudioCapture"); call)
        state_->core.setAudio(false);
}

bool TXLivePusher::startPreview(HWND view, const RECT &area, int camera) {
    Call call(this, Kind::Pusher, "startPreview(camera)");
    call.address(view);
    if (!call || !call.memory(&area, sizeof area))
        return call.answer(false);
    call.arg(area.left).arg(area.top).arg(area.right).arg(area.bottom).arg(camera);
    return call.answer(inRange(camera, -1, DEVICES_OF_A_TYPE - 1) && state_->core.startPreview(CAMERA, view, &area));
}

bool TXLivePusher::startPreview(TXEVideoCaptureSrcType source, HWND view, const RECT &area,
                                TXEVideoUserDataFormat format) {
    Call call(this, Kind::Pusher, "startPreview(source)");
    call.arg(source).address(view);
    if (!call || !call.memory(&area, sizeof area))
        return call.answer(false);
    call.arg(area.left).arg(area.top).arg(area.right).arg(area.bottom).arg(format);
    const bool known = (source == CAMERA || source == SCREEN || source == USER_DATA) && inRange(format, 0, 2);
    return call.answer(known && state_->core.startPreview(source, view, &area));
}

void TXLivePusher::updatePreview(HWND view, const RECT &area) {
    Call call(this, Kind::Pusher, "updatePreview");
    call.address(view);
    if (!call || !call.memory(&area, sizeof area))
        return;
    call.arg(area.left).arg(area.top).arg(area.right).arg(area.bottom);
    state_->core.updatePreview(view, &area);
}

void TXLivePusher::stopPreview() {
    if (const Call call(this, Kind::Pusher, "stopPreview"); call)
        state_->core.stopPreview();
}

int TXLivePusher::enumCaptureWindow(HWND *windows, size_t capacity) {
    Call call("enumCaptureWindow");
    call.address(windows).arg(capacity);
    int count = 0;
    for (const SourceRow &row : SOURCE_ROWS) {
        if (row.screen)
            continue;
        if (windows && static_cast<size_t>(count) < capacity) {
            if (!call.memory(windows + count, sizeof *windows))
                return call.result(-1);
            windows[count] = reinterpret_cast<HWND>(row.id);
        }
        ++count;
    }
    return call.result(count);
}

void TXLivePusher::setScreenCaptureParam(HWND window, const RECT &rect, bool follow, bool autoOut) {
    Call call(this, Kind::Pusher, "setScreenCaptureParam");
    call.address(window);
    if (!call || !call.memory(&rect, sizeof rect))
        return;
    call.arg(rect.left).arg(rect.top).arg(rect.right).arg(rect.bottom).arg(follow).arg(autoOut);
}

int TXLivePusher::captureVideoSnapShot(const wchar_t *path, unsigned int length) {
    Call call(this, Kind::Pusher, "captureVideoSnapShot");
    const wchar_t *name = call.wide(path);
    call.arg(length);
    if (!call || !name || !call.memory(name, length * sizeof *name))
        return call.result(-2);
    return call.result(state_->core.snapshot(name, length));
}

bool TXLivePusher::startPush(const char *url) {
    Call call(this, Kind::Pusher, "startPush");
    const char *address = call.text(url);
    return call.answer(call && address && state_->core.startPush(address));
}

void TXLivePusher::stopPush() {
    if (const Call call(this, Kind::Pusher, "stopPush"); call)
        state_->core.stopPush();
}

void TXLivePusher::switchCamera(int index) {
    Call call(this, Kind::Pusher, "switchCamera");
    call.arg(index);
    if (call && !state_->core.switchCamera(index))
        call.fault("no camera runs, or there is no such camera");
}

int TXLivePusher::startLocalRecord(const char *path, unsigned long long sliceSeconds) {
    Call call(this, Kind::Pusher, "startLocalRecord");
    const char *name = call.text(path);
    call.arg(sliceSeconds);
    return call.result(call ? state_->core.startRecord(name) : -1);
}

int TXLivePusher::stopLocalRecord() {
    Call call(this, Kind::Pusher, "stopLocalRecord");
    return call.result(call ? state_->core.stopRecord() : -1);
}

void TXLivePusher::setMute(bool mute) { Call(this, Kind::Pusher, "setMute").arg(mute); }

void TXLivePusher::setRenderMode(TXERenderMode mode) {
    Call call(this, Kind::Pusher, "setRenderMode");
    call.arg(mode);
    if (!inRange(mode, 1, 2))
        return call.fault("the mode is not 1 or 2");
    if (call)
        state_->core.setLook(mode, -1, -1);
}

void TXLivePusher::setRotation(TXEVideoRotation rotation) {
    Call call(this, Kind::Pusher, "setRotation");
    call.arg(rotation);
    if (!inRange(rotation, 1, 4))
        return call.fault("the rotation is not 1-4");
    if (call)
        state_->core.setLook(-1, rotation, -1);
}

void TXLivePusher::setVideoQualityParamPreset(TXEVideoQualityParamPreset preset, TXEVideoRatio ratio) {
    Call call(this, Kind::Pusher, "setVideoQualityParamPreset");
    call.arg(preset).arg(ratio);
    if (!inRange(preset, 1, 7) || !inRange(ratio, 0, 2))
        call.fault("the preset or ratio is unknown");
}

void TXLivePusher::setVideoResolution(TXEVideoResolution resolution) {
    Call call(this, Kind::Pusher, "setVideoResolution");
    call.arg(resolution);
    int width = 0;
    int height = 0;
    if (!txResolution(resolution, width, height))
        return call.fault("the resolution is unknown");
    if (call)
        state_->core.setSize(width, height);
}

void TXLivePusher::setBeautyStyle(TXEBeautyStyle style, int beauty, int whiteness) {
    Call call(this, Kind::Pusher, "setBeautyStyle");
    call.arg(style).arg(beauty).arg(whiteness);
    if (!inRange(style, 0, 2) || !inRange(beauty, 0, 9) || !inRange(whiteness, 0, 9))
        call.fault("a style or level is out of range");
}

void TXLivePusher::setRenderYMirror(bool mirror) {
    Call call(this, Kind::Pusher, "setRenderYMirror");
    call.arg(mirror);
    if (call)
        state_->core.setLook(-1, -1, mirror ? 1 : 0);
}

void TXLivePusher::setOutputYMirror(bool mirror) { Call(this, Kind::Pusher, "setOutputYMirror").arg(mirror); }

void TXLivePusher::setVideoBitRate(unsigned long kbps) {
    Call call(this, Kind::Pusher, "setVideoBitRate");
    call.arg(kbps);
    if (kbps == 0 || kbps > 100'000)
        return call.fault("the bitrate is out of range");
    if (call)
        state_->core.setKbps(static_cast<int>(kbps));
}

void TXLivePusher::setAutoAdjustStrategy(TXEAutoAdjustStrategy strategy) {
    Call call(this, Kind::Pusher, "setAutoAdjustStrategy");
    call.arg(strategy);
    if (!inRange(strategy, -1, 1) && strategy != 5)
        call.fault("the strategy is unknown");
}

void TXLivePusher::setVideoBitRateMin(int kbps) { Call(this, Kind::Pusher, "setVideoBitRateMin").arg(kbps); }
void TXLivePusher::setVideoBitRateMax(int kbps) { Call(this, Kind::Pusher, "setVideoBitRateMax").arg(kbps); }
void TXLivePusher::setVideoFPS(unsigned long fps) { Call(this, Kind::Pusher, "setVideoFPS").arg(fps); }
void TXLivePusher::setPauseVideo(bool pause) { Call(this, Kind::Pusher, "setPauseVideo").arg(pause); }
