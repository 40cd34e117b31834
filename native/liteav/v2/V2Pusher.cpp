#include "liteav/v2/V2Pusher.h"

#include "embedded/media/PictureFile.h"
#include "embedded/media/SeiMessages.h"
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

} // namespace

V2Pusher::V2Pusher(const Exports &exports, const SlotTable &slots, const engine::PusherOptions &options,
                   engine::PusherListener &listener)
    : SdkObject(Side::Push, methodsOf(supportOf(slots), Side::Push), worker_,
                [&listener](const engine::Event &event) { listener.onEvent(event); }),
      exports_(exports), slots_(slots), options_(options),
      tellStatus_([&listener](const engine::Status &status) { listener.onStatus(status); }),
      snapshots_([this](const std::string &path, const std::optional<Error> &error) {
          emitResult(event::PUSH_EVT_SNAPSHOT_RESULT, error ? error->nativeCode : 0, path, error);
      }),
      recording_(
          worker_,
          [this] {
              if (object_ != nullptr)
                  sdk().stopRecording();
          },
          [this](int code, const std::string &path, const std::optional<Error> &error) {
              emitResult(event::PUSH_EVT_LOCAL_RECORD_RESULT, code, path, error);
          }),
      frames_(worker_, [this](const char *method, const Error &error) { tellRefused(method, error); }) {
    requireDefaults(options);
    try {
        worker_.ask([this] {
            create(Mode::Rtmp);
            if (options_.audioChannels == 2)
                replay_.apply("audioQuality",
                              [this] { ok(sdk().setAudioQuality(AudioQuality::Music), "audioChannels"); });
        });
    } catch (...) {
        // No destructor follows.
        close({});
        throw;
    }
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
    replay_.again();
}

void V2Pusher::setApplied(const char *method, const char *key, std::function<void()> change) {
    set(method, [this, key, change = std::move(change)] { replay_.apply(key, change); });
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
    requireRaw(options);
    using engine::SourceKind;
    if (options.kind != SourceKind::Camera && options.kind != SourceKind::Screen && options.kind != SourceKind::User)
        throw EngineException(ErrorCode::Unsupported, "the LiteAV SDK pushes a camera, a screen or the application's "
                                                      "pictures; use the engine 'embedded' for others");
    userVideo_ = options.kind == SourceKind::User;
    run(
        "startPreview", [this, options] { startSource(options); }, std::move(done));
}

void V2Pusher::startSource(const engine::VideoSourceOptions &options) {
    // The SDK allows one source at a time.
    stopSource();
    firstFrame_ = false;
    if (options.windowHandle != 0)
        replay_.apply("view", [this, handle = options.windowHandle] {
            ok(sdk().setRenderView(windowOf(handle)), "startPreview");
        });
    switch (options.kind) {
    case engine::SourceKind::Camera: {
        const auto cameras = listDevices(slots_, deviceManagerOf(slots_, sdk()), DeviceType::Camera);
        const std::string pid = deviceId(cameras, options.camera, "camera");
        replay_.apply("source", [this, pid] { ok(sdk().startCamera(pid.c_str()), "startPreview"); });
        source_ = Source::Camera;
        break;
    }
    case engine::SourceKind::Screen:
        replay_.apply("source", [this] {
            selectSource(slots_, sdk(), screenId_, screenRegion_, screenProperty_);
            ok(sdk().startScreenCapture(), "startPreview");
        });
        source_ = Source::Screen;
        break;
    default:
        replay_.apply("source", [this] { ok(sdk().enableCustomVideoCapture(true), "startPreview"); });
        source_ = Source::User;
    }
}

void V2Pusher::stopSource() {
    replay_.forget("source");
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
    require("stopPreview");
    userVideo_ = false;
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

void V2Pusher::setWatermark(const std::string &path, double x, double y, double scale, Completion done) {
    const auto change = [=, this] {
        ok(sdk().setWatermark(path.empty() ? nullptr : path.c_str(), static_cast<float>(x), static_cast<float>(y),
                              static_cast<float>(scale)),
           "setWatermark");
    };
    run(
        "setWatermark", [this, change] { replay_.apply("watermark", change); }, std::move(done));
}

void V2Pusher::showDebugView(int level) {
    requireRange("the level", level, 0, 2);
    setApplied("showDebugView", "debug", [this, level] { sdk().showDebugView(level != 0); });
}

void V2Pusher::sendMessage(const std::string &text) {
    require("sendMessage");
    engine::checkMessage(text);
    set("sendMessage", [this, text] {
        const auto *data = reinterpret_cast<const uint8_t *>(text.data());
        ok(sdk().sendSei(embedded::messageSeiType, data, static_cast<uint32_t>(text.size())), "sendMessage");
    });
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
        replay_.apply("encoder", [this, name, changed] {
            const VideoEncoderParam param = changed.param();
            const std::string exact = changed.exactSize();
            if (exact.empty() || sdk().setProperty("setVideoQualityEx", exact.c_str()) != code::OK)
                ok(sdk().setVideoQuality(&param), name.c_str());
        });
        encoder_ = changed;
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
    const uint64_t number = runs_.want();
    if (number == 0)
        throw EngineException(ErrorCode::InvalidState, "already pushing; call stopPush first");
    worker_.post([this, url, number, done = std::move(done)]() mutable {
        if (closed() || !runs_.wants(number))
            return end(done, Error{ErrorCode::Aborted, "the push was stopped before it began"});
        settlePush(Error{ErrorCode::Aborted, "another push began"});
        pushDone_ = std::move(done);
        runs_.begin(number);
        if (const auto error = errorOf([&] { beginPush(url, number); })) {
            if (object_ == nullptr) {
                runs_.fail();
                return settlePush(error);
            }
            failPush(*error, finalEvent(Side::Push, error->nativeCode), error->message);
        }
    });
}

void V2Pusher::beginPush(const std::string &url, uint64_t number) {
    connected_ = sawConnecting_ = false;
    lastError_.reset();
    encodedSize_.reset();
    const Mode mode = schemeOf(url) == "trtc" ? Mode::Rtc : Mode::Rtmp;
    if (mode != mode_ || object_ == nullptr)
        recreate(mode);
    ok(sdk().startPush(url.c_str()), "startPush");
    sdkPushing_ = true;
    // The SDK has its own retries; this is for one that says nothing at all.
    worker_.postAfter(patienceOf(Side::Push, options_.network), [this, number] {
        if (runs_.running(number) && !connected_)
            failPush(lastError_.value_or(Error{ErrorCode::Timeout, "startPush: the LiteAV SDK told no result in time"}),
                     event::PUSH_ERR_NET_DISCONNECT, {});
    });
}

void V2Pusher::stopPush(Completion done) {
    require("stopPush");
    runs_.drop();
    worker_.post([this, done = std::move(done)]() mutable {
        settlePush(Error{ErrorCode::Aborted, "the push was stopped before it began"});
        silence();
        end(done, closed() ? std::optional(Error{ErrorCode::Aborted, "the pusher was closed first"}) : std::nullopt);
    });
}

void V2Pusher::silence() {
    runs_.end();
    if (object_ == nullptr || !std::exchange(sdkPushing_, false))
        return;
    snapshots_.abort("the push ended before the picture came");
    recording_.interrupt();
    // Whatever it answers, the push is over for us.
    sdk().stopPush();
    ++owedDisconnects_;
    // What comes before the next push connects is of this one, even when that has been asked for already.
    sawConnecting_ = false;
}

void V2Pusher::failPush(const Error &error, int event, const std::string &message) {
    if (!runs_.fail())
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
        const bool queued = snapshots_.take(path, std::move(done), [&] {
            abortIfClosed();
            embedded::checkPicturePath(path);
            if (!runs_.running())
                throw EngineException(ErrorCode::SnapshotFailed, "Nothing is pushed; call startPush first",
                                      embedded::snapshotCode::notPlaying);
            checkSnapshot(sdk().snapshot());
        });
        if (queued)
            worker_.postAfter(Snapshots::patience, [this] { snapshots_.expire(); });
    });
}

void V2Pusher::startLocalRecord(const std::string &path, uint64_t sliceSeconds, Completion done) {
    require("startLocalRecord");
    if (sliceSeconds != 0)
        throw EngineException(ErrorCode::Unsupported, "this generation of the LiteAV SDK records one file; leave "
                                                      "sliceSeconds out");
    worker_.post([this, path, done = std::move(done)]() mutable {
        const auto error = errorOf([&] {
            abortIfClosed();
            recording_.start(done, "pushing", [&] {
                const RecordingParams params{path.c_str(), 0, 1000};
                return sdk().startRecording(&params);
            });
        });
        end(done, error);
    });
}

void V2Pusher::stopLocalRecord(Completion done) {
    require("stopLocalRecord");
    worker_.post([this, done = std::move(done)]() mutable {
        const auto error = errorOf([&] {
            abortIfClosed();
            recording_.stop(done);
        });
        end(done, error);
    });
}

// ---- the end

void V2Pusher::close(Completion done) {
    if (!beginClose(std::move(done)))
        return;
    runs_.drop();
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
    recording_.abort(aborted);
    snapshots_.abort(aborted.message);
    finishClose();
}

} // namespace rtcroom::liteav::v2
