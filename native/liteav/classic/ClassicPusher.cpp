#include "liteav/classic/ClassicPusher.h"

#include <algorithm>
#include <cstdlib>

#include "liteav/Convert.h"
#include "liteav/Snapshots.h"
#include "liteav/Support.h"
#include "liteav/abi/Text.h"
#include "liteav/classic/Lists.h"

namespace rtcroom::liteav::classic {

using engine::Completion;
using engine::EngineException;
using engine::Error;
using engine::ErrorCode;
using engine::Side;
using M = PusherMethod;
namespace event = engine::event;

namespace {

// TXEVideoCaptureSrcType.
constexpr int CAMERA = 1;
constexpr int SCREEN = 2;
constexpr int USER_DATA = 1001;
// Of TXEVideoResolution.
constexpr int LARGEST_SIDE = 1280;

void requireTrue(bool result, const char *what) {
    if (!result)
        throw EngineException(ErrorCode::SdkFailed,
                              std::string(what) + ": the LiteAV SDK refused; the device may be in use or gone");
}

} // namespace

ClassicPusher::ClassicPusher(const Exports &exports, const SlotTable &slots, const engine::PusherOptions &options,
                             engine::PusherListener &listener)
    : SdkObject(Side::Push, methodsOf(supportOf(exports.generation), Side::Push), worker_,
                [&listener](const engine::Event &event) { listener.onEvent(event); }),
      slots_(slots), generation_(exports.generation), options_(options),
      tellStatus_([&listener](const engine::Status &status) { listener.onStatus(status); }), sdk_(exports, slots),
      frames_(worker_, [this](const char *method, const Error &error) { tellRefused(method, error); }) {
    requireDefaults(options);
    if (options.audioChannels == 2 && generation_ == Generation::Tx2018)
        throw EngineException(ErrorCode::Unsupported, "the 2018 LiteAV SDK pushes mono only");
    try {
        worker_.ask([this] {
            sdk_.create();
            observer_ = makePusherObserver(slots_, *this);
            sdk_.call<void>(M::setCallback, observer_->object(), static_cast<void *>(nullptr));
            if (options_.audioChannels == 2)
                sdk_.call<void>(M::setAudioChannels, 2);
        });
    } catch (...) {
        // No destructor follows.
        close({});
        throw;
    }
}

ClassicPusher::~ClassicPusher() { close({}); }

// ---- pictures

void ClassicPusher::startPreview(const engine::VideoSourceOptions &options, Completion done) {
    require("startPreview");
    requireRaw(options);
    using engine::SourceKind;
    const bool user = options.kind == SourceKind::User && sdk_.isInterface();
    if (options.kind != SourceKind::Camera && options.kind != SourceKind::Screen && !user)
        throw EngineException(ErrorCode::Unsupported, "this LiteAV SDK does not push such pictures; see "
                                                      "capabilities().videoSources");
    run(
        "startPreview",
        [this, options] {
            void *const window = windowOf(options.windowHandle);
            const int source = options.kind == SourceKind::Camera   ? CAMERA
                               : options.kind == SourceKind::Screen ? SCREEN
                                                                    : USER_DATA;
            const uint32_t camera = source == CAMERA ? requireIndex(listCameras(sdk_), options.camera, "camera") : 0;
            if (std::exchange(previewing_, false))
                sdk_.call<void>(M::stopPreview);
            bool started = false;
            if (sdk_.isInterface()) {
                started = sdk_.callBool(M::startPreview, source, window);
                // It is known to switch a camera that runs, and nothing is known of one that does not.
                if (started && source == CAMERA)
                    sdk_.call<void>(M::switchCamera, static_cast<int>(camera));
            } else {
                const Rect area = clientArea(options.windowHandle);
                const Rect *const where = &area;
                started = source == CAMERA
                              ? sdk_.callBool(M::startPreviewCamera, window, where, static_cast<int>(camera))
                              : sdk_.callBool(M::startPreviewIn, source, window, where, 0);
            }
            requireTrue(started, "startPreview");
            previewing_ = true;
        },
        std::move(done));
}

void ClassicPusher::stopPreview(Completion done) {
    run(
        "stopPreview",
        [this] {
            if (std::exchange(previewing_, false))
                sdk_.call<void>(M::stopPreview);
        },
        std::move(done));
}

void ClassicPusher::updatePreview(uint64_t windowHandle) {
    set("updatePreview", [this, windowHandle] {
        if (sdk_.isInterface())
            return sdk_.call<void>(M::updatePreview, windowOf(windowHandle));
        const Rect area = clientArea(windowHandle);
        sdk_.call<void>(M::updatePreviewIn, windowOf(windowHandle), static_cast<const Rect *>(&area));
    });
}

void ClassicPusher::setRenderMode(int mode) {
    requireRenderMode(mode);
    set("setRenderMode", [=, this] { sdk_.call<void>(M::setRenderMode, mode); });
}

void ClassicPusher::setRotation(int rotation) {
    requireRotation(rotation);
    set("setRotation", [=, this] { sdk_.call<void>(M::setRotation, rotation); });
}

void ClassicPusher::setRenderYMirror(bool mirror) {
    set("setRenderYMirror", [=, this] { sdk_.call<void>(M::setRenderYMirror, mirror); });
}

void ClassicPusher::setOutputYMirror(bool mirror) {
    set("setOutputYMirror", [=, this] { sdk_.call<void>(M::setOutputYMirror, mirror); });
}

void ClassicPusher::setBeautyStyle(int style, int beautyLevel, int whitenessLevel) {
    requireRange("the beauty style", style, 0, 2);
    requireRange("the beauty level", beautyLevel, 0, 9);
    requireRange("the whiteness level", whitenessLevel, 0, 9);
    set("setBeautyStyle", [=, this] { sdk_.call<void>(M::setBeautyStyle, style, beautyLevel, whitenessLevel); });
}

void ClassicPusher::showDebugView(int level) {
    requireRange("the level", level, 0, 2);
    set("showDebugView", [=, this] { sdk_.call<void>(M::showDebugView, level); });
}

// ---- the encoder

void ClassicPusher::setVideoQualityParamPreset(engine::VideoQualityPreset preset, engine::VideoRatio ratio) {
    engine::qualityParams(preset, ratio);
    set("setVideoQualityParamPreset", [=, this] {
        sdk_.call<void>(M::setVideoQualityParamPreset, static_cast<int>(preset), static_cast<int>(ratio));
    });
}

void ClassicPusher::setVideoResolution(int txeVideoResolution) {
    const engine::Size size = engine::resolutionSize(txeVideoResolution);
    if (std::max(size.width, size.height) > LARGEST_SIDE)
        throw EngineException(ErrorCode::Unsupported, "this generation of the SDK has no 1080p; take 1280x720 or less");
    set("setVideoResolution", [=, this] { sdk_.call<void>(M::setVideoResolution, txeVideoResolution); });
}

void ClassicPusher::setVideoFPS(int fps) {
    requireRange("the frame rate", fps, 1, 60);
    set("setVideoFPS", [=, this] { sdk_.call<void>(M::setVideoFPS, static_cast<uint32_t>(fps)); });
}

void ClassicPusher::setVideoBitRate(int kbps) {
    requireRange("the bitrate, kbps,", kbps, 1, 100'000);
    set("setVideoBitRate", [=, this] { sdk_.call<void>(M::setVideoBitRate, static_cast<uint32_t>(kbps)); });
}

void ClassicPusher::setVideoBitRateMin(int kbps) {
    requireRange("the bitrate, kbps,", kbps, 1, 100'000);
    set("setVideoBitRateMin", [=, this] { sdk_.call<void>(M::setVideoBitRateMin, kbps); });
}

void ClassicPusher::setVideoBitRateMax(int kbps) {
    requireRange("the bitrate, kbps,", kbps, 1, 100'000);
    set("setVideoBitRateMax", [=, this] { sdk_.call<void>(M::setVideoBitRateMax, kbps); });
}

void ClassicPusher::setAutoAdjustStrategy(engine::AutoAdjustStrategy strategy) {
    const int value = static_cast<int>(strategy);
    if (value != -1 && value != 0 && value != 1 && value != 5)
        throw EngineException(ErrorCode::InvalidArgument, "no strategy has the value " + std::to_string(value));
    set("setAutoAdjustStrategy", [=, this] { sdk_.call<void>(M::setAutoAdjustStrategy, value); });
}

void ClassicPusher::setMute(bool mute) {
    set("setMute", [=, this] { sdk_.call<void>(M::setMute, mute); });
}

void ClassicPusher::setPauseVideo(bool pause) {
    set("setPauseVideo", [=, this] { sdk_.call<void>(M::setPauseVideo, pause); });
}

void ClassicPusher::setNearestIP(bool enable) {
    set("setNearestIP", [=, this] { sdk_.call<void>(M::setNearestIP, enable); });
}

// ---- the push

void ClassicPusher::startPush(const std::string &url, Completion done) {
    require("startPush");
    if (schemeOf(url) != "rtmp" || url.find('\0') != std::string::npos)
        throw EngineException(ErrorCode::InvalidUrl, "this generation of the LiteAV SDK pushes to rtmp:// addresses");
    const uint64_t number = runs_.want();
    if (number == 0)
        throw EngineException(ErrorCode::InvalidState, "already pushing; call stopPush first");
    worker_.post([this, url, number, done = std::move(done)]() mutable {
        if (closed() || !runs_.wants(number))
            return end(done, Error{ErrorCode::Aborted, "the push was stopped before it began"});
        settlePush(Error{ErrorCode::Aborted, "another push began"});
        pushDone_ = std::move(done);
        lastError_.reset();
        runs_.begin(number);
        if (!sdk_.callBool(M::startPush, url.c_str())) {
            runs_.fail();
            return settlePush(Error{ErrorCode::SdkFailed, "startPush: the LiteAV SDK refused; check the address and "
                                                          "that no other pusher uses it"});
        }
        sdkPushing_ = true;
        worker_.postAfter(patienceOf(Side::Push, options_.network), [this, number] {
            if (!runs_.running(number) || !pushDone_ || !runs_.fail())
                return;
            emit(event::PUSH_ERR_NET_DISCONNECT);
            failPush(
                lastError_.value_or(Error{ErrorCode::Timeout, "startPush: the LiteAV SDK told no result in time"}));
        });
    });
}

void ClassicPusher::stopPush(Completion done) {
    require("stopPush");
    runs_.drop();
    worker_.post([this, done = std::move(done)]() mutable {
        settlePush(Error{ErrorCode::Aborted, "the push was stopped before it began"});
        silence();
        end(done, closed() ? std::optional(Error{ErrorCode::Aborted, "the pusher was closed first"}) : std::nullopt);
    });
}

void ClassicPusher::silence() {
    runs_.end();
    endSnapshot(Error{ErrorCode::Aborted, "the push ended before the picture came", -1});
    if (sdk_.exists() && std::exchange(sdkPushing_, false))
        sdk_.call<void>(M::stopPush);
}

void ClassicPusher::failPush(Error error) {
    silence();
    settlePush(std::move(error));
}

void ClassicPusher::settlePush(std::optional<Error> error) { end(pushDone_, std::move(error)); }

void ClassicPusher::onMessage(Message message) {
    worker_.offer([this, message = std::move(message)] { handle(message); });
}

void ClassicPusher::handle(const Message &message) {
    if (message.id == STATUS_UPLOAD) {
        if (runs_.running() && !closed())
            tellStatus_(statusOf(message));
        return;
    }
    const int code = eventOf(generation_, Side::Push, message.id);
    const ErrorCode *kind = finalError(code);
    const bool ofConnection = kind != nullptr || code == event::PUSH_EVT_CONNECT_SUCC ||
                              code == event::PUSH_EVT_PUSH_BEGIN || code == event::PUSH_WARNING_RECONNECT ||
                              code == event::PUSH_WARNING_NET_BUSY;
    // Late, of a push that was stopped.
    if (ofConnection && (!runs_.running() || !sdkPushing_))
        return;
    Params params;
    for (const auto &param : message.params)
        if (param.first != "EVT_MSG" && param.first != "EVT_TIME")
            params.push_back(param);
    if (code == event::PUSH_EVT_SNAPSHOT_RESULT) {
        const std::string result = message.params.empty() ? "-1" : message.params[0].second;
        params = {{"EVT_PARAM1", result}, {"EVT_PARAM2", message.params.size() > 1 ? message.params[1].second : ""}};
        emit(code, message.id, {}, params);
        const int number = std::atoi(result.c_str());
        return endSnapshot(number == 0 ? std::nullopt : std::optional(snapshotError(number)));
    }
    // Whoever hears of the end finds that nothing is pushed; one that was stopped meanwhile has ended already.
    if (kind && !runs_.fail())
        return;
    emit(code, message.id, message.value("EVT_MSG"), std::move(params));
    if (code == event::PUSH_EVT_PUSH_BEGIN)
        return settlePush(std::nullopt);
    if (code == event::WARNING_DNS_FAIL)
        lastError_ = Error{ErrorCode::DnsFailed, "startPush: the server's name could not be resolved", message.id};
    if (code == event::WARNING_SEVER_CONN_FAIL)
        lastError_ = Error{ErrorCode::ConnectFailed, "startPush: the server could not be reached", message.id};
    if (code == event::WARNING_SHAKE_FAIL)
        lastError_ = Error{ErrorCode::HandshakeFailed, "startPush: the RTMP handshake failed", message.id};
    if (kind)
        failPush(
            *kind == ErrorCode::ServerDisconnected && lastError_
                ? *lastError_
                : Error{*kind, std::string("startPush: ") + engine::eventInfo(Side::Push, code).meaning, message.id});
}

void ClassicPusher::captureVideoSnapShot(const std::string &path, Completion done) {
    require("captureVideoSnapShot");
    worker_.post([this, path, done = std::move(done)]() mutable {
        const auto error = errorOf([&] {
            abortIfClosed();
            requireJpegPath(path);
            if (!runs_.running())
                throw EngineException(snapshotError(-4));
            if (snapshotDone_)
                throw EngineException(ErrorCode::SnapshotFailed,
                                      "a snapshot waits for its picture; wait for its result", -1);
            const std::u16string wide = toUtf16(path);
            const int code = sdk_.call<int>(M::captureVideoSnapShot, wide.c_str(), static_cast<unsigned>(wide.size()));
            if (code != 0)
                throw EngineException(snapshotError(code));
            snapshotDone_ = std::exchange(done, {});
            worker_.postAfter(Snapshots::patience, [this, number = ++snapshotNumber_] {
                if (number == snapshotNumber_)
                    endSnapshot(snapshotError(-1));
            });
        });
        if (error) {
            emitResult(event::PUSH_EVT_SNAPSHOT_RESULT, error->nativeCode, path, error);
            end(done, error);
        }
    });
}

void ClassicPusher::endSnapshot(std::optional<Error> error) { end(snapshotDone_, std::move(error)); }

void ClassicPusher::startLocalRecord(const std::string &path, uint64_t sliceSeconds, Completion done) {
    run(
        "startLocalRecord",
        [this, path, sliceSeconds] {
            // "One file" is a slice that no call reaches.
            const uint64_t slice = sliceSeconds == 0 ? uint64_t{0x7FFFFFFF} : sliceSeconds;
            const int code = sdk_.call<int>(M::startLocalRecord, path.c_str(), slice);
            if (code == -2)
                throw EngineException(ErrorCode::InvalidState, "already recording; call stopLocalRecord first", code);
            if (code != 0)
                throw EngineException(ErrorCode::RecordFailed,
                                      "the LiteAV SDK does not record to this path; it must end in .mp4", code);
        },
        std::move(done));
}

void ClassicPusher::stopLocalRecord(Completion done) {
    run(
        "stopLocalRecord",
        [this] {
            if (const int code = sdk_.call<int>(M::stopLocalRecord))
                throw EngineException(ErrorCode::InvalidState, "no recording runs", code);
        },
        std::move(done));
}

// ---- the application's own frames

void ClassicPusher::sendCustomVideoData(const engine::UserVideo &video) {
    require("sendCustomVideoData");
    requireVideo(video);
    frames_.push("sendCustomVideoData", [this, bytes = std::vector<char>(video.data, video.data + video.size),
                                         width = video.width, height = video.height, at = video.timestampMs]() mutable {
        abortIfClosed();
        VideoFrame frame{};
        frame.format = 1;     // I420
        frame.bufferType = 1; // bytes
        frame.data = bytes.data();
        frame.textureId = -1;
        frame.length = static_cast<uint32_t>(bytes.size());
        frame.width = static_cast<uint32_t>(width);
        frame.height = static_cast<uint32_t>(height);
        frame.timestampMs = static_cast<uint64_t>(at >= 0 ? at : engine::clockMicros() / 1000);
        sdk_.call<void>(M::sendCustomVideoData, &frame);
    });
}

void ClassicPusher::sendCustomAudioData(const engine::UserAudio &audio) {
    require("sendCustomAudioData");
    requireAudio(audio);
    frames_.push("sendCustomAudioData",
                 [this, bytes = std::vector<char>(audio.data, audio.data + audio.size), rate = audio.sampleRate,
                  channels = audio.channels, at = audio.timestampMs]() mutable {
                     abortIfClosed();
                     AudioFrame frame{};
                     frame.format = 1; // PCM
                     frame.data = bytes.data();
                     frame.length = static_cast<uint32_t>(bytes.size());
                     frame.sampleRate = static_cast<uint32_t>(rate);
                     frame.channel = static_cast<uint32_t>(channels);
                     frame.timestampMs = static_cast<uint64_t>(at >= 0 ? at : engine::clockMicros() / 1000);
                     sdk_.call<void>(M::sendCustomAudioData, &frame);
                 });
}

// ---- the end

void ClassicPusher::close(Completion done) {
    if (!beginClose(std::move(done)))
        return;
    runs_.drop();
    worker_.post([this] { shutDown(); });
}

void ClassicPusher::shutDown() {
    settlePush(Error{ErrorCode::Aborted, "the pusher was closed first"});
    silence();
    if (sdk_.exists()) {
        sdk_.call<void>(M::setCallback, static_cast<void *>(nullptr), static_cast<void *>(nullptr));
        if (std::exchange(capturing_, false))
            sdk_.call<void>(M::stopAudioCapture);
        if (std::exchange(previewing_, false))
            sdk_.call<void>(M::stopPreview);
        sdk_.release();
    }
    if (observer_) {
        observer_->shut();
        keepForever(std::exchange(observer_, nullptr));
    }
    finishClose();
}

} // namespace rtcroom::liteav::classic
