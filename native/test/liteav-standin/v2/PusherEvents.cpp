#include "v2/PusherObject.h"

#include "runtime/Picture.h"
#include "runtime/Scenario.h"

using namespace liteav;

namespace standin {

namespace {

constexpr uint32_t STATISTICS_MS = 200;
constexpr uint32_t PAINT_MS = 66;
constexpr uint32_t FPS = 15;

constexpr const char *CALLBACKS[] = {
    "onError",
    "onWarning",
    "onCaptureFirstAudioFrame",
    "onCaptureFirstVideoFrame",
    "onMicrophoneVolumeUpdate",
    "onPushStatusUpdate",
    "onStatisticsUpdate",
    "onSnapshotComplete",
    "onRenderVideoFrame",
    "onProcessVideoFrame",
    "onScreenCaptureStarted",
    "onScreenCaptureStoped",
#if STANDIN_REVISION >= 4
    "onGLContextCreated",
    "onGLContextDestroyed",
    "onLocalRecordBegin",
    "onLocalRecording",
    "onLocalRecordComplete",
#endif
};
constexpr uint32_t CALLBACK_COUNT = sizeof CALLBACKS / sizeof *CALLBACKS;

V2TXLiveVideoFrame frameOf(const Picture &picture, int format) {
    V2TXLiveVideoFrame frame{};
    frame.pixelFormat = static_cast<V2TXLivePixelFormat>(format);
    frame.bufferType = V2TXLiveBufferTypeByteBuffer;
    frame.data = picture.data();
    frame.length = picture.size();
    frame.width = picture.width();
    frame.height = picture.height();
    return frame;
}

Picture::Format pictureFormat(int format) {
    return format == V2TXLivePixelFormatBGRA32 ? Picture::Format::Bgra : Picture::Format::I420;
}

/// A picture of a × b px; sizes that no picture has make an empty frame that claims them (hostile mode).
void deliverFrame(V2TXLivePusherObserver &observer, bool process, int a, int b) {
    if (a < 2 || b < 2 || a > 1920 || b > 1920) {
        V2TXLiveVideoFrame empty{};
        empty.pixelFormat = static_cast<V2TXLivePixelFormat>(b);
        empty.width = a;
        empty.height = b;
        empty.length = a;
        if (process)
            observer.onProcessVideoFrame(a ? &empty : nullptr, a ? &empty : nullptr);
        else
            observer.onRenderVideoFrame(a ? &empty : nullptr);
        return;
    }
    const Picture picture(Field::Green, Picture::Format::I420, a & ~1, b & ~1, 0);
    V2TXLiveVideoFrame frame = frameOf(picture, V2TXLivePixelFormatI420);
    if (!process)
        return observer.onRenderVideoFrame(&frame);
    const Picture target(Field::Green, Picture::Format::I420, a & ~1, b & ~1, 0);
    V2TXLiveVideoFrame result = frameOf(target, V2TXLivePixelFormatI420);
    observer.onProcessVideoFrame(&frame, &result);
}

void deliverSnapshot(V2TXLivePusherObserver &observer, int a, int b) {
    if (a < 2 || b < 2 || a > 1920 || b > 1920)
        return observer.onSnapshotComplete(nullptr, a, a, b, static_cast<V2TXLivePixelFormat>(b));
    const Picture picture(Field::Green, Picture::Format::Bgra, a & ~1, b & ~1, 0);
    observer.onSnapshotComplete(picture.data(), picture.size(), picture.width(), picture.height(),
                                V2TXLivePixelFormatBGRA32);
}

bool deliver(V2TXLivePusherObserver &observer, const char *callback, int a, int b, const char *text) {
    const auto is = [callback](const char *name) { return equal(callback, name); };
    if (is("onError"))
        observer.onError(a, text, poison::extra());
    else if (is("onWarning"))
        observer.onWarning(a, text, poison::extra());
    else if (is("onCaptureFirstAudioFrame"))
        observer.onCaptureFirstAudioFrame();
    else if (is("onCaptureFirstVideoFrame"))
        observer.onCaptureFirstVideoFrame();
    else if (is("onMicrophoneVolumeUpdate"))
        observer.onMicrophoneVolumeUpdate(a);
    else if (is("onPushStatusUpdate"))
        observer.onPushStatusUpdate(static_cast<V2TXLivePushStatus>(a), text, poison::extra());
    else if (is("onStatisticsUpdate")) {
        const auto n = static_cast<unsigned>(a);
        const auto at = [n](unsigned i) { return static_cast<int32_t>(n + i); };
        observer.onStatisticsUpdate({at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8)});
    } else if (is("onSnapshotComplete"))
        deliverSnapshot(observer, a, b);
    else if (is("onRenderVideoFrame") || is("onProcessVideoFrame"))
        deliverFrame(observer, is("onProcessVideoFrame"), a, b);
    else if (is("onScreenCaptureStarted"))
        observer.onScreenCaptureStarted();
    else if (is("onScreenCaptureStoped"))
        observer.onScreenCaptureStoped(a);
#if STANDIN_REVISION >= 4
    else if (is("onGLContextCreated"))
        observer.onGLContextCreated();
    else if (is("onGLContextDestroyed"))
        observer.onGLContextDestroyed();
    else if (is("onLocalRecordBegin"))
        observer.onLocalRecordBegin(a, text);
    else if (is("onLocalRecording"))
        observer.onLocalRecording(a, text);
    else if (is("onLocalRecordComplete"))
        observer.onLocalRecordComplete(a, text);
#endif
    else
        return false;
    return true;
}

} // namespace

V2TXLivePusherObserver *PusherObject::observer() {
    const Lock hold(lock_);
    return observer_ || !hostile() ? observer_ : lastObserver_;
}

bool PusherObject::fire(const char *callback, int a, int b, const char *text) {
    if (equal(callback, "onDeviceChanged"))
        return devices_.deliverChange(a, b);
    V2TXLivePusherObserver *observer = this->observer();
    if (!observer)
        return false;
    logCallback(static_cast<V2TXLivePusher *>(this), Kind::Pusher, callback, a);
    return deliver(*observer, callback, a, b, text);
}

void PusherObject::storm(uint32_t dice) {
    V2TXLivePusherObserver *observer = this->observer();
    if (!observer)
        return;
#if defined(__x86_64__)
    constexpr uint32_t PADDED_SLOTS = 32;
    if (dice % 5 == 0)
        return poison::unknownSlot(
            observer, static_cast<int>(PUSHER_OBSERVER_SLOTS + (dice >> 4) % (PADDED_SLOTS - PUSHER_OBSERVER_SLOTS)));
#endif
    deliver(*observer, CALLBACKS[(dice >> 3) % CALLBACK_COUNT], poison::number(dice >> 9), poison::number(dice >> 15),
            poison::text(dice >> 20));
}

void PusherObject::keepGoing() {
    if (view_ && source_ != Source::None && !painting_) {
        painting_ = true;
        actor_.after(0, Deed::Paint);
    }
    if (framesNeeded() && !framing_) {
        framing_ = true;
        frameStartMs_ = nowMs();
        frameCount_ = 0;
        actor_.after(0, Deed::Frame);
    }
    if (volumeIntervalMs_ && microphone_) {
        actor_.cancel(Deed::Volume);
        actor_.after(static_cast<uint32_t>(volumeIntervalMs_), Deed::Volume);
    }
}

void PusherObject::connected(bool again) {
    {
        const Lock hold(lock_);
        if (!pushing_)
            return;
        connected_ = true;
        if (!again)
            scenario::plan(url_, actor_);
        actor_.cancel(Deed::Statistics);
        actor_.after(STATISTICS_MS, Deed::Statistics);
    }
    fire("onPushStatusUpdate", V2TXLivePushStatusConnectSuccess, 0, again ? "reconnected" : "connected");
}

void PusherObject::frame() {
    int render = 0;
    int process = 0;
    int width = 0;
    int height = 0;
    V2TXLivePusherObserver *observer = this->observer();
    {
        const Lock hold(lock_);
        if (!framesNeeded()) {
            framing_ = false;
            return;
        }
        render = render_;
        process = process_;
        ++frameCount_;
        const uint32_t due = frameStartMs_ + frameCount_ * 1000 / FPS;
        const uint32_t now = nowMs();
        actor_.after(static_cast<int32_t>(due - now) > 0 ? due - now : 0, Deed::Frame);
        resolutionSize(quality_.videoResolution, width, height);
    }
    if (!observer)
        return;
    if (process) {
        const Picture source(Field::Green, pictureFormat(process), width, height, frameCount_);
        const Picture target(Field::Green, pictureFormat(process), width, height, frameCount_);
        V2TXLiveVideoFrame from = frameOf(source, process);
        V2TXLiveVideoFrame to = frameOf(target, process);
        logCallback(static_cast<V2TXLivePusher *>(this), Kind::Pusher, "onProcessVideoFrame", frameCount_);
        observer->onProcessVideoFrame(&from, &to);
    }
    if (render) {
        const Picture picture(Field::Green, pictureFormat(render), width, height, frameCount_);
        const V2TXLiveVideoFrame shown = frameOf(picture, render);
        logCallback(static_cast<V2TXLivePusher *>(this), Kind::Pusher, "onRenderVideoFrame", frameCount_);
        observer->onRenderVideoFrame(&shown);
    }
}

void PusherObject::paint() {
    HWND view = nullptr;
    bool other = false;
    bool fit = false;
    {
        const Lock hold(lock_);
        painting_ = view_ && source_ != Source::None;
        if (!painting_)
            return;
        view = view_;
        other = (mirror_ == V2TXLiveMirrorTypeEnable) != (rotation_ % 2 == 1);
        fit = fill_ == V2TXLiveFillModeFit;
        actor_.after(PAINT_MS, Deed::Paint);
    }
    paintWindow(view, Field::Green, other, fit);
}

void PusherObject::record(Deed deed) {
    char path[LONGEST_PATH];
    uint32_t lengthMs = 0;
    {
        const Lock hold(lock_);
        if (deed != Deed::RecordBegin && !recording_)
            return;
        copyText(path, sizeof path, recordPath_);
        lengthMs = nowMs() - recordStartMs_;
        if (deed == Deed::RecordBegin && !recording_) {
            recordStartMs_ = nowMs();
            recording_ = true;
        } else if (deed == Deed::RecordEnd)
            recording_ = false;
        actor_.cancel(Deed::Recording);
        if (recording_ && recordIntervalMs_ > 0)
            actor_.after(static_cast<uint32_t>(recordIntervalMs_), Deed::Recording);
    }
    if (deed == Deed::Recording)
        fire("onLocalRecording", static_cast<int>(lengthMs), 0, path);
    else if (deed == Deed::RecordEnd)
        fire("onLocalRecordComplete", 0, 0, path);
    else
        fire("onLocalRecordBegin", 0, 0, path);
}

void PusherObject::perform(Deed deed, int a, int b) {
    switch (deed) {
    case Deed::Connecting:
        fire("onPushStatusUpdate", V2TXLivePushStatusConnecting, 0, "connecting");
        break;
    case Deed::Connected:
        connected(a != 0);
        break;
    case Deed::Reconnecting:
        actor_.cancel(Deed::Statistics);
        fire("onPushStatusUpdate", V2TXLivePushStatusReconnecting, 0, "reconnecting");
        break;
    case Deed::Disconnected: {
        // The push of a stop has ended already, and another one may have begun.
        if (a != OF_A_STOP) {
            actor_.cancel(Deed::Statistics);
            const Lock hold(lock_);
            connected_ = false;
            pushing_ = false;
        }
        fire("onPushStatusUpdate", V2TXLivePushStatusDisconnected, 0, "disconnected");
        break;
    }
    case Deed::FirstAudio:
        fire("onCaptureFirstAudioFrame", 0, 0, nullptr);
        break;
    case Deed::FirstVideo:
        fire("onCaptureFirstVideoFrame", 0, 0, nullptr);
        break;
    case Deed::Statistics: {
        V2TXLivePusherStatistics statistics{7, 21, 0, 0, 0, 0, 0, 12, 0};
        {
            const Lock hold(lock_);
            if (!connected_)
                return;
            if (source_ != Source::None) {
                int width = 0;
                int height = 0;
                resolutionSize(quality_.videoResolution, width, height);
                const bool portrait = quality_.videoResolutionMode == V2TXLiveVideoResolutionModePortrait;
                statistics.width = portrait ? height : width;
                statistics.height = portrait ? width : height;
                statistics.fps = static_cast<int>(quality_.videoFps);
                statistics.videoBitrate = static_cast<int>(quality_.videoBitrate);
            }
            statistics.audioBitrate = microphone_ || customAudio_ ? 50 : 0;
            statistics.netSpeed = statistics.videoBitrate + statistics.audioBitrate;
            actor_.after(STATISTICS_MS, Deed::Statistics);
        }
        if (V2TXLivePusherObserver *observer = this->observer()) {
            logCallback(static_cast<V2TXLivePusher *>(this), Kind::Pusher, "onStatisticsUpdate", statistics.netSpeed);
            observer->onStatisticsUpdate(statistics);
        }
        break;
    }
    case Deed::Volume: {
        {
            const Lock hold(lock_);
            keepGoing();
            if (!volumeIntervalMs_ || !microphone_)
                return;
        }
        fire("onMicrophoneVolumeUpdate", 40, 0, nullptr);
        break;
    }
    case Deed::Frame:
        frame();
        break;
    case Deed::Paint:
        paint();
        break;
    case Deed::Snapshot: {
        int width = 0;
        int height = 0;
        {
            const Lock hold(lock_);
            if (source_ != Source::None)
                resolutionSize(quality_.videoResolution, width, height);
        }
        fire("onSnapshotComplete", width, height, nullptr); // without a picture: null
        break;
    }
    case Deed::Error:
        fire("onError", a, 0, "an error that the address asked for");
        break;
    case Deed::Warning:
        fire("onWarning", a, 0, "a warning that the address asked for");
        break;
    case Deed::ScreenStarted:
        fire("onScreenCaptureStarted", 0, 0, nullptr);
        break;
    case Deed::ScreenStopped:
        fire("onScreenCaptureStoped", a, 0, nullptr);
        break;
    case Deed::RecordBegin:
        if (a != 0)
            fire("onLocalRecordBegin", a, 0, recordPath_);
        else
            record(deed);
        break;
    case Deed::Recording:
    case Deed::RecordEnd:
        record(deed);
        break;
    case Deed::DeviceChanged:
        devices_.deliverChange(TXMediaDeviceTypeCamera, a);
        break;
    case Deed::Crash:
        crash();
    default:
        break;
    }
    static_cast<void>(b);
}

void resolutionSize(int resolution, int &width, int &height) {
    constexpr int SIZES[][2] = {{160, 160}, {270, 270}, {480, 480}, {320, 240}, {480, 360},  {640, 480},
                                {320, 180}, {480, 270}, {640, 360}, {960, 540}, {1280, 720}, {1920, 1080}};
    const bool known = resolution >= 0 && resolution < static_cast<int>(sizeof SIZES / sizeof *SIZES);
    width = known ? SIZES[resolution][0] : 0;
    height = known ? SIZES[resolution][1] : 0;
}

} // namespace standin
