#include "liteav/v2/V2Pusher.h"

#include "embedded/media/PictureFile.h"
#include "liteav/Convert.h"
#include "liteav/Support.h"
#include "liteav/abi/Text.h"
#include "liteav/v2/Devices.h"

namespace rtcroom::liteav::v2 {

using engine::Completion;
using engine::EngineException;
using engine::Error;
using engine::ErrorCode;
using engine::Side;
namespace event = engine::event;

namespace {

void ok(int code, const char *what) { check(Side::Push, code, what); }

void *windowOf(uint64_t handle) { return reinterpret_cast<void *>(static_cast<uintptr_t>(handle)); }

} // namespace

V2Pusher::V2Pusher(const Exports &exports, const SlotTable &slots, const engine::PusherOptions &options,
                   engine::PusherListener &listener)
    : SdkObject(Side::Push, methodsOf(supportOf(slots), Side::Push), worker_,
                [&listener](const engine::Event &event) { listener.onEvent(event); }),
      exports_(exports), slots_(slots), options_(options),
      tellStatus_([&listener](const engine::Status &status) { listener.onStatus(status); }),
      snapshots_([this](const std::string &path, const std::optional<Error> &error) { snapshotEnded(path, error); }) {
    requireDefaults(options);
    worker_.ask([this] {
        create(Mode::Rtmp);
        if (options_.audioChannels == 2)
            apply("audioQuality", [this] { ok(sdk().setAudioQuality(AudioQuality::Music), "audioChannels"); });
    });
}

V2Pusher::~V2Pusher() { close({}); }

void V2Pusher::create(Mode mode) {
    object_ = exports_.createPusher(static_cast<int>(mode));
    if (object_ == nullptr)
        throw EngineException(ErrorCode::SdkFailed,
                              "createV2TXLivePusher gave no object; check the SDK's licence and its log");
    mode_ = mode;
    observer_ = makePusherObserver(slots_, *this);
    sdk().setObserver(observer_->object());
    if (!slots_.pusher.has(PusherSlot::getDeviceManager) || !slots_.devices.has(DeviceManagerSlot::setDeviceObserver))
        return;
    void *const manager = sdk().deviceManager();
    if (manager == nullptr)
        return;
    deviceObserver_ = makeDeviceObserver(slots_, *this);
    DeviceManagerCalls(manager, slots_.devices).setObserver(deviceObserver_->object());
}

void V2Pusher::release() {
    if (object_ == nullptr)
        return;
    if (deviceObserver_)
        if (void *const manager = sdk().deviceManager())
            DeviceManagerCalls(manager, slots_.devices).setObserver(nullptr);
    sdk().setObserver(nullptr);
    exports_.releasePusher(object_);
    object_ = nullptr;
    for (auto *observer : {&observer_, &deviceObserver_}) {
        if (!*observer)
            continue;
        (*observer)->shut();
        keepForever(std::exchange(*observer, nullptr));
    }
}

void V2Pusher::recreate(Mode mode) {
    release();
    create(mode);
    for (const auto &[key, again] : applied_)
        again();
}

void V2Pusher::apply(const char *key, std::function<void()> apply) {
    apply();
    for (auto &[known, again] : applied_) {
        if (known != key)
            continue;
        again = std::move(apply);
        return;
    }
    applied_.emplace_back(key, std::move(apply));
}

void V2Pusher::forget(const char *key) {
    std::erase_if(applied_, [key](const auto &each) { return each.first == key; });
}

void V2Pusher::setApplied(const char *method, const char *key, std::function<void()> change) {
    set(method, [this, key, change = std::move(change)] { apply(key, change); });
}

AudioEffectsCalls V2Pusher::effects() const {
    void *const manager = sdk().audioEffects();
    if (manager == nullptr)
        throw EngineException(ErrorCode::SdkFailed, "the LiteAV SDK gave no audio effect manager; try again");
    return {manager, slots_.effects};
}

// ---- pictures

void V2Pusher::startPreview(const engine::VideoSourceOptions &options, Completion done) {
    require("startPreview");
    using engine::SourceKind;
    if (options.kind != SourceKind::Camera && options.kind != SourceKind::Screen && options.kind != SourceKind::User)
        throw EngineException(ErrorCode::Unsupported, "the LiteAV SDK pushes a camera, a screen or the application's "
                                                      "pictures; use the engine 'embedded' for others");
    run(
        "startPreview", [this, options] { startSource(options); }, std::move(done));
}

void V2Pusher::startSource(const engine::VideoSourceOptions &options) {
    // The SDK allows one source at a time.
    stopSource();
    firstFrame_ = false;
    if (options.windowHandle != 0)
        apply("view",
              [this, handle = options.windowHandle] { ok(sdk().setRenderView(windowOf(handle)), "startPreview"); });
    switch (options.kind) {
    case engine::SourceKind::Camera: {
        const auto cameras = listDevices(slots_, deviceManagerOf(slots_, sdk()), DeviceType::Camera);
        const std::string pid = deviceId(cameras, options.camera, "camera");
        apply("source", [this, pid] { ok(sdk().startCamera(pid.c_str()), "startPreview"); });
        source_ = Source::Camera;
        break;
    }
    case engine::SourceKind::Screen:
        apply("source", [this] {
            selectSource(slots_, sdk(), screenId_, screenRegion_);
            ok(sdk().startScreenCapture(), "startPreview");
        });
        source_ = Source::Screen;
        break;
    default:
        apply("source", [this] { ok(sdk().enableCustomVideoCapture(true), "startPreview"); });
        source_ = Source::User;
    }
}

void V2Pusher::stopSource() {
    forget("source");
    switch (std::exchange(source_, Source::None)) {
    case Source::None:
        return;
    case Source::Camera:
        ok(sdk().stopCamera(), "stopPreview");
        emit(event::PUSH_EVT_CAMERA_CLOSED);
        return;
    case Source::Screen:
        ok(sdk().stopScreenCapture(), "stopPreview");
        return;
    case Source::User:
        ok(sdk().enableCustomVideoCapture(false), "stopPreview");
    }
}

void V2Pusher::stopPreview(Completion done) {
    run(
        "stopPreview", [this] { stopSource(); }, std::move(done));
}

void V2Pusher::updatePreview(uint64_t windowHandle) {
    setApplied("updatePreview", "view",
               [this, windowHandle] { ok(sdk().setRenderView(windowOf(windowHandle)), "updatePreview"); });
}

void V2Pusher::setRenderMode(int mode) {
    requireRenderMode(mode);
    setApplied("setRenderMode", "renderMode", [this, mode] {
        ok(sdk().setRenderFillMode(mode == 1 ? FillMode::Fit : FillMode::Fill), "setRenderMode");
    });
}

void V2Pusher::setRotation(int rotation) {
    requireRotation(rotation);
    setApplied("setRotation", "rotation",
               [this, rotation] { ok(sdk().setRenderRotation(rotation - 1), "setRotation"); });
}

void V2Pusher::setRenderYMirror(bool mirror) {
    setApplied("setRenderYMirror", "mirror", [this, mirror] {
        ok(sdk().setRenderMirror(mirror ? MirrorType::Enable : MirrorType::Disable), "setRenderYMirror");
    });
}

void V2Pusher::setOutputYMirror(bool mirror) {
    setApplied("setOutputYMirror", "outputMirror",
               [this, mirror] { ok(sdk().setEncoderMirror(mirror), "setOutputYMirror"); });
}

void V2Pusher::setBeautyStyle(int style, int beautyLevel, int whitenessLevel) {
    requireRange("the beauty style", style, 0, 2);
    requireRange("the beauty level", beautyLevel, 0, 9);
    requireRange("the whiteness level", whitenessLevel, 0, 9);
    setApplied("setBeautyStyle", "beauty", [=, this] {
        // 2, "blur", is no more; smooth is its successor.
        sdk().setBeautyStyle(style == 1 ? 1 : 0, static_cast<uint32_t>(beautyLevel),
                             static_cast<uint32_t>(whitenessLevel), 0);
    });
}

void V2Pusher::showDebugView(int level) {
    requireRange("the level", level, 0, 2);
    setApplied("showDebugView", "debug", [this, level] { sdk().showDebugView(level != 0); });
}

// ---- the encoder

void V2Pusher::setEncoder(const char *method, std::function<void(EncoderSettings &)> change) {
    require(method);
    EncoderSettings trial;
    change(trial); // A bad value is refused here, whatever the thread does.
    const std::string name = method;
    set(method, [this, name, change = std::move(change)] {
        EncoderSettings changed = encoder_;
        change(changed);
        apply("encoder", [this, name, changed] {
            const VideoEncoderParam param = changed.param();
            const std::string exact = changed.exactSize();
            if (exact.empty() || sdk().setProperty("setVideoQualityEx", exact.c_str()) != code::OK)
                ok(sdk().setVideoQuality(&param), name.c_str());
        });
        encoder_ = changed;
        encoderSet_ = true;
    });
}

void V2Pusher::setVideoQualityParamPreset(engine::VideoQualityPreset preset, engine::VideoRatio ratio) {
    setEncoder("setVideoQualityParamPreset", [=](EncoderSettings &settings) { settings.setPreset(preset, ratio); });
}
void V2Pusher::setVideoResolution(int txeVideoResolution) {
    setEncoder("setVideoResolution", [=](EncoderSettings &settings) { settings.setResolution(txeVideoResolution); });
}
void V2Pusher::setVideoFPS(int fps) {
    setEncoder("setVideoFPS", [=](EncoderSettings &settings) { settings.setFps(fps); });
}
void V2Pusher::setVideoBitRate(int kbps) {
    setEncoder("setVideoBitRate", [=](EncoderSettings &settings) { settings.setBitrate(kbps); });
}
void V2Pusher::setVideoBitRateMin(int kbps) {
    setEncoder("setVideoBitRateMin", [=](EncoderSettings &settings) { settings.setMinBitrate(kbps); });
}
void V2Pusher::setVideoBitRateMax(int kbps) {
    setEncoder("setVideoBitRateMax", [=](EncoderSettings &settings) { settings.setMaxBitrate(kbps); });
}
void V2Pusher::setAutoAdjustStrategy(engine::AutoAdjustStrategy strategy) {
    setEncoder("setAutoAdjustStrategy", [=](EncoderSettings &settings) { settings.setStrategy(strategy); });
}

// ---- the push

void V2Pusher::startPush(const std::string &url, Completion done) {
    require("startPush");
    const std::string scheme = schemeOf(url);
    if ((scheme != "rtmp" && scheme != "trtc") || url.find('\0') != std::string::npos)
        throw EngineException(ErrorCode::InvalidUrl, "the LiteAV SDK pushes to rtmp:// and trtc:// addresses");
    if (pushing_.exchange(true))
        throw EngineException(ErrorCode::InvalidState, "already pushing; call stopPush first");
    worker_.post([this, url, done = std::move(done)]() mutable {
        if (closed() || !pushing_)
            return end(done, Error{ErrorCode::Aborted, "the push was stopped before it began"});
        settlePush(Error{ErrorCode::Aborted, "another push began"});
        pushDone_ = std::move(done);
        if (const auto error = errorOf([&] { beginPush(url); })) {
            if (object_ == nullptr) {
                pushing_ = false;
                return settlePush(error);
            }
            failPush(*error, finalEvent(Side::Push, error->nativeCode), error->message);
        }
    });
}

void V2Pusher::beginPush(const std::string &url) {
    const uint64_t number = ++pushNumber_;
    connected_ = sawConnecting_ = false;
    lastError_.reset();
    encodedSize_.reset();
    const Mode mode = schemeOf(url) == "trtc" ? Mode::Rtc : Mode::Rtmp;
    if (mode != mode_ || object_ == nullptr)
        recreate(mode);
    ok(sdk().startPush(url.c_str()), "startPush");
    sdkPushing_ = true;
    // The SDK has its own retries; this is for one that says nothing at all.
    const auto &network = options_.network;
    const auto patience =
        std::chrono::milliseconds(int64_t{network.connectTimeoutMs} * (network.connectRetryCount + 1) +
                                  int64_t{network.connectRetryIntervalMs} * network.connectRetryCount);
    worker_.postAfter(patience, [this, number] {
        if (number == pushNumber_ && pushing_ && !connected_)
            failPush(lastError_.value_or(Error{ErrorCode::Timeout, "startPush: the LiteAV SDK told no result in time"}),
                     event::PUSH_ERR_NET_DISCONNECT, {});
    });
}

void V2Pusher::stopPush(Completion done) {
    require("stopPush");
    pushing_ = false;
    worker_.post([this, done = std::move(done)]() mutable {
        settlePush(Error{ErrorCode::Aborted, "the push was stopped before it began"});
        silence();
        end(done, closed() ? std::optional(Error{ErrorCode::Aborted, "the pusher was closed first"}) : std::nullopt);
    });
}

void V2Pusher::silence() {
    ++pushNumber_;
    if (object_ == nullptr || !std::exchange(sdkPushing_, false))
        return;
    snapshots_.abort("the push ended before the picture came");
    if (recording_)
        sdk().stopRecording();
    // Whatever it answers, the push is over for us.
    sdk().stopPush();
    ++owedDisconnects_;
    // What comes before the next push connects is of this one, even when that has been asked for already.
    sawConnecting_ = false;
}

void V2Pusher::failPush(const Error &error, int event, const std::string &message) {
    if (!pushing_.exchange(false))
        return;
    emit(event, error.nativeCode, message, {{"EVT_PARAM1", std::to_string(error.nativeCode)}});
    silence();
    settlePush(error);
}

void V2Pusher::settlePush(std::optional<Error> error) { end(pushDone_, std::move(error)); }

void V2Pusher::setMute(bool mute) {
    setApplied("setMute", "mute", [this, mute] { ok(mute ? sdk().pauseAudio() : sdk().resumeAudio(), "setMute"); });
}

void V2Pusher::setPauseVideo(bool pause) {
    setApplied("setPauseVideo", "pause",
               [this, pause] { ok(pause ? sdk().pauseVideo() : sdk().resumeVideo(), "setPauseVideo"); });
}

void V2Pusher::captureVideoSnapShot(const std::string &path, Completion done) {
    require("captureVideoSnapShot");
    worker_.post([this, path, done = std::move(done)]() mutable {
        const auto error = errorOf([&] {
            abortIfClosed();
            embedded::checkPicturePath(path);
            if (!pushing_)
                throw EngineException(ErrorCode::SnapshotFailed, "Nothing is pushed; call startPush first",
                                      embedded::snapshotCode::notPlaying);
            const int code = sdk().snapshot();
            if (code != code::OK)
                throw EngineException(ErrorCode::SnapshotFailed,
                                      "the LiteAV SDK takes no snapshot now (code " + std::to_string(code) + ")",
                                      code == code::REFUSED ? embedded::snapshotCode::notPlaying
                                                            : embedded::snapshotCode::failed);
            snapshots_.add(path, std::exchange(done, {}));
            worker_.postAfter(Snapshots::patience, [this] { snapshots_.expire(); });
        });
        if (error)
            snapshots_.end(path, std::exchange(done, {}), error);
    });
}

void V2Pusher::snapshotEnded(const std::string &path, const std::optional<Error> &error) {
    emit(event::PUSH_EVT_SNAPSHOT_RESULT, 0, error ? error->message : std::string(),
         {{"EVT_PARAM1", std::to_string(error ? error->nativeCode : 0)}, {"EVT_PARAM2", path}});
}

void V2Pusher::startLocalRecord(const std::string &path, uint64_t sliceSeconds, Completion done) {
    require("startLocalRecord");
    if (sliceSeconds != 0)
        throw EngineException(ErrorCode::Unsupported, "this generation of the LiteAV SDK records one file; leave "
                                                      "sliceSeconds out");
    worker_.post([this, path, done = std::move(done)]() mutable {
        const auto error = errorOf([&] {
            abortIfClosed();
            if (recording_)
                throw EngineException(ErrorCode::InvalidState, "already recording; call stopLocalRecord first");
            const RecordingParams params{path.c_str(), 0, 1000};
            const int code = sdk().startRecording(&params);
            if (code != code::OK)
                throw EngineException(ErrorCode::RecordFailed,
                                      "the LiteAV SDK does not record (code " + std::to_string(code) +
                                          "); it records only while pushing, to a new .mp4 file",
                                      code);
            recording_ = true;
            recordDone_ = std::exchange(done, {});
        });
        end(done, error);
    });
}

void V2Pusher::stopLocalRecord(Completion done) {
    require("stopLocalRecord");
    worker_.post([this, done = std::move(done)]() mutable {
        const auto error = errorOf([&] {
            abortIfClosed();
            if (!recording_ || recordEnded_)
                throw EngineException(ErrorCode::InvalidState, "no recording runs");
            recordEnded_ = std::exchange(done, {});
            sdk().stopRecording();
            worker_.postAfter(SdkThread::answerPatience, [this] {
                if (recordEnded_)
                    endRecord(code::FAILED, {});
            });
        });
        end(done, error);
    });
}

void V2Pusher::endRecord(int code, const std::string &path) {
    if (!std::exchange(recording_, false))
        return;
    std::optional<Error> error;
    if (code != code::OK)
        error = Error{ErrorCode::RecordFailed,
                      "the recording failed (the LiteAV SDK's code " + std::to_string(code) +
                          "); choose a new .mp4 file in a folder that may be written to",
                      code};
    emit(event::PUSH_EVT_LOCAL_RECORD_RESULT, 0, error ? error->message : std::string(),
         {{"EVT_PARAM1", std::to_string(code)}, {"EVT_PARAM2", path}});
    end(recordDone_, error ? error : Error{ErrorCode::Aborted, "the recording ended at once"});
    end(recordEnded_, error);
}

// ---- sound

void V2Pusher::startAudioCapture(const engine::AudioSourceOptions &options, Completion done) {
    require("startAudioCapture");
    using engine::SourceKind;
    if (options.kind != SourceKind::Microphone && options.kind != SourceKind::User)
        throw EngineException(ErrorCode::Unsupported,
                              "the LiteAV SDK pushes the microphone or the application's sound; "
                              "use the engine 'embedded' for others");
    run(
        "startAudioCapture",
        [this, user = options.kind == SourceKind::User] {
            stopAudio();
            apply("audio", [this, user] {
                ok(user ? sdk().enableCustomAudioCapture(true) : sdk().startMicrophone(), "startAudioCapture");
            });
            (user ? userAudio_ : microphone_) = true;
        },
        std::move(done));
}

void V2Pusher::stopAudio() {
    forget("audio");
    if (std::exchange(microphone_, false))
        ok(sdk().stopMicrophone(), "stopAudioCapture");
    if (std::exchange(userAudio_, false))
        ok(sdk().enableCustomAudioCapture(false), "stopAudioCapture");
}

void V2Pusher::stopAudioCapture(Completion done) {
    run(
        "stopAudioCapture", [this] { stopAudio(); }, std::move(done));
}

void V2Pusher::setAudioChannels(int channels) {
    requireRange("the channels", channels, 1, 2);
    setApplied("setAudioChannels", "audioQuality", [this, channels] {
        ok(sdk().setAudioQuality(channels == 2 ? AudioQuality::Music : AudioQuality::Default), "setAudioChannels");
    });
}

void V2Pusher::enableMic(bool enable) {
    require("enableMic");
    micEnabled_ = enable;
    const int percent = enable ? volumeToPercent(captureVolume_) : 0;
    // Not stopMicrophone: the system's sound goes on being mixed.
    setApplied("enableMic", "captureVolume", [this, percent] { effects().setVoiceCaptureVolume(percent); });
}

void V2Pusher::setAudioCaptureVolume(int volume) {
    require("setAudioCaptureVolume");
    const int percent = volumeToPercent(volume);
    captureVolume_ = volume;
    if (micEnabled_)
        setApplied("setAudioCaptureVolume", "captureVolume",
                   [this, percent] { effects().setVoiceCaptureVolume(percent); });
}

int V2Pusher::getAudioCaptureVolume() {
    require("getAudioCaptureVolume");
    return captureVolume_;
}

int V2Pusher::micVolumeIndication() {
    require("micVolumeIndication");
    if (!evaluating_.exchange(true))
        setApplied("micVolumeIndication", "evaluation", [this] {
            // The SDK's advice, ms.
            ok(sdk().enableVolumeEvaluation(300), "micVolumeIndication");
        });
    return micLevel_;
}

void V2Pusher::openSystemVoiceInput(const std::string &program) {
    require("openSystemVoiceInput");
    if (!program.empty())
        throw EngineException(ErrorCode::Unsupported, "only the 32-bit LiteAV SDK captures one program's sound; give "
                                                      "none for all that the system plays");
    setApplied("openSystemVoiceInput", "loopback",
               [this] { ok(sdk().startLoopback(nullptr), "openSystemVoiceInput"); });
}

void V2Pusher::closeSystemVoiceInput() {
    set("closeSystemVoiceInput", [this] {
        forget("loopback");
        ok(sdk().stopLoopback(), "closeSystemVoiceInput");
    });
}

void V2Pusher::setSystemVoiceInputVolume(int volume) {
    requireRange("volume", volume, 0, 100);
    setApplied("setSystemVoiceInputVolume", "loopbackVolume",
               [this, volume] { sdk().setLoopbackVolume(static_cast<uint32_t>(volume)); });
}

void V2Pusher::openMicTest() {
    set("openMicTest", [this] { ok(deviceManagerOf(slots_, sdk()).startMicTest(300, true), "openMicTest"); });
}

void V2Pusher::closeMicTest() {
    set("closeMicTest", [this] { ok(deviceManagerOf(slots_, sdk()).stopMicTest(), "closeMicTest"); });
}

// ---- devices and screens

std::vector<engine::Device> V2Pusher::enumCameras() {
    return ask<std::vector<engine::Device>>(
        "enumCameras", [this] { return listDevices(slots_, deviceManagerOf(slots_, sdk()), DeviceType::Camera); });
}

std::vector<engine::Device> V2Pusher::enumMics() {
    return ask<std::vector<engine::Device>>(
        "enumMics", [this] { return listDevices(slots_, deviceManagerOf(slots_, sdk()), DeviceType::Mic); });
}

void V2Pusher::switchCamera(int index) {
    set("switchCamera", [this, index] {
        const auto manager = deviceManagerOf(slots_, sdk());
        const std::string pid = deviceId(listDevices(slots_, manager, DeviceType::Camera), index, "camera");
        ok(manager.setCurrent(DeviceType::Camera, pid.c_str()), "switchCamera");
        firstFrame_ = false;
        for (auto &[key, again] : applied_)
            if (key == "source" && source_ == Source::Camera)
                again = [this, pid] { ok(sdk().startCamera(pid.c_str()), "startPreview"); };
    });
}

void V2Pusher::selectMicDevice(int index) {
    set("selectMicDevice", [this, index] {
        const auto mics = listDevices(slots_, deviceManagerOf(slots_, sdk()), DeviceType::Mic);
        const std::string pid = deviceId(mics, index, "microphone");
        apply("mic", [this, pid] {
            ok(deviceManagerOf(slots_, sdk()).setCurrent(DeviceType::Mic, pid.c_str()), "selectMicDevice");
        });
    });
}

int V2Pusher::micVolume() {
    return ask<int>("micVolume", [this] {
        return percentToVolume(static_cast<int>(deviceManagerOf(slots_, sdk()).volume(DeviceType::Mic)));
    });
}

void V2Pusher::setMicVolume(int volume) {
    const auto percent = static_cast<uint32_t>(volumeToPercent(volume));
    set("setMicVolume",
        [this, percent] { ok(deviceManagerOf(slots_, sdk()).setVolume(DeviceType::Mic, percent), "setMicVolume"); });
}

std::vector<engine::ScreenCaptureSource> V2Pusher::getScreenCaptureSources() {
    return ask<std::vector<engine::ScreenCaptureSource>>("getScreenCaptureSources",
                                                         [this] { return listSources(slots_, sdk()); });
}

void V2Pusher::selectScreenCaptureTarget(const std::string &id, const engine::Rect &region) {
    requireRegion(region);
    set("selectScreenCaptureTarget", [this, id, region] {
        selectSource(slots_, sdk(), id, region);
        screenId_ = id;
        screenRegion_ = region;
    });
}

void V2Pusher::setScreenCaptureParam(uint64_t windowHandle, const engine::Rect &region, bool follow) {
    require("setScreenCaptureParam");
    if (follow)
        throw EngineException(ErrorCode::Unsupported, "only the 2018 SDK follows a window on the screen; share the "
                                                      "window itself");
    selectScreenCaptureTarget(windowHandle ? windowSourceId(windowHandle) : std::string(),
                              windowHandle ? engine::Rect{} : region);
}

// ---- the end

void V2Pusher::close(Completion done) {
    if (!beginClose(std::move(done)))
        return;
    pushing_ = false;
    worker_.post([this] { shutDown(); });
}

void V2Pusher::shutDown() {
    const Error aborted{ErrorCode::Aborted, "the pusher was closed first"};
    settlePush(aborted);
    if (object_ != nullptr) {
        silence();
        // What refuses to stop is released all the same.
        errorOf([this] { stopSource(); });
        errorOf([this] { stopAudio(); });
        release();
    }
    end(recordDone_, aborted);
    end(recordEnded_, aborted);
    snapshots_.abort(aborted.message);
    finishClose();
}

} // namespace rtcroom::liteav::v2
