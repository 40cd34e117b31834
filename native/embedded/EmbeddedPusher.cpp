#include "embedded/EmbeddedPusher.h"

#include <cmath>
#include <utility>

#include "embedded/effects/Watermark.h"
#include "embedded/media/Codecs.h"
#include "embedded/media/SeiMessages.h"

namespace rtcroom::embedded {

using engine::Completion;
using engine::EngineException;
using engine::Error;
using engine::ErrorCode;
using engine::Side;
namespace event = engine::event;

namespace {

VideoSettings initialVideo(const engine::PusherOptions &options) {
    VideoSettings settings;
    settings.codec = codecOf(options.videoCodec);
    settings.gopSeconds = options.gopSeconds;
    return settings;
}

AudioSettings initialAudio(const engine::PusherOptions &options) {
    return {options.audioSampleRate, options.audioChannels, options.audioBitrateKbps, codecOf(options.audioCodec)};
}

/// What of the stream a server must know enhanced RTMP for.
std::vector<CodecId> enhancedCodecs(const engine::PusherOptions &options) {
    std::vector<CodecId> codecs{codecOf(options.videoCodec), codecOf(options.audioCodec)};
    std::erase_if(codecs, [](CodecId codec) { return codec == CodecId::H264 || codec == CodecId::Aac; });
    return codecs;
}

} // namespace

EmbeddedPusher::EmbeddedPusher(const engine::PusherOptions &options, engine::PusherListener &listener,
                               std::shared_ptr<Cameras> cameras, CameraPatience patience)
    : options_(options), listener_(listener), cameras_(cameras, patience),
      life_(control_, {"the pusher", "push", "already pushing; call stopPush first"}),
      renderer_([this](const std::string &reason) {
          emit(event::PUSH_WARNING_WINDOW_LOST, reason);
          control_.post([this] { pipeline_.setPreviewing(renderer_.attached()); });
      }),
      qos_(qosCallbacks()), session_(sessionCallbacks(), options.network, enhancedCodecs(options)),
      pipeline_(pipelineCallbacks(), initialVideo(options), initialAudio(options), std::move(cameras), patience),
      loop_(loopHooks(), options.network) {
    session_.onKeyFrameWanted([this] { pipeline_.requestKeyFrame(); });
}

EmbeddedPusher::~EmbeddedPusher() { close({}); }

PushPipeline::Callbacks EmbeddedPusher::pipelineCallbacks() {
    return {
        .onPacket = [this](EncodedPacket packet) { onPacket(std::move(packet)); },
        .onFirstFrame = [this] { emit(event::PUSH_EVT_FIRST_FRAME_AVAILABLE); },
        .onVideoEncoderStarted = [this](const VideoSettings &settings,
                                        const std::string &encoder) { onVideoEncoderStarted(settings, encoder); },
        .onHardwareFailed =
            [this](const std::string &reason) { emit(event::PUSH_WARNING_HW_ACCELERATION_FAIL, reason); },
        .onError =
            [this](MediaKind kind, const Error &error) {
                emit(kind == MediaKind::Video ? event::PUSH_ERR_VIDEO_ENCODE_FAIL : event::PUSH_ERR_AUDIO_ENCODE_FAIL,
                     error.message);
            },
        .onEndOfSource = [](MediaKind) {},
        .onPreview = [this](window::Picture picture) { renderer_.show(std::move(picture)); },
        .admitsPicture = [this] { return qos_.admits(session_.queuedMs()); },
        .admitsEncoded = [this] { return qos_.admitsEncoded(session_.queuedMs()); },
        .onDeviceGone = [this](engine::SourceKind kind, const std::string &why) { onDeviceGone(kind, why); },
        .onCameraBack = [this] { emit(event::PUSH_EVT_CAMERA_AVAILABLE); },
        .whileOpening = [this] { stopTasks_.runEarly(); },
        .sounds = {.onLost = [this](const Error &error) { emit(event::PUSH_WARNING_MICROPHONE_LOST, error.message); },
                   .onBack = [this] { emit(event::PUSH_EVT_MICROPHONE_AVAILABLE); }},
        .onKeyFrameWanted = [this] { emit(event::PUSH_EVT_KEY_FRAME_WANTED); },
        .onEncodedVideo = [this](engine::Size size) { noteEncodedSize(size); },
        .onOutgoingPicture = [this](engine::VideoFrame frame) { listener_.onVideoFrame(std::move(frame)); },
        .onOutgoingSound = [this](engine::AudioFrame frame) { listener_.onAudioFrame(std::move(frame)); },
    };
}

PushQos::Callbacks EmbeddedPusher::qosCallbacks() {
    return {
        .onVideo =
            [this](const PushQos::Video &video) {
                pipeline_.adaptVideo({video.bitrateKbps, video.fps, video.size});
            },
        .onBitrateChanged =
            [this](int kbps) {
                emit(event::PUSH_EVT_CHANGE_BITRATE, {}, {{"EVT_PARAM1", std::to_string(kbps)}});
            },
        .onBusy =
            [this](double delayMs) {
                emit(event::PUSH_WARNING_NET_BUSY,
                     "the uplink is too slow for the stream: what is captured now leaves in " +
                         std::to_string(std::lround(delayMs)) + " ms");
            },
    };
}

RtmpPublishSession::Callbacks EmbeddedPusher::sessionCallbacks() {
    return {
        .onConnected = [this] { emit(event::PUSH_EVT_CONNECT_SUCC); },
        .onPublishing =
            [this] {
                loop_.noteProgress();
                qos_.connected();
                emit(event::PUSH_EVT_PUSH_BEGIN);
                life_.settle(std::nullopt);
                startPipelineSoon();
            },
        .onLink = [this](const LinkSample &sample) { qos_.note(sample); },
    };
}

ConnectionLoop::Hooks EmbeddedPusher::loopHooks() {
    return {
        .run =
            [this] {
                std::string url;
                {
                    const std::lock_guard lock(mutex_);
                    url = url_;
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

void EmbeddedPusher::onPacket(EncodedPacket packet) {
    if (packet.kind == MediaKind::Video && !packet.isConfig) {
        messages_.attachTo(packet);
        if (options_.streamClock)
            clock_.attachTo(packet);
    }
    recording_.push(packet);
    session_.send(std::move(packet));
}

void EmbeddedPusher::onFault(const SessionResult &result, bool retrying) {
    if (const int warning = warningOf(result.end, Side::Push))
        emit(warning, result.message);
    if (isRefusal(result.end) && !retrying)
        emit(event::PUSH_ERR_SERVER_REFUSED, result.message);
    if (retrying)
        emit(event::PUSH_WARNING_RECONNECT, result.message);
}

void EmbeddedPusher::onGiveUp(const SessionResult &result) {
    life_.giveUp();
    if (result.end != SessionEnd::InvalidUrl)
        emit(event::PUSH_ERR_NET_DISCONNECT, result.message);
    life_.settle(sessionError(result, Side::Push));
    control_.post([this] { haltIdlePipeline(); });
}

void EmbeddedPusher::onVideoEncoderStarted(const VideoSettings &settings, const std::string &encoder) {
    auto params = noteEncodedSize({settings.width, settings.height});
    params.emplace_back("EVT_DESCRIPTION", encoder);
    emit(event::PUSH_EVT_START_VIDEO_ENCODER, {}, std::move(params));
}

std::vector<std::pair<std::string, std::string>> EmbeddedPusher::noteEncodedSize(engine::Size size) {
    bool changed = false;
    {
        const std::lock_guard lock(mutex_);
        changed = encodedSize_ && *encodedSize_ != size;
        encodedSize_ = size;
    }
    std::vector<std::pair<std::string, std::string>> params{{"EVT_PARAM1", std::to_string(size.width)},
                                                            {"EVT_PARAM2", std::to_string(size.height)}};
    if (changed)
        emit(event::PUSH_EVT_CHANGE_RESOLUTION, {}, params);
    return params;
}

void EmbeddedPusher::startAudioCapture(const engine::AudioSourceOptions &options, Completion done) {
    const auto begin = [this, options] { return pipeline_.openAudio(options); };
    if (options.kind == engine::SourceKind::Microphone)
        return useDevice(SoundTurn::Kind::Capture, begin, std::move(done));
    runSound(SoundTurn::Kind::Capture, begin, std::move(done));
}

void EmbeddedPusher::stopAudioCapture(Completion done) {
    endSound(
        SoundTurn::Kind::Capture, [this] { pipeline_.closeAudio(); }, std::move(done));
}

void EmbeddedPusher::startPush(const std::string &url, Completion done) {
    const uint64_t push = life_.begin(std::move(done), [&] {
        url_ = url;
        // Of an earlier push.
        messages_.clear();
    });
    control_.post([this, push] {
        haltPush();
        qos_.begin();
        // Under the lock, so that a stopPush in between is not undone.
        if (!life_.whileCurrent(push, [this] { session_.reset(); }))
            return;
        // For a recording the encoders work already, and told these before this push.
        for (EncodedPacket &config : recording_.configs())
            session_.send(std::move(config));
        status_.begin();
        loop_.start();
        life_.repeat(push, std::chrono::milliseconds(options_.statusIntervalMs), [this] { reportStatus(); });
    });
}

void EmbeddedPusher::startPipelineSoon() {
    control_.post([this, push = life_.run(Lifecycle::Lock(mutex_))] {
        if (!life_.whileCurrent(push))
            return;
        // After a reconnect it still runs: the sources keep their time, the session asks for a key frame.
        if (!std::exchange(pipelineRunning_, true))
            pipeline_.start();
    });
}

void EmbeddedPusher::haltPush() {
    session_.stop();
    loop_.stop();
    loop_.join();
    debugView_.idle();
    haltPipeline();
}

void EmbeddedPusher::haltPipeline() {
    if (recording_.active() || !std::exchange(pipelineRunning_, false))
        return;
    pipeline_.stop();
    recording_.forgetConfigs();
    const std::lock_guard lock(mutex_);
    encodedSize_.reset();
}

void EmbeddedPusher::stopPush(Completion done) {
    life_.end([this] {
        session_.stop();
        loop_.stop();
    });
    stopTasks_.post([this, number = ++pushStops_, done = std::move(done)](bool early) {
        if (early)
            earlyStop_ = number;
        haltPush();
        recording_.end();
        haltIdlePipeline();
        if (done)
            done(std::nullopt);
    });
}

bool EmbeddedPusher::isPushing() const { return life_.running(); }

void EmbeddedPusher::setVideoQualityParamPreset(engine::VideoQualityPreset preset, engine::VideoRatio ratio) {
    life_.throwIfClosed();
    quality_.setPreset(preset, ratio);
}

void EmbeddedPusher::setVideoResolution(int txeVideoResolution) {
    life_.throwIfClosed();
    quality_.setResolution(txeVideoResolution);
}

void EmbeddedPusher::setVideoFPS(int fps) {
    life_.throwIfClosed();
    quality_.setFps(fps);
}

void EmbeddedPusher::setVideoBitRate(int kbps) {
    life_.throwIfClosed();
    quality_.setBitrate(kbps);
}

void EmbeddedPusher::enableHWAcceleration(bool enable) {
    life_.throwIfClosed();
    quality_.setHardware(enable);
}

void EmbeddedPusher::setVideoBitRateMin(int kbps) {
    life_.throwIfClosed();
    quality_.setBitrateMin(kbps);
}

void EmbeddedPusher::setVideoBitRateMax(int kbps) {
    life_.throwIfClosed();
    quality_.setBitrateMax(kbps);
}

void EmbeddedPusher::setAutoAdjustStrategy(engine::AutoAdjustStrategy strategy) {
    life_.throwIfClosed();
    quality_.setStrategy(strategy);
}

void EmbeddedPusher::setMute(bool mute) {
    life_.throwIfClosed();
    pipeline_.setMute(mute);
}

void EmbeddedPusher::setPauseVideo(bool pause) {
    life_.throwIfClosed();
    pipeline_.setPauseVideo(pause);
}

void EmbeddedPusher::sendCustomVideoData(const engine::UserVideo &video) {
    life_.throwIfClosed();
    pipeline_.sendUserVideo(video);
}

void EmbeddedPusher::sendCustomAudioData(const engine::UserAudio &audio) {
    life_.throwIfClosed();
    pipeline_.sendUserAudio(audio);
}

void EmbeddedPusher::sendMessage(const std::string &text) {
    life_.throwIfClosed();
    engine::checkMessage(text);
    if (!hasSei(codecOf(options_.videoCodec)))
        throw EngineException(ErrorCode::Unsupported,
                              "messages do not travel in AV1; leave videoCodec out, or use 'h265'");
    if (!isPushing() || !pipeline_.hasVideo())
        throw EngineException(ErrorCode::InvalidState,
                              "a message travels with a picture; call startPreview and startPush first");
    messages_.add(text);
}

void EmbeddedPusher::captureVideoSnapShot(const std::string &path, Completion done) {
    life_.throwIfClosed();
    pipeline_.snapshot(path, [this, path, done = std::move(done)](std::optional<Error> error) {
        emit(event::PUSH_EVT_SNAPSHOT_RESULT, error ? error->message : std::string(),
             {{"EVT_PARAM1", std::to_string(error ? error->nativeCode : 0)}, {"EVT_PARAM2", path}});
        if (done)
            done(std::move(error));
    });
}

void EmbeddedPusher::startLocalRecord(const std::string &path, uint64_t sliceSeconds, Completion done) {
    const auto begin = [this, path, slice = checkedSliceSeconds(sliceSeconds), stops = pushStops_.load()] {
        if (earlyStop_ > stops)
            throw EngineException(ErrorCode::Aborted, "the recording was stopped before it began");
        startRecord(path, slice);
        return SoundOpening{};
    };
    runSound(SoundTurn::Kind::Other, begin, std::move(done));
}

void EmbeddedPusher::startRecord(const std::string &path, int64_t sliceSeconds) {
    if (!pipeline_.hasVideo() && !pipeline_.hasAudio())
        throw EngineException(ErrorCode::InvalidState,
                              "there is nothing to record; call startPreview or startAudioCapture first");
    const auto onFile = [this](const std::string &file, const std::optional<Error> &error) {
        emit(event::PUSH_EVT_LOCAL_RECORD_RESULT, error ? error->message : std::string(),
             {{"EVT_PARAM1", error ? "-1" : "0"}, {"EVT_PARAM2", file}});
        // It may have been all that the encoders worked for.
        if (error)
            control_.post([this] { haltIdlePipeline(); });
    };
    const auto onProgress = [this](const std::string &file, int64_t durationMs) {
        emit(event::PUSH_EVT_LOCAL_RECORD_PROGRESS, {},
             {{"EVT_PARAM1", std::to_string(durationMs)}, {"EVT_PARAM2", file}});
    };
    recording_.start({path, sliceSeconds}, {onFile, onProgress});
    if (std::exchange(pipelineRunning_, true))
        pipeline_.requestKeyFrame();
    else
        pipeline_.start();
}

void EmbeddedPusher::stopLocalRecord(Completion done) {
    const auto begin = [this] {
        // However it ends.
        control_.post([this] { haltIdlePipeline(); });
        recording_.finish(Recorder::Finish::Plain);
        return SoundOpening{};
    };
    runSound(SoundTurn::Kind::Other, begin, std::move(done));
}

void EmbeddedPusher::haltIdlePipeline() {
    if (isPushing())
        return;
    debugView_.idle();
    haltPipeline();
}

void EmbeddedPusher::setRenderMode(int mode) {
    life_.throwIfClosed();
    renderer_.setRenderMode(mode);
}

void EmbeddedPusher::setRotation(int rotation) {
    life_.throwIfClosed();
    renderer_.setRotation(rotation);
}

void EmbeddedPusher::setRenderYMirror(bool mirror) {
    life_.throwIfClosed();
    renderer_.setMirror(mirror);
}

void EmbeddedPusher::setOutputYMirror(bool mirror) {
    life_.throwIfClosed();
    pipeline_.setMirrored(mirror);
}

void EmbeddedPusher::setBeautyStyle(int style, int beautyLevel, int whitenessLevel) {
    life_.throwIfClosed();
    pipeline_.setBeauty(style, beautyLevel, whitenessLevel);
}

void EmbeddedPusher::setWatermark(const std::string &path, double x, double y, double scale, Completion done) {
    life_.throwIfClosed();
    if (!path.empty())
        checkWatermark(x, y, scale);
    life_.runOnControl([this, path, x, y, scale] { pipeline_.setWatermark(path, x, y, scale); }, std::move(done));
}

void EmbeddedPusher::setOutputVideoFormat(engine::OutputVideoFormat format, const engine::OutputVideoOptions &options) {
    life_.throwIfClosed();
    checkOutput(options);
    pipeline_.setOutgoingFormat(format, options);
}

void EmbeddedPusher::setOutputAudio(bool enable, const engine::OutputAudioOptions &options) {
    life_.throwIfClosed();
    checkOutput(options);
    pipeline_.setOutgoingSound(enable, options);
}

void EmbeddedPusher::setNearestIP(bool enable) {
    life_.throwIfClosed();
    session_.setNearestAddress(enable);
}

void EmbeddedPusher::showDebugView(int level) {
    life_.throwIfClosed();
    debugView_.setLevel(level);
}

void EmbeddedPusher::reportStatus() {
    const engine::Status status = status_.report();
    debugView_.update(status);
    listener_.onStatus(status);
}

void EmbeddedPusher::emit(int code, const std::string &message,
                          std::vector<std::pair<std::string, std::string>> params) {
    listener_.onEvent(engine::makeEvent(Side::Push, code, message, std::move(params)));
}

void EmbeddedPusher::close(Completion done) {
    life_.close(
        std::move(done),
        [this] {
            session_.stop();
            loop_.stop();
            pipeline_.interrupt();
        },
        [this] {
            soundTurn_.abortAll();
            haltPush();
            recording_.end();
            haltIdlePipeline();
            // It may never have run, and have snapshots to refuse all the same.
            pipeline_.stop();
            pipeline_.closeVideo();
            pipeline_.closeAudio();
            pipeline_.closeSystemSound();
            pipeline_.sounds().closeTest();
            renderer_.detach();
        });
}

} // namespace rtcroom::embedded
