#include "liteav/v2/V2Player.h"

#include "embedded/media/PictureFile.h"
#include "liteav/Support.h"
#include "liteav/v2/Devices.h"

namespace rtcroom::liteav::v2 {

using engine::Completion;
using engine::EngineException;
using engine::Error;
using engine::ErrorCode;
using engine::Side;
namespace event = engine::event;

namespace {

void ok(int code, const char *what) { check(Side::Play, code, what); }

} // namespace

V2Player::V2Player(const Exports &exports, const SlotTable &slots, const engine::PlayerOptions &options,
                   engine::PlayerListener &listener)
    : SdkObject(Side::Play, methodsOf(supportOf(slots), Side::Play), worker_,
                [&listener](const engine::Event &event) { listener.onEvent(event); }),
      exports_(exports), slots_(slots), options_(options), listener_(listener),
      snapshots_([this](const std::string &path, const std::optional<Error> &error) {
          emitResult(event::PLAY_EVT_SNAPSHOT_RESULT, error ? error->nativeCode : 0, path, error);
      }),
      recording_(
          worker_,
          [this] {
              if (object_ != nullptr)
                  sdk().stopRecording();
          },
          [this](int code, const std::string &path, const std::optional<Error> &error) {
              emitResult(event::PLAY_EVT_LOCAL_RECORD_RESULT, code, path, error);
          }) {
    try {
        worker_.ask([this] {
            create();
            if (options_.videoFormat != engine::OutputVideoFormat::None)
                observeVideo(options_.videoFormat);
            if (options_.audioOutput) {
                ok(sdk().observeAudio(true), "audioOutput");
                audioOut_ = true;
            }
            const engine::NetworkOptions defaults;
            const auto set = [this](const char *key, int value, int normal) {
                if (value != normal && slots_.player.has(PlayerSlot::setProperty))
                    ok(sdk().setProperty(key, std::to_string(value).c_str()), key);
            };
            set("maxNumberOfReconnection", options_.network.connectRetryCount, defaults.connectRetryCount);
            set("secondsBetweenReconnection", (options_.network.connectRetryIntervalMs + 999) / 1000,
                defaults.connectRetryIntervalMs / 1000);
        });
    } catch (...) {
        // No destructor follows.
        close({});
        throw;
    }
}

V2Player::~V2Player() { close({}); }

void V2Player::create() {
    object_ = exports_.createPlayer();
    if (object_ == nullptr)
        throw EngineException(ErrorCode::SdkFailed,
                              "createV2TXLivePlayer gave no object; check the SDK's licence and its log");
    observer_ = makePlayerObserver(slots_, *this);
    sdk().setObserver(observer_->object());
}

void V2Player::release() {
    if (helper_ != nullptr)
        exports_.releasePusher(std::exchange(helper_, nullptr));
    if (object_ == nullptr)
        return;
    sdk().setObserver(nullptr);
    exports_.releasePlayer(std::exchange(object_, nullptr));
    observer_->shut();
    keepForever(std::exchange(observer_, nullptr));
}

// ---- the playback

void V2Player::startPlay(const std::string &url, engine::PlayType type, Completion done) {
    require("startPlay");
    requireRange("the play type", static_cast<int>(type), 0, 2);
    const std::string scheme = schemeOf(url);
    static const std::set<std::string> SCHEMES{"rtmp", "rtmps", "http", "https", "trtc", "webrtc"};
    if (!SCHEMES.contains(scheme) || url.find('\0') != std::string::npos)
        throw EngineException(ErrorCode::InvalidUrl,
                              "the LiteAV SDK plays rtmp://, http(s)://, trtc:// and webrtc:// addresses");
    const uint64_t number = runs_.want();
    if (number == 0)
        throw EngineException(ErrorCode::InvalidState, "already playing; call stopPlay first");
    worker_.post([this, url, number, done = std::move(done)]() mutable {
        if (closed() || !runs_.wants(number))
            return end(done, Error{ErrorCode::Aborted, "the playback was stopped before it began"});
        settlePlay(Error{ErrorCode::Aborted, "another playback began"});
        playDone_ = std::move(done);
        runs_.begin(number);
        connected_ = begun_ = videoSeen_ = decoderTold_ = false;
        lastError_.reset();
        if (const auto error = errorOf([&] { ok(sdk().startPlay(url.c_str()), "startPlay"); }))
            return failPlay(*error, finalEvent(Side::Play, error->nativeCode), error->message);
        sdkPlaying_ = true;
        worker_.postAfter(patienceOf(Side::Play, options_.network), [this, number] {
            if (runs_.running(number) && !begun_)
                failPlay(
                    lastError_.value_or(Error{ErrorCode::Timeout, "startPlay: the LiteAV SDK showed nothing in time"}),
                    event::PLAY_ERR_NET_DISCONNECT, {});
        });
    });
}

void V2Player::stopPlay(Completion done) {
    require("stopPlay");
    runs_.drop();
    worker_.post([this, done = std::move(done)]() mutable {
        settlePlay(Error{ErrorCode::Aborted, "the playback was stopped before it began"});
        silence();
        end(done, closed() ? std::optional(Error{ErrorCode::Aborted, "the player was closed first"}) : std::nullopt);
    });
}

void V2Player::silence() {
    runs_.end();
    if (object_ == nullptr || !std::exchange(sdkPlaying_, false))
        return;
    snapshots_.abort("the playback ended before the picture came");
    recording_.interrupt();
    sdk().stopPlay();
}

void V2Player::failPlay(const Error &error, int event, const std::string &message) {
    if (!runs_.fail())
        return;
    emit(event, error.nativeCode, message, {{"EVT_PARAM1", std::to_string(error.nativeCode)}});
    silence();
    settlePlay(error);
}

void V2Player::settlePlay(std::optional<Error> error) { end(playDone_, std::move(error)); }

void V2Player::pause() {
    set("pause", [this] {
        ok(sdk().pauseAudio(), "pause");
        ok(sdk().pauseVideo(), "pause");
    });
}

void V2Player::resume() {
    set("resume", [this] {
        ok(sdk().resumeAudio(), "resume");
        ok(sdk().resumeVideo(), "resume");
    });
}

// ---- sound

void V2Player::applyVolume(const char *method) {
    set(method, [this, method] { ok(sdk().setPlayoutVolume(muted_ ? 0 : volumeToPercent(volume_)), method); });
}

void V2Player::setMute(bool mute) {
    require("setMute");
    muted_ = mute;
    applyVolume("setMute");
}

void V2Player::setAudioPlayoutVolume(int volume) {
    require("setAudioPlayoutVolume");
    volumeToPercent(volume);
    volume_ = volume;
    applyVolume("setAudioPlayoutVolume");
}

int V2Player::getAudioPlayoutVolume() {
    require("getAudioPlayoutVolume");
    return volume_;
}

void V2Player::setSpeakerVolume(int volume) {
    require("setSpeakerVolume");
    setAudioPlayoutVolume(volume);
}

int V2Player::speakerVolume() {
    require("speakerVolume");
    return volume_;
}

int V2Player::speakerVolumeIndication() {
    require("speakerVolumeIndication");
    if (!evaluating_.exchange(true))
        set("speakerVolumeIndication", [this] {
            // The SDK's advice, ms.
            ok(sdk().enableVolumeEvaluation(300), "speakerVolumeIndication");
        });
    return level_;
}

DeviceManagerCalls V2Player::speakers() {
    if (helper_ == nullptr)
        helper_ = exports_.createPusher(static_cast<int>(Mode::Rtmp));
    if (helper_ == nullptr)
        throw EngineException(ErrorCode::SdkFailed, "the LiteAV SDK gave no object to reach the loudspeakers; try "
                                                    "again");
    return deviceManagerOf(slots_, PusherCalls(helper_, slots_.pusher));
}

std::vector<engine::Device> V2Player::enumSpeakers() {
    return ask<std::vector<engine::Device>>("enumSpeakers",
                                            [this] { return listDevices(slots_, speakers(), DeviceType::Speaker); });
}

void V2Player::selectSpeakerDevice(int index) {
    set("selectSpeakerDevice", [this, index] {
        const DeviceManagerCalls manager = speakers();
        const std::string pid = deviceId(listDevices(slots_, manager, DeviceType::Speaker), index, "loudspeaker");
        ok(manager.setCurrent(DeviceType::Speaker, pid.c_str()), "selectSpeakerDevice");
    });
}

void V2Player::setOutputAudio(bool enable, const engine::OutputAudioOptions &options) {
    requireDefaults(options);
    set("setOutputAudio", [this, enable] {
        ok(sdk().observeAudio(enable), "setOutputAudio");
        audioOut_ = enable;
    });
}

// ---- pictures

void V2Player::setView(const char *method, uint64_t windowHandle) {
    set(method, [this, method, windowHandle] { ok(sdk().setRenderView(windowOf(windowHandle)), method); });
}

void V2Player::setRenderFrame(uint64_t windowHandle) { setView("setRenderFrame", windowHandle); }
void V2Player::updateRenderFrame(uint64_t windowHandle) { setView("updateRenderFrame", windowHandle); }
void V2Player::closeRenderFrame() { setView("closeRenderFrame", 0); }

void V2Player::setRenderMode(int mode) {
    requireRenderMode(mode);
    set("setRenderMode",
        [this, mode] { ok(sdk().setRenderFillMode(mode == 1 ? FillMode::Fit : FillMode::Fill), "setRenderMode"); });
}

void V2Player::setRotation(int rotation) {
    requireRotation(rotation);
    set("setRotation", [this, rotation] { ok(sdk().setRenderRotation(rotation - 1), "setRotation"); });
}

void V2Player::setRenderYMirror(bool mirror) {
    set("setRenderYMirror", [this, mirror] { ok(sdk().setRenderMirror(mirror), "setRenderYMirror"); });
}

void V2Player::showDebugView(int level) {
    requireRange("the level", level, 0, 2);
    set("showDebugView", [this, level] { sdk().showDebugView(level != 0); });
}

void V2Player::observeVideo(engine::OutputVideoFormat format) {
    const bool on = format != engine::OutputVideoFormat::None;
    ok(sdk().observeVideo(on, format == engine::OutputVideoFormat::RGBA ? PixelFormat::Rgba32 : PixelFormat::I420,
                          BufferType::ByteBuffer),
       "setOutputVideoFormat");
    videoOut_ = on;
}

void V2Player::setOutputVideoFormat(engine::OutputVideoFormat format, const engine::OutputVideoOptions &options) {
    requireDefaults(options);
    set("setOutputVideoFormat", [this, format] { observeVideo(format); });
}

void V2Player::captureVideoSnapShot(const std::string &path, Completion done) {
    require("captureVideoSnapShot");
    worker_.post([this, path, done = std::move(done)]() mutable {
        const bool queued = snapshots_.take(path, std::move(done), [&] {
            abortIfClosed();
            embedded::checkPicturePath(path);
            if (!runs_.running())
                throw EngineException(ErrorCode::SnapshotFailed, "Nothing is playing; call startPlay first",
                                      embedded::snapshotCode::notPlaying);
            checkSnapshot(sdk().snapshot());
        });
        if (queued)
            worker_.postAfter(Snapshots::patience, [this] { snapshots_.expire(); });
    });
}

// ---- the rest

void V2Player::setEnableMessage(bool enable) {
    set("setEnableMessage", [this, enable] {
        // The SDK's own kind and the standard's "user data unregistered".
        ok(sdk().receiveSei(enable, 242), "setEnableMessage");
        ok(sdk().receiveSei(enable, 5), "setEnableMessage");
    });
}

void V2Player::setCache(const LivePlayAttribute &a) {
    if (a.hasCache)
        ok(sdk().setCacheParams(static_cast<float>(a.autoAdjust ? a.minCacheSeconds : a.cacheSeconds),
                                static_cast<float>(a.autoAdjust ? a.maxCacheSeconds : a.cacheSeconds)),
           "setLivePlayAttribute");
    if (a.retryCount >= 0)
        ok(sdk().setProperty("maxNumberOfReconnection", std::to_string(a.retryCount).c_str()), "ConnectRetryCount");
    if (a.retryIntervalSeconds >= 0)
        ok(sdk().setProperty("secondsBetweenReconnection", std::to_string(a.retryIntervalSeconds).c_str()),
           "ConnectRetryInterval");
}

void V2Player::setLivePlayAttribute(const std::string &json) {
    require("setLivePlayAttribute");
    set("setLivePlayAttribute", [this, attribute = parseLivePlayAttribute(json)] { setCache(attribute); });
}

void V2Player::startLocalRecord(const std::string &path, uint64_t sliceSeconds, Completion done) {
    require("startLocalRecord");
    if (sliceSeconds != 0)
        throw EngineException(ErrorCode::Unsupported, "this generation of the LiteAV SDK records one file; leave "
                                                      "sliceSeconds out");
    worker_.post([this, path, done = std::move(done)]() mutable {
        const auto error = errorOf([&] {
            abortIfClosed();
            recording_.start(done, "playing", [&] {
                const RecordingParams params{path.c_str(), 0, 1000};
                return sdk().startRecording(&params);
            });
        });
        end(done, error);
    });
}

void V2Player::stopLocalRecord(Completion done) {
    require("stopLocalRecord");
    worker_.post([this, done = std::move(done)]() mutable {
        const auto error = errorOf([&] {
            abortIfClosed();
            recording_.stop(done);
        });
        end(done, error);
    });
}

void V2Player::close(Completion done) {
    if (!beginClose(std::move(done)))
        return;
    runs_.drop();
    worker_.post([this] { shutDown(); });
}

void V2Player::shutDown() {
    const Error aborted{ErrorCode::Aborted, "the player was closed first"};
    settlePlay(aborted);
    silence();
    release();
    recording_.abort(aborted);
    snapshots_.abort(aborted.message);
    finishClose();
}

} // namespace rtcroom::liteav::v2
