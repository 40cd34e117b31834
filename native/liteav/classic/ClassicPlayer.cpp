#include "liteav/classic/ClassicPlayer.h"

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
using M = PlayerMethod;
namespace event = engine::event;

ClassicPlayer::ClassicPlayer(const Exports &exports, const SlotTable &slots, const engine::PlayerOptions &options,
                             engine::PlayerListener &listener)
    : SdkObject(Side::Play, methodsOf(supportOf(exports.generation), Side::Play), worker_,
                [&listener](const engine::Event &event) { listener.onEvent(event); }),
      slots_(slots), generation_(exports.generation), options_(options), listener_(listener), sdk_(exports, slots) {
    if (generation_ == Generation::Tx2018 &&
        (options.audioOutput || options.videoFormat != engine::OutputVideoFormat::None))
        throw EngineException(ErrorCode::Unsupported, "the 2018 LiteAV SDK hands no frames out; show them in a window");
    try {
        worker_.ask([this] {
            sdk_.create();
            observer_ = makePlayerObserver(slots_, *this);
            sdk_.call<void>(M::setCallback, observer_->object(), static_cast<void *>(nullptr));
            audioOut_ = options_.audioOutput;
            if (options_.videoFormat != engine::OutputVideoFormat::None)
                setFormat(options_.videoFormat);
        });
    } catch (...) {
        // No destructor follows.
        close({});
        throw;
    }
}

ClassicPlayer::~ClassicPlayer() { close({}); }

void ClassicPlayer::startPlay(const std::string &url, engine::PlayType type, Completion done) {
    require("startPlay");
    requireRange("the play type", static_cast<int>(type), 0, 2);
    const std::string scheme = schemeOf(url);
    if ((scheme != "rtmp" && scheme != "http" && scheme != "https") || url.find('\0') != std::string::npos)
        throw EngineException(ErrorCode::InvalidUrl,
                              "this generation of the LiteAV SDK plays rtmp:// and http(s):// addresses");
    int native = static_cast<int>(type);
    if (generation_ == Generation::Tx2018) {
        // The interface SDK put FLV between them.
        if (type == engine::PlayType::LiveFlv)
            throw EngineException(ErrorCode::Unsupported, "the 2018 LiteAV SDK plays RTMP only");
        native = type == engine::PlayType::LiveRtmpAcc ? 1 : 0;
    }
    const uint64_t number = runs_.want();
    if (number == 0)
        throw EngineException(ErrorCode::InvalidState, "already playing; call stopPlay first");
    worker_.post([this, url, native, number, done = std::move(done)]() mutable {
        if (closed() || !runs_.wants(number))
            return end(done, Error{ErrorCode::Aborted, "the playback was stopped before it began"});
        settlePlay(Error{ErrorCode::Aborted, "another playback began"});
        playDone_ = std::move(done);
        lastError_.reset();
        runs_.begin(number);
        sdk_.call<void>(M::startPlay, url.c_str(), native);
        sdkPlaying_ = true;
        worker_.postAfter(patienceOf(Side::Play, options_.network), [this, number] {
            if (!runs_.running(number) || !playDone_ || !runs_.fail())
                return;
            emit(event::PLAY_ERR_NET_DISCONNECT);
            failPlay(
                lastError_.value_or(Error{ErrorCode::Timeout, "startPlay: the LiteAV SDK showed nothing in time"}));
        });
    });
}

void ClassicPlayer::stopPlay(Completion done) {
    require("stopPlay");
    runs_.drop();
    worker_.post([this, done = std::move(done)]() mutable {
        settlePlay(Error{ErrorCode::Aborted, "the playback was stopped before it began"});
        silence();
        end(done, closed() ? std::optional(Error{ErrorCode::Aborted, "the player was closed first"}) : std::nullopt);
    });
}

void ClassicPlayer::silence() {
    runs_.end();
    endSnapshot(Error{ErrorCode::Aborted, "the playback ended before the picture came", -1});
    if (sdk_.exists() && std::exchange(sdkPlaying_, false))
        sdk_.call<void>(M::stopPlay);
}

void ClassicPlayer::failPlay(Error error) {
    silence();
    settlePlay(std::move(error));
}

void ClassicPlayer::settlePlay(std::optional<Error> error) { end(playDone_, std::move(error)); }

void ClassicPlayer::endSnapshot(std::optional<Error> error) { end(snapshotDone_, std::move(error)); }

void ClassicPlayer::onMessage(Message message) {
    worker_.offer([this, message = std::move(message)] { handle(message); });
}

void ClassicPlayer::handle(const Message &message) {
    const bool running = runs_.running() && sdkPlaying_;
    if (message.id == STATUS_DOWNLOAD) {
        if (running && !closed())
            listener_.onStatus(statusOf(message));
        return;
    }
    const int code = eventOf(generation_, Side::Play, message.id);
    Params params;
    for (const auto &param : message.params)
        if (param.first != "EVT_MSG" && param.first != "EVT_TIME")
            params.push_back(param);
    if (code == event::PLAY_EVT_SNAPSHOT_RESULT) {
        const std::string result = message.params.empty() ? "-1" : message.params[0].second;
        params = {{"EVT_PARAM1", result}, {"EVT_PARAM2", message.params.size() > 1 ? message.params[1].second : ""}};
        emit(code, message.id, {}, params);
        const int number = std::atoi(result.c_str());
        return endSnapshot(number == 0 ? std::nullopt : std::optional(snapshotError(number)));
    }
    // Late, of a playback that was stopped.
    if (!running)
        return;
    const ErrorCode *kind = finalError(code);
    // Whoever hears of the end finds that nothing plays; one that was stopped meanwhile has ended already.
    if (kind && !runs_.fail())
        return;
    emit(code, message.id, message.value("EVT_MSG"), std::move(params));
    if (code == event::PLAY_EVT_PLAY_BEGIN)
        return settlePlay(std::nullopt);
    if (code == event::WARNING_DNS_FAIL)
        lastError_ = Error{ErrorCode::DnsFailed, "startPlay: the server's name could not be resolved", message.id};
    if (code == event::WARNING_SEVER_CONN_FAIL)
        lastError_ = Error{ErrorCode::ConnectFailed, "startPlay: the server could not be reached", message.id};
    if (code == event::WARNING_SHAKE_FAIL)
        lastError_ = Error{ErrorCode::HandshakeFailed, "startPlay: the RTMP handshake failed", message.id};
    if (kind)
        failPlay(
            *kind == ErrorCode::ServerDisconnected && lastError_
                ? *lastError_
                : Error{*kind, std::string("startPlay: ") + engine::eventInfo(Side::Play, code).meaning, message.id});
}

void ClassicPlayer::onVideo(const char *data, uint32_t length, int width, int height, int format) {
    if (!videoOut_ || !runs_.wanted())
        return;
    engine::VideoFrame frame;
    const bool good = format == 2 ? copyI420(pool_, data, length, width, height, frame)
                                  : format == 3 && copyRgba(pool_, data, length, width, height, true, frame);
    if (good)
        listener_.onVideoFrame(std::move(frame));
}

void ClassicPlayer::onAudio(const char *pcm, uint32_t length, uint32_t sampleRate, uint32_t channels) {
    engine::AudioFrame frame;
    if (audioOut_ && runs_.wanted() &&
        copyPcm(pool_, pcm, length, static_cast<int>(sampleRate), static_cast<int>(channels), frame))
        listener_.onAudioFrame(std::move(frame));
}

void ClassicPlayer::pause() {
    set("pause", [this] { sdk_.call<void>(M::pause); });
}

void ClassicPlayer::resume() {
    set("resume", [this] { sdk_.call<void>(M::resume); });
}

void ClassicPlayer::setMute(bool mute) {
    set("setMute", [=, this] { sdk_.call<void>(M::setMute, mute); });
}

void ClassicPlayer::setFormat(engine::OutputVideoFormat format) {
    // TXEOutputVideoFormat: 1 none, 2 I420, 3 BGRA.
    sdk_.call<void>(M::setOutputVideoFormat, format == engine::OutputVideoFormat::None   ? 1
                                             : format == engine::OutputVideoFormat::I420 ? 2
                                                                                         : 3);
    videoOut_ = format != engine::OutputVideoFormat::None;
}

void ClassicPlayer::setOutputVideoFormat(engine::OutputVideoFormat format, const engine::OutputVideoOptions &options) {
    requireDefaults(options);
    set("setOutputVideoFormat", [=, this] { setFormat(format); });
}

void ClassicPlayer::setOutputAudio(bool enable, const engine::OutputAudioOptions &options) {
    requireDefaults(options);
    // The SDK calls back in any case.
    set("setOutputAudio", [=, this] { audioOut_ = enable; });
}

void ClassicPlayer::captureVideoSnapShot(const std::string &path, Completion done) {
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
            emitResult(event::PLAY_EVT_SNAPSHOT_RESULT, error->nativeCode, path, error);
            end(done, error);
        }
    });
}

void ClassicPlayer::setRenderFrame(uint64_t windowHandle) {
    set("setRenderFrame", [=, this] {
        if (sdk_.isInterface())
            return sdk_.call<void>(M::setRenderFrame, windowOf(windowHandle));
        const Rect area = clientArea(windowHandle);
        sdk_.call<void>(M::setRenderFrameIn, windowOf(windowHandle), static_cast<const Rect *>(&area));
    });
}

void ClassicPlayer::updateRenderFrame(uint64_t windowHandle) {
    set("updateRenderFrame", [=, this] {
        if (sdk_.isInterface())
            return sdk_.call<void>(M::updateRenderFrame, windowOf(windowHandle));
        const Rect area = clientArea(windowHandle);
        sdk_.call<void>(M::updateRenderFrameIn, windowOf(windowHandle), static_cast<const Rect *>(&area));
    });
}

void ClassicPlayer::closeRenderFrame() {
    set("closeRenderFrame", [this] { sdk_.call<void>(M::closeRenderFrame); });
}

void ClassicPlayer::setRenderMode(int mode) {
    requireRenderMode(mode);
    set("setRenderMode", [=, this] { sdk_.call<void>(M::setRenderMode, mode); });
}

void ClassicPlayer::setRotation(int rotation) {
    requireRotation(rotation);
    set("setRotation", [=, this] { sdk_.call<void>(M::setRotation, rotation); });
}

void ClassicPlayer::setRenderYMirror(bool mirror) {
    set("setRenderYMirror", [=, this] { sdk_.call<void>(M::setRenderYMirror, mirror); });
}

void ClassicPlayer::setEnableMessage(bool enable) {
    set("setEnableMessage", [=, this] { sdk_.call<void>(M::setEnableMessage, enable); });
}

void ClassicPlayer::setLivePlayAttribute(const std::string &json) {
    require("setLivePlayAttribute");
    parseLivePlayAttribute(json, true);
    set("setLivePlayAttribute", [=, this] { sdk_.call<void>(M::setLivePlayAttribute, json.c_str()); });
}

std::vector<engine::Device> ClassicPlayer::enumSpeakers() {
    return ask<std::vector<engine::Device>>("enumSpeakers", [this] { return listSpeakers(sdk_); });
}

void ClassicPlayer::selectSpeakerDevice(int index) {
    set("selectSpeakerDevice",
        [=, this] { sdk_.call<void>(M::selectSpeakerDevice, requireIndex(listSpeakers(sdk_), index, "loudspeaker")); });
}

int ClassicPlayer::speakerVolume() {
    return ask<int>("speakerVolume", [this] { return static_cast<int>(sdk_.call<unsigned>(M::speakerVolume)); });
}

void ClassicPlayer::setSpeakerVolume(int volume) {
    volumeToPercent(volume);
    set("setSpeakerVolume", [=, this] { sdk_.call<void>(M::setSpeakerVolume, static_cast<unsigned>(volume)); });
}

int ClassicPlayer::speakerVolumeIndication() {
    return ask<int>("speakerVolumeIndication",
                    [this] { return static_cast<int>(sdk_.call<uint32_t>(M::speakerVolumeIndication)); });
}

void ClassicPlayer::setAudioPlayoutVolume(int volume) {
    volumeToPercent(volume);
    set("setAudioPlayoutVolume", [=, this] { sdk_.call<void>(M::setAudioPlayoutVolume, volume); });
}

int ClassicPlayer::getAudioPlayoutVolume() {
    return ask<int>("getAudioPlayoutVolume", [this] { return sdk_.call<int>(M::getAudioPlayoutVolume); });
}

void ClassicPlayer::close(Completion done) {
    if (!beginClose(std::move(done)))
        return;
    runs_.drop();
    worker_.post([this] { shutDown(); });
}

void ClassicPlayer::shutDown() {
    settlePlay(Error{ErrorCode::Aborted, "the player was closed first"});
    if (sdk_.exists())
        sdk_.call<void>(M::setCallback, static_cast<void *>(nullptr), static_cast<void *>(nullptr));
    silence();
    sdk_.release();
    if (observer_) {
        observer_->shut();
        keepForever(std::exchange(observer_, nullptr));
    }
    finishClose();
}

} // namespace rtcroom::liteav::classic
