#include "embedded/EmbeddedPlayer.h"

#include <utility>

#include "embedded/record/Recorder.h"
#include "sound/SoundDevices.h"

namespace rtcroom::embedded {

using engine::Completion;
using engine::EngineException;
using engine::Error;
using engine::ErrorCode;
using engine::Side;
namespace event = engine::event;

namespace {

/// How long sound waits for a first picture before the stream counts as one without pictures. A publisher sends its
/// headers together, so a picture's header comes within the first packets.
constexpr auto AUDIO_ONLY_AFTER = std::chrono::milliseconds(500);

} // namespace

EmbeddedPlayer::EmbeddedPlayer(const engine::PlayerOptions &options, engine::PlayerListener &listener,
                               DecoderLookup decoders)
    : options_(options), listener_(listener),
      life_(control_, {"the player", "playback", "already playing; call stopPlay first"}),
      renderer_([this](const std::string &reason) { emit(event::PLAY_WARNING_WINDOW_LOST, reason); }),
      session_(sessionCallbacks(), options.network),
      pipeline_(pipelineCallbacks(), options.videoFormat, options.audioOutput, std::move(decoders)),
      speaker_(speakerCallbacks(), options.speaker), loop_(loopHooks(), options.network) {}

EmbeddedPlayer::~EmbeddedPlayer() { close({}); }

PlayPipeline::Callbacks EmbeddedPlayer::pipelineCallbacks() {
    return {
        .onVideoFrame = [this](engine::VideoFrame frame) { listener_.onVideoFrame(std::move(frame)); },
        .onAudioFrame = [this](engine::AudioFrame frame) { listener_.onAudioFrame(std::move(frame)); },
        .pictureWanted = [this] { return renderer_.attached(); },
        .onPicture = [this](window::Picture picture) { renderer_.show(std::move(picture)); },
        .onVideoDecoderStarted =
            [this](const std::string &decoder) {
                emit(event::PLAY_EVT_START_VIDEO_DECODER, {}, {{"EVT_DESCRIPTION", decoder}});
            },
        .onFirstIFrame = [this] { onFirstIFrame(); },
        .onFirstAudioFrame = [this] { onFirstAudioFrame(); },
        .onResolution = [this](int width, int height) { onResolution(width, height); },
        .onMessage =
            [this](const std::string &text) {
                emit(event::EVT_PLAY_GET_MESSAGE, {},
                     {{"EVT_GET_MSG", text}, {"EVT_GET_MSG_LENGTH", std::to_string(text.size())}});
            },
        .onDry = [this] { tellLoading(); },
        .onPlaying = [this] { tellLoading(); },
        .onVideoLag =
            [this](int64_t ms) {
                emit(event::PLAY_WARNING_VIDEO_PLAY_LAG, "the picture stood still for " + std::to_string(ms) + " ms",
                     {{"EVT_PARAM1", std::to_string(ms)}});
            },
        .onReceiveLag =
            [this](int64_t ms) {
                emit(event::PLAY_WARNING_RECV_DATA_LAG, "nothing arrived for " + std::to_string(ms) + " ms",
                     {{"EVT_PARAM1", std::to_string(ms)}});
            },
        .onVideoDiscontinuity =
            [this](const std::string &reason) { emit(event::PLAY_WARNING_VIDEO_DISCONTINUITY, reason); },
        .onDecodeError =
            [this](MediaKind kind, const std::string &reason) {
                emit(kind == MediaKind::Video ? event::PLAY_WARNING_VIDEO_DECODE_FAIL
                                              : event::PLAY_WARNING_AUDIO_DECODE_FAIL,
                     reason);
            },
        .onDecoderMissing = [this](CodecId codec, const std::string &reason) { onDecoderMissing(codec, reason); },
        .onRecordFile =
            [this](const std::string &path, const std::optional<Error> &error) {
                emit(event::PLAY_EVT_LOCAL_RECORD_RESULT, error ? error->message : std::string(),
                     {{"EVT_PARAM1", error ? "-1" : "0"}, {"EVT_PARAM2", path}});
            },
        .onRecordProgress =
            [this](const std::string &path, int64_t durationMs) {
                emit(event::PLAY_EVT_LOCAL_RECORD_PROGRESS, {},
                     {{"EVT_PARAM1", std::to_string(durationMs)}, {"EVT_PARAM2", path}});
            },
    };
}

Speaker::Callbacks EmbeddedPlayer::speakerCallbacks() {
    return {
        .route = [this](std::shared_ptr<SpeakerBuffer> buffer) { pipeline_.setSpeaker(std::move(buffer)); },
        .onAvailable = [this] { emit(event::PLAY_EVT_SPEAKER_AVAILABLE); },
        .onLost = [this](const Error &error) { emit(event::PLAY_WARNING_SPEAKER_LOST, error.message); },
    };
}

PlaySession::Callbacks EmbeddedPlayer::sessionCallbacks() {
    return {
        .onConnected = [this] { emit(event::PLAY_EVT_CONNECT_SUCC); },
        .onStreamBegin = [this] { emit(event::PLAY_EVT_RTMP_STREAM_BEGIN); },
        .onPacket = [this](EncodedPacket packet) { onPacket(std::move(packet)); },
    };
}

ConnectionLoop::Hooks EmbeddedPlayer::loopHooks() {
    return {
        .run =
            [this] {
                std::string url;
                {
                    const std::lock_guard lock(mutex_);
                    url = url_;
                    begun_ = false;
                    media_ = {};
                    pendingResolution_.reset();
                }
                return session_.run(url);
            },
        .onFault = [this](const SessionResult &result, bool retrying) { onFault(result, retrying); },
        .onRetry = [](int) {},
        .onGiveUp = [this](const SessionResult &result) { onGiveUp(result); },
        .onNetworkChange = [this] { session_.noteNetworkChange(); },
        .hasNewRoute = [this] { return session_.hasNewRoute(); },
    };
}

void EmbeddedPlayer::onPacket(EncodedPacket packet) {
    {
        const std::lock_guard lock(mutex_);
        media_.note(packet, engine::clockMicros());
    }
    pipeline_.push(std::move(packet));
}

void EmbeddedPlayer::onFault(const SessionResult &result, bool retrying) {
    pipeline_.discontinuity();
    if (const int warning = warningOf(result.end, Side::Play))
        emit(warning, result.message);
    if (result.end == SessionEnd::Refused)
        emit(event::PLAY_ERR_STREAM_REFUSED, result.message);
    if (!retrying)
        return;
    // Otherwise when what is buffered has been played.
    pipeline_.noteDryIfEmpty();
    tellLoading();
    emit(event::PLAY_WARNING_RECONNECT, result.message);
}

void EmbeddedPlayer::onGiveUp(const SessionResult &result) {
    life_.giveUp();
    if (result.end != SessionEnd::InvalidUrl)
        emit(event::PLAY_ERR_NET_DISCONNECT, result.message);
    life_.settle(sessionError(result, Side::Play));
    control_.post([this] {
        if (isPlaying())
            return;
        debugView_.idle();
        haltPipeline();
    });
}

void EmbeddedPlayer::onFirstIFrame() {
    emit(event::PLAY_EVT_RCV_FIRST_I_FRAME);
    beginPlay();
}

void EmbeddedPlayer::onFirstAudioFrame() {
    emit(event::PLAY_EVT_RCV_FIRST_AUDIO_FRAME);
    uint64_t play = 0;
    {
        const Lifecycle::Lock lock(mutex_);
        media_.noteSoundBegun();
        if (begun_ || media_.hasPictures())
            return;
        play = life_.run(lock);
    }
    control_.postAfter(AUDIO_ONLY_AFTER, [this, play] {
        bool soundAlone = false;
        life_.whileCurrent(play, [&] { soundAlone = !media_.hasPictures(); });
        if (soundAlone)
            beginPlay();
    });
}

void EmbeddedPlayer::onDecoderMissing(CodecId codec, const std::string &reason) {
    const bool video = kindOf(codec) == MediaKind::Video;
    emit(codec == CodecId::Hevc ? event::PLAY_ERR_HEVC_DECODE_FAIL
         : video                ? event::PLAY_WARNING_VIDEO_DECODE_FAIL
                                : event::PLAY_WARNING_AUDIO_DECODE_FAIL,
         reason);
    uint64_t play = 0;
    {
        const Lifecycle::Lock lock(mutex_);
        media_.noteDecoderMissing(kindOf(codec));
        play = life_.run(lock);
    }
    control_.postAfter(AUDIO_ONLY_AFTER, [this, play, reason] { playTheRest(play, reason); });
}

void EmbeddedPlayer::playTheRest(uint64_t play, const std::string &reason) {
    bool soundAlone = false, nothing = false;
    life_.whileCurrent(play, [&] {
        // What lacked a decoder may have been of an earlier connection. Pictures that can be played begin by
        // themselves.
        if (begun_ || !media_.lacksDecoder() || media_.hasPictures())
            return;
        soundAlone = media_.hasSound() && media_.soundBegun();
        nothing = !media_.hasSound();
    });
    if (soundAlone)
        beginPlay();
    if (!nothing)
        return;
    // What began once may begin again, when the stream goes over to another codec.
    const Completion failed = life_.giveUpPending(play);
    if (!failed)
        return;
    haltPlay();
    failed(Error{ErrorCode::DecodeFailed, reason});
}

void EmbeddedPlayer::onResolution(int width, int height) {
    {
        const std::lock_guard lock(mutex_);
        if (!begun_) {
            pendingResolution_ = engine::Size{width, height};
            return;
        }
    }
    emit(event::PLAY_EVT_CHANGE_RESOLUTION, {},
         {{"EVT_PARAM1", std::to_string(width)}, {"EVT_PARAM2", std::to_string(height)}});
}

void EmbeddedPlayer::beginPlay() {
    std::optional<engine::Size> resolution;
    {
        const std::lock_guard order(tellMutex_);
        {
            const Lifecycle::Lock lock(mutex_);
            if (begun_ || !life_.running(lock))
                return;
            begun_ = true;
            shown_ = true;
            loading_ = false;
            resolution = std::exchange(pendingResolution_, std::nullopt);
        }
        emit(event::PLAY_EVT_PLAY_BEGIN);
    }
    loop_.noteProgress();
    if (resolution)
        onResolution(resolution->width, resolution->height);
    life_.settle(std::nullopt);
}

void EmbeddedPlayer::tellLoading() {
    const std::lock_guard order(tellMutex_);
    const bool dry = pipeline_.dry();
    {
        const Lifecycle::Lock lock(mutex_);
        // In a new connection it begins with the first picture.
        if (!life_.running(lock) || !shown_ || dry == loading_ || (!dry && !begun_))
            return;
        loading_ = dry;
    }
    emit(dry ? event::PLAY_EVT_PLAY_LOADING : event::PLAY_EVT_PLAY_BEGIN);
}

void EmbeddedPlayer::startPlay(const std::string &url, engine::PlayType type, Completion done) {
    const uint64_t play = life_.begin(std::move(done), [&] {
        // The URL's scheme decides on the protocol.
        if (type != engine::PlayType::LiveRtmp && type != engine::PlayType::LiveFlv &&
            type != engine::PlayType::LiveRtmpAcc)
            throw EngineException(ErrorCode::InvalidArgument,
                                  "no play type has the value " + std::to_string(static_cast<int>(type)));
        url_ = url;
        shown_ = loading_ = false;
        type_ = type;
    });
    control_.post([this, play] {
        haltPlay();
        const bool current = life_.whileCurrent(play, [this] {
            // Under the lock, so that a stopPlay in between is not undone.
            session_.reset();
            pipeline_.setPlayout(playoutSettings(type_, attribute_));
        });
        if (!current)
            return;
        pipelineRunning_ = true;
        pipeline_.start();
        status_.begin();
        loop_.start();
        speaker_.start();
        watchSpeaker(play);
        life_.repeat(play, std::chrono::milliseconds(options_.statusIntervalMs), [this] { reportStatus(); });
    });
}

void EmbeddedPlayer::haltPlay() {
    session_.stop();
    loop_.stop();
    loop_.join();
    debugView_.idle();
    haltPipeline();
}

void EmbeddedPlayer::haltPipeline() {
    if (!std::exchange(pipelineRunning_, false))
        return;
    speaker_.stop();
    watchedPlay_ = 0;
    pipeline_.stop();
    renderer_.clear();
}

void EmbeddedPlayer::watchSpeaker(uint64_t play) {
    if (!life_.whileCurrent(play))
        return;
    speaker_.check();
    watchedPlay_ = speaker_.wanted() ? play : 0;
    if (watchedPlay_ != 0)
        control_.postAfter(Speaker::interval, [this, play] {
            if (watchedPlay_ == play)
                watchSpeaker(play);
        });
}

void EmbeddedPlayer::stopPlay(Completion done) {
    life_.end([this] {
        session_.stop();
        loop_.stop();
    });
    control_.post([this, done = std::move(done)] {
        haltPlay();
        if (done)
            done(std::nullopt);
    });
}

bool EmbeddedPlayer::isPlaying() const { return life_.running(); }

void EmbeddedPlayer::pause() {
    life_.throwIfClosed();
    pipeline_.setPaused(true);
}

void EmbeddedPlayer::resume() {
    life_.throwIfClosed();
    pipeline_.setPaused(false);
}

void EmbeddedPlayer::setMute(bool mute) {
    life_.throwIfClosed();
    pipeline_.setMute(mute);
}

void EmbeddedPlayer::setOutputVideoFormat(engine::OutputVideoFormat format, const engine::OutputVideoOptions &options) {
    life_.throwIfClosed();
    checkOutput(options);
    pipeline_.setOutputVideoFormat(format, options);
}

void EmbeddedPlayer::setOutputAudio(bool enable, const engine::OutputAudioOptions &options) {
    life_.throwIfClosed();
    checkOutput(options);
    pipeline_.setOutputAudio(enable, options);
}

void EmbeddedPlayer::captureVideoSnapShot(const std::string &path, Completion done) {
    life_.throwIfClosed();
    pipeline_.snapshot(path, [this, path, done = std::move(done)](std::optional<Error> error) {
        emit(event::PLAY_EVT_SNAPSHOT_RESULT, error ? error->message : std::string(),
             {{"EVT_PARAM1", std::to_string(error ? error->nativeCode : 0)}, {"EVT_PARAM2", path}});
        if (done)
            done(std::move(error));
    });
}

void EmbeddedPlayer::startLocalRecord(const std::string &path, uint64_t sliceSeconds, Completion done) {
    life_.runOnControl([this, path, slice = checkedSliceSeconds(sliceSeconds)] { pipeline_.startRecord(path, slice); },
                       std::move(done));
}

void EmbeddedPlayer::stopLocalRecord(Completion done) {
    life_.throwIfClosed();
    control_.post([this, done = std::move(done)]() mutable { finishRecord(std::move(done)); });
}

void EmbeddedPlayer::setRenderFrame(uint64_t windowHandle) {
    life_.throwIfClosed();
    renderer_.attach(windowHandle);
    pipeline_.noteWatcher();
}

void EmbeddedPlayer::updateRenderFrame(uint64_t windowHandle) { setRenderFrame(windowHandle); }

void EmbeddedPlayer::closeRenderFrame() {
    life_.throwIfClosed();
    renderer_.detach();
}

void EmbeddedPlayer::setRenderMode(int mode) {
    life_.throwIfClosed();
    renderer_.setRenderMode(mode);
}

void EmbeddedPlayer::setRotation(int rotation) {
    life_.throwIfClosed();
    renderer_.setRotation(rotation);
}

void EmbeddedPlayer::setRenderYMirror(bool mirror) {
    life_.throwIfClosed();
    renderer_.setMirror(mirror);
}

void EmbeddedPlayer::showDebugView(int level) {
    life_.throwIfClosed();
    debugView_.setLevel(level);
}

void EmbeddedPlayer::setEnableMessage(bool enable) {
    life_.throwIfClosed();
    pipeline_.setMessages(enable);
}

void EmbeddedPlayer::setLivePlayAttribute(const std::string &json) {
    life_.throwIfClosed();
    const engine::LivePlayAttribute attribute = engine::parseLivePlayAttribute(json);
    const int defaultIntervalMs = options_.network.connectRetryIntervalMs;
    const std::lock_guard lock(mutex_);
    attribute_ = attribute;
    loop_.setRetries(attribute.retryCount.value_or(options_.network.connectRetryCount),
                     attribute.retryIntervalSeconds ? *attribute.retryIntervalSeconds * 1000 : defaultIntervalMs);
    pipeline_.setPlayout(playoutSettings(type_, attribute_));
}

std::vector<engine::Device> EmbeddedPlayer::enumSpeakers() {
    life_.throwIfClosed();
    return sound::SoundDevices::share()->list(sound::DeviceKind::Speaker);
}

void EmbeddedPlayer::selectSpeakerDevice(int index) {
    life_.throwIfClosed();
    speaker_.select(index);
    control_.post([this] {
        speaker_.check();
        uint64_t play = 0;
        {
            const Lifecycle::Lock lock(mutex_);
            if (life_.running(lock))
                play = life_.run(lock);
        }
        if (play != 0 && watchedPlay_ != play)
            watchSpeaker(play);
    });
}

int EmbeddedPlayer::speakerVolume() {
    life_.throwIfClosed();
    return speaker_.volume().value();
}

void EmbeddedPlayer::setSpeakerVolume(int volume) {
    life_.throwIfClosed();
    speaker_.volume().set(volume);
}

int EmbeddedPlayer::speakerVolumeIndication() {
    life_.throwIfClosed();
    return pipeline_.soundLevel();
}

void EmbeddedPlayer::setAudioPlayoutVolume(int volume) {
    life_.throwIfClosed();
    pipeline_.setVolume(volume);
}

int EmbeddedPlayer::getAudioPlayoutVolume() {
    life_.throwIfClosed();
    return pipeline_.volume();
}

void EmbeddedPlayer::finishRecord(Completion done) {
    std::optional<Error> error;
    try {
        pipeline_.stopRecord();
    } catch (const EngineException &failure) {
        error = failure.error();
    }
    if (done)
        done(std::move(error));
}

void EmbeddedPlayer::reportStatus() {
    PlayStatus::Arrivals arrivals;
    {
        const std::lock_guard lock(mutex_);
        arrivals = {media_.jitterMs(), media_.videoAheadMs()};
    }
    const engine::Status status = status_.report(arrivals);
    debugView_.update(status);
    listener_.onStatus(status);
}

void EmbeddedPlayer::emit(int code, const std::string &message,
                          std::vector<std::pair<std::string, std::string>> params) {
    listener_.onEvent(engine::makeEvent(Side::Play, code, message, std::move(params)));
}

void EmbeddedPlayer::close(Completion done) {
    life_.close(
        std::move(done),
        [this] {
            session_.stop();
            loop_.stop();
        },
        [this] {
            haltPlay();
            // It may never have run, and have snapshots to refuse all the same.
            pipeline_.stop();
            renderer_.detach();
        });
}

} // namespace rtcroom::embedded
