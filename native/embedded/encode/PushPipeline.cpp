#include "embedded/encode/PushPipeline.h"

#include <atomic>
#include <mutex>
#include <utility>

#include "embedded/capture/DeviceVideoSource.h"
#include "embedded/capture/EncodedAudioSource.h"
#include "embedded/capture/EncodedVideoSource.h"
#include "embedded/capture/FileSource.h"
#include "embedded/capture/ImageVideoSource.h"
#include "embedded/capture/MixedAudioSource.h"
#include "embedded/capture/SyntheticAudioSource.h"
#include "embedded/capture/SyntheticVideoSource.h"
#include "embedded/capture/UserAudioSource.h"
#include "embedded/capture/UserVideoSource.h"
#include "embedded/encode/AudioWorker.h"
#include "embedded/encode/VideoWorker.h"
#include "embedded/encode/pushSettings.h"
#include "embedded/media/SnapshotWorker.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;
using engine::requireRange;
using engine::SourceKind;

class PushPipeline::Impl {
  public:
    Impl(Callbacks given, const VideoSettings &videoSettings, const AudioSettings &audioSettings,
         std::shared_ptr<Cameras> givenCameras)
        : callbacks(std::move(given)), audioFormat(audioSettings), cameras(std::move(givenCameras)),
          sounds(callbacks.sounds), video(callbacks, snapshots, videoSettings), audio(callbacks, audioSettings) {}

    /// What `open` opens; interrupt() ends it through the flag that it is given.
    template <typename Open> auto opened(Open &&open);
    /// A file that is open for its other kind already, or a new one.
    std::shared_ptr<MediaFile> openFile(const std::string &path, bool loop, MediaKind kind);
    std::shared_ptr<VideoSource> openCamera(const engine::Device &camera);
    std::shared_ptr<VideoSource> openScreen(const ScreenTarget &target);
    std::shared_ptr<VideoSource> userVideoSource(engine::UserVideoFormat format);
    std::shared_ptr<AudioSource> userAudioSource(engine::UserAudioFormat format);
    /// Throws InvalidState while the pictures that go out cannot be changed.
    void requireRawPictures(const char *what) const;
    void setVideoSource(std::shared_ptr<VideoSource> source);
    void setAudioSource(std::shared_ptr<AudioSource> source);
    /// The source that the application opened, and the machine's own sound, if there are any.
    void composeAudio();
    /// Calls `work` with a flag that interrupt() sets.
    template <typename Work> auto interruptible(Work &&work) {
        return opened([&](const std::shared_ptr<std::atomic<bool>> &abort) { return work(*abort); });
    }
    /// Starts or stops the showing of what is not pushed.
    void updatePreview();

    const Callbacks callbacks;
    AudioSettings audioFormat;
    const std::shared_ptr<Cameras> cameras;

    // Control thread only, but for the pointers that `mutex` guards.
    bool running = false;
    bool previewing = false;
    int64_t epochUs = -1;
    std::shared_ptr<MediaFile> videoFile;
    std::shared_ptr<MediaFile> audioFile;
    /// Of the camera that is open.
    std::string cameraId;
    std::shared_ptr<AudioSource> mainAudio;
    std::shared_ptr<AudioSource> systemAudio;
    SoundInputs sounds;
    const std::shared_ptr<UserClock> userClock = std::make_shared<UserClock>();

    mutable std::mutex mutex;
    std::shared_ptr<VideoSource> videoSource;
    std::shared_ptr<AudioSource> audioSource;
    std::shared_ptr<UserVideoSource> userVideo;
    std::shared_ptr<UserAudioSource> userAudio;
    /// The sources, when they come encoded.
    std::shared_ptr<EncodedVideoSource> encodedVideo;
    std::shared_ptr<EncodedAudioSource> encodedAudio;
    /// Of the opening that is going on.
    std::shared_ptr<std::atomic<bool>> opening;
    /// Nothing is opened any more.
    bool ended = false;
    /// By openVideo, which interruptVideo() ends.
    bool openingVideo = false;
    bool stoppedVideo = false;
    uint64_t videoStops = 0;
    /// From start() to the end of stop().
    bool encoding = false;

    SnapshotWorker snapshots{
        {.notRunning = "Nothing is pushed; call startPreview and startPush first",
         .ended = "The push ended before a picture came for the snapshot",
         .noPicture = "No picture was captured within 5 s; check that a preview is started and has pictures"},
        std::chrono::milliseconds(0)};
    VideoWorker video;
    AudioWorker audio;
};

template <typename Open> auto PushPipeline::Impl::opened(Open &&open) {
    const auto abort = std::make_shared<std::atomic<bool>>(false);
    {
        const std::lock_guard lock(mutex);
        *abort = ended || stoppedVideo;
        opening = abort;
    }
    struct Closing {
        Impl &self;
        ~Closing() {
            const std::lock_guard lock(self.mutex);
            self.opening.reset();
        }
    } const closing{*this};
    return open(abort);
}

std::shared_ptr<MediaFile> PushPipeline::Impl::openFile(const std::string &path, bool loop, MediaKind kind) {
    const std::shared_ptr<MediaFile> &other = kind == MediaKind::Video ? audioFile : videoFile;
    if (other && other->path() == path && !other->inUse(kind) && other->has(kind)) {
        if (kind == MediaKind::Video)
            other->setLoop(loop);
        return other;
    }
    AudioSettings format;
    {
        // setAudioChannels may change it meanwhile.
        const std::lock_guard lock(mutex);
        format = audioFormat;
    }
    return opened([&](const std::shared_ptr<std::atomic<bool>> &abort) {
        return std::make_shared<MediaFile>(path, loop, kind, format.sampleRate, format.channels, abort);
    });
}

std::shared_ptr<VideoSource> PushPipeline::Impl::openCamera(const engine::Device &camera) {
    const VideoSettings wanted = video.settings();
    const engine::Size size{wanted.width, wanted.height};
    const int fps = wanted.fps;
    return opened([&](const std::shared_ptr<std::atomic<bool>> &abort) {
        const auto onGone = [this](const std::string &why) {
            if (callbacks.onDeviceGone)
                callbacks.onDeviceGone(SourceKind::Camera, why);
        };
        const auto onBack = [this] {
            if (callbacks.onCameraBack)
                callbacks.onCameraBack();
        };
        const auto reopen = [list = cameras, camera, size, fps, abort]() -> std::unique_ptr<DeviceInput> {
            // It may have got another file; two of one name are told apart by it.
            const std::vector<engine::Device> found = list->list();
            for (const auto &key : {&engine::Device::id, &engine::Device::name})
                for (const engine::Device &each : found)
                    if (each.*key == camera.*key)
                        return list->open(each, size, fps, abort);
            return nullptr;
        };
        return std::make_shared<DeviceVideoSource>(cameras->open(camera, size, fps, abort),
                                                   DeviceVideoSource::Callbacks{onGone, onBack, reopen}, abort);
    });
}

std::shared_ptr<VideoSource> PushPipeline::Impl::openScreen(const ScreenTarget &target) {
    return opened([&](const std::shared_ptr<std::atomic<bool>> &abort) {
        const auto onGone = [this](const std::string &why) {
            if (callbacks.onDeviceGone)
                callbacks.onDeviceGone(SourceKind::Screen, why);
        };
        return std::make_shared<DeviceVideoSource>(std::make_unique<ScreenInput>(target, abort),
                                                   DeviceVideoSource::Callbacks{onGone}, abort);
    });
}

std::shared_ptr<VideoSource> PushPipeline::Impl::userVideoSource(engine::UserVideoFormat format) {
    if (format != engine::UserVideoFormat::H264)
        return std::make_shared<UserVideoSource>(userClock);
    if (video.settings().codec != CodecId::H264)
        throw EngineException(ErrorCode::InvalidArgument,
                              "H.264 cannot go into a stream of another codec; leave the pusher's videoCodec out");
    if (const char *effect = video.changesPictures())
        throw EngineException(ErrorCode::InvalidState, std::string("H.264 of the application goes out as it is, and ") +
                                                           effect + " is on; turn it off first");
    return std::make_shared<EncodedVideoSource>(userClock);
}

std::shared_ptr<AudioSource> PushPipeline::Impl::userAudioSource(engine::UserAudioFormat format) {
    if (format == engine::UserAudioFormat::Pcm)
        return std::make_shared<UserAudioSource>(audioFormat.sampleRate, audioFormat.channels, userClock);
    if (audioFormat.codec != CodecId::Aac)
        throw EngineException(ErrorCode::InvalidArgument,
                              "AAC cannot go into a stream of another codec; leave the pusher's audioCodec out");
    if (systemAudio || audio.volume().value() != SoundVolume::MAX)
        throw EngineException(ErrorCode::InvalidState,
                              "AAC of the application goes out as it is; close the system's sound and set the capture "
                              "volume to 65535 first");
    return std::make_shared<EncodedAudioSource>(userClock);
}

void PushPipeline::Impl::requireRawPictures(const char *what) const {
    if (video.relays())
        throw EngineException(ErrorCode::InvalidState, std::string("H.264 of the application goes out as it is; ") +
                                                           what + " needs pictures that are encoded here");
}

void PushPipeline::Impl::setVideoSource(std::shared_ptr<VideoSource> source) {
    if (source && running)
        source->setRunning(true);
    video.setSource(source);
    {
        const std::lock_guard lock(mutex);
        // The one before ends without the lock: a camera takes its time.
        videoSource.swap(source);
        userVideo = std::dynamic_pointer_cast<UserVideoSource>(videoSource);
        encodedVideo = std::dynamic_pointer_cast<EncodedVideoSource>(videoSource);
    }
    updatePreview();
}

void PushPipeline::Impl::updatePreview() {
    if (running)
        return;
    const bool wanted = previewing && videoSource && videoSource->previewsAlone();
    if (videoSource)
        videoSource->setRunning(wanted);
    if (wanted)
        video.startPreview();
    else
        video.stop();
}

void PushPipeline::Impl::setAudioSource(std::shared_ptr<AudioSource> source) {
    if (source && running)
        source->setRunning(true);
    audio.setSource(source);
    // The one before ends without the lock: a sound system takes its time.
    const std::lock_guard lock(mutex);
    audioSource.swap(source);
    userAudio = std::dynamic_pointer_cast<UserAudioSource>(mainAudio);
    encodedAudio = std::dynamic_pointer_cast<EncodedAudioSource>(mainAudio);
}

void PushPipeline::Impl::composeAudio() {
    if (mainAudio && systemAudio)
        setAudioSource(std::make_shared<MixedAudioSource>(std::vector{mainAudio, systemAudio}));
    else
        setAudioSource(mainAudio ? mainAudio : systemAudio);
}

PushPipeline::PushPipeline(Callbacks callbacks, const VideoSettings &video, const AudioSettings &audio,
                           std::shared_ptr<Cameras> cameras) {
    check(video);
    check(audio);
    impl_ = std::make_unique<Impl>(std::move(callbacks), video, audio, std::move(cameras));
}

PushPipeline::~PushPipeline() {
    interrupt();
    impl_->previewing = false;
    stop();
    impl_->updatePreview();
}

namespace {

/// Devices take their time.
bool opensSlowly(SourceKind kind) { return kind == SourceKind::Camera || kind == SourceKind::Screen; }

[[noreturn]] void unsupportedSource() {
    throw EngineException(ErrorCode::Unsupported, "the embedded engine does not have that source; see capabilities");
}

} // namespace

void PushPipeline::openVideo(const engine::VideoSourceOptions &options, const ScreenTarget &screen,
                             std::optional<uint64_t> stops) {
    struct OpeningVideo {
        Impl &self;
        bool set(bool value, std::optional<uint64_t> known = {}) {
            const std::lock_guard lock(self.mutex);
            self.openingVideo = value;
            self.stoppedVideo = false;
            return !known || *known == self.videoStops;
        }
        ~OpeningVideo() { set(false); }
    } opening{*impl_};
    if (!opening.set(true, stops) && opensSlowly(options.kind))
        throw EngineException(ErrorCode::Aborted, "the preview was stopped before its source was open");
    std::shared_ptr<VideoSource> source;
    std::shared_ptr<MediaFile> file;
    std::string cameraId;
    switch (options.kind) {
    case SourceKind::Synthetic:
        source = std::make_shared<SyntheticVideoSource>();
        break;
    case SourceKind::User:
        source = impl_->userVideoSource(options.userFormat);
        break;
    case SourceKind::File:
        file = impl_->openFile(options.path, options.loop, MediaKind::Video);
        source = std::make_shared<FileVideoSource>(file);
        break;
    case SourceKind::Image:
        source = impl_->interruptible(
            [&](const std::atomic<bool> &abort) { return std::make_shared<ImageVideoSource>(options.path, abort); });
        break;
    case SourceKind::Camera: {
        const engine::Device camera = cameraAt(impl_->cameras->list(), options.camera);
        // It would be occupied by ourselves.
        if (camera.id == impl_->cameraId)
            closeVideo();
        source = impl_->openCamera(camera);
        cameraId = camera.id;
        break;
    }
    case SourceKind::Screen:
        source = impl_->openScreen(screen);
        break;
    default:
        unsupportedSource();
    }
    impl_->setVideoSource(std::move(source));
    impl_->videoFile = std::move(file);
    impl_->cameraId = std::move(cameraId);
}

void PushPipeline::closeVideo() {
    impl_->setVideoSource(nullptr);
    impl_->videoFile.reset();
    impl_->cameraId.clear();
}

SoundOpening PushPipeline::openAudio(const engine::AudioSourceOptions &options) {
    std::shared_ptr<AudioSource> source;
    std::shared_ptr<MediaFile> file;
    switch (options.kind) {
    case SourceKind::Synthetic:
        source = std::make_shared<SyntheticAudioSource>(impl_->audioFormat.sampleRate, impl_->audioFormat.channels);
        break;
    case SourceKind::User:
        source = impl_->userAudioSource(options.userFormat);
        break;
    case SourceKind::File:
        if (options.path.empty() && !impl_->videoFile)
            throw EngineException(ErrorCode::FileOpenFailed,
                                  "no path is given and the preview is not a file; give the path of the sound's file");
        file = impl_->openFile(options.path.empty() ? impl_->videoFile->path() : options.path, options.loop,
                               MediaKind::Audio);
        source = std::make_shared<FileAudioSource>(file, impl_->audioFormat.channels);
        break;
    case SourceKind::Microphone:
        return impl_->sounds.openMicrophone(impl_->audioFormat.sampleRate, impl_->audioFormat.channels,
                                            [this](std::shared_ptr<AudioSource> microphone) {
                                                impl_->mainAudio = std::move(microphone);
                                                impl_->composeAudio();
                                                impl_->audioFile.reset();
                                            });
    default:
        unsupportedSource();
    }
    impl_->sounds.closeMicrophone();
    impl_->mainAudio = std::move(source);
    impl_->composeAudio();
    impl_->audioFile = std::move(file);
    return {};
}

void PushPipeline::closeAudio() {
    impl_->mainAudio.reset();
    impl_->composeAudio();
    impl_->sounds.closeMicrophone();
    impl_->audioFile.reset();
}

SoundInputs &PushPipeline::sounds() { return impl_->sounds; }

void PushPipeline::requireMixable() const {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->encodedAudio)
        throw EngineException(ErrorCode::InvalidState, "AAC of the application goes out as it is; the system's sound "
                                                       "cannot be mixed into it");
}

SoundOpening PushPipeline::openSystemSound() {
    if (impl_->systemAudio)
        return {};
    requireMixable();
    return impl_->sounds.openSystemSound(impl_->audioFormat.sampleRate, impl_->audioFormat.channels,
                                         [this](std::shared_ptr<AudioSource> sound) {
                                             impl_->systemAudio = std::move(sound);
                                             impl_->composeAudio();
                                         });
}

void PushPipeline::closeSystemSound() {
    if (impl_->systemAudio) {
        impl_->systemAudio.reset();
        impl_->composeAudio();
    }
    impl_->sounds.closeSystemSound();
}

void PushPipeline::setAudioChannels(int channels) {
    const std::lock_guard lock(impl_->mutex);
    if (channels == impl_->audioFormat.channels)
        return;
    if (impl_->encoding || impl_->audioSource)
        throw EngineException(ErrorCode::InvalidState,
                              "the channels cannot change while sound is captured or pushed; call setAudioChannels "
                              "before startAudioCapture");
    impl_->audioFormat.channels = channels;
    impl_->audio.setChannels(channels);
}

bool PushPipeline::hasVideo() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->videoSource != nullptr;
}

bool PushPipeline::hasAudio() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->audioSource != nullptr;
}

void PushPipeline::interruptVideo() {
    const std::lock_guard lock(impl_->mutex);
    ++impl_->videoStops;
    impl_->stoppedVideo = impl_->openingVideo;
    if (impl_->opening && impl_->openingVideo)
        *impl_->opening = true;
}

uint64_t PushPipeline::videoStops() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->videoStops;
}

bool PushPipeline::opening() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->opening != nullptr;
}

void PushPipeline::interrupt() {
    const std::lock_guard lock(impl_->mutex);
    impl_->ended = true;
    if (impl_->opening)
        *impl_->opening = true;
}

void PushPipeline::setPreviewing(bool previewing) {
    impl_->previewing = previewing;
    impl_->video.setPreviewing(previewing);
    impl_->updatePreview();
}

void PushPipeline::start() {
    if (std::exchange(impl_->running, true))
        return;
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->encoding = true;
    }
    if (impl_->epochUs < 0)
        impl_->epochUs = engine::clockMicros();
    if (impl_->videoSource)
        impl_->videoSource->setRunning(true);
    if (impl_->audioSource)
        impl_->audioSource->setRunning(true);
    // From previewing alone: the encoder begins with a thread of its own.
    impl_->video.stop();
    impl_->snapshots.setRunning(true);
    impl_->video.start(impl_->epochUs);
    impl_->audio.start(impl_->epochUs);
}

void PushPipeline::stop() {
    if (!std::exchange(impl_->running, false))
        return impl_->snapshots.setRunning(false);
    // Time stops for the sources at the call, not when the threads have ended.
    if (impl_->videoSource)
        impl_->videoSource->setRunning(false);
    if (impl_->audioSource)
        impl_->audioSource->setRunning(false);
    impl_->video.stop();
    impl_->audio.stop();
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->encoding = false;
    }
    impl_->snapshots.setRunning(false);
    impl_->updatePreview();
}

void PushPipeline::requestKeyFrame() { impl_->video.requestKeyFrame(); }

void PushPipeline::setVideoSettings(const VideoSettings &settings) {
    check(settings);
    impl_->video.setSettings(settings);
}

VideoSettings PushPipeline::videoSettings() const { return impl_->video.settings(); }

void PushPipeline::adaptVideo(const VideoAdaptation &adaptation) { impl_->video.adapt(adaptation); }

VideoAdaptation PushPipeline::encodedVideo() const { return impl_->video.adaptation(); }

void PushPipeline::setMute(bool mute) { impl_->audio.setMuted(mute); }

void PushPipeline::setVolume(int volume) {
    {
        const std::lock_guard lock(impl_->mutex);
        if (impl_->encodedAudio && volume >= 0 && volume < SoundVolume::MAX)
            throw EngineException(ErrorCode::InvalidState, "AAC of the application goes out as it is; scale its sound "
                                                           "before it is encoded");
    }
    impl_->audio.volume().set(volume);
}

int PushPipeline::volume() const { return impl_->audio.volume().value(); }

int PushPipeline::soundLevel() const { return impl_->audio.volume().level(); }

void PushPipeline::setBeauty(int style, int beauty, int whiteness) {
    const auto checked = checkedBeauty(style, beauty, whiteness);
    if (beauty > 0 || whiteness > 0)
        impl_->requireRawPictures("beauty");
    impl_->video.effects().setBeauty(checked);
}

void PushPipeline::setWatermark(const std::string &path, double x, double y, double scale) {
    if (path.empty())
        return impl_->video.effects().setWatermark(nullptr);
    impl_->requireRawPictures("a watermark");
    impl_->video.effects().setWatermark(
        impl_->interruptible([&](const std::atomic<bool> &abort) { return readWatermark(path, x, y, scale, abort); }));
}

void PushPipeline::setMirrored(bool mirrored) {
    if (mirrored)
        impl_->requireRawPictures("a mirror");
    impl_->video.setMirrored(mirrored);
}

void PushPipeline::setOutgoingFormat(engine::OutputVideoFormat format, const engine::OutputVideoOptions &options) {
    impl_->video.outgoing().set(format, options);
}

void PushPipeline::setOutgoingSound(bool wanted, const engine::OutputAudioOptions &options) {
    impl_->audio.outgoing().set(wanted, options);
}

void PushPipeline::snapshot(const std::string &path, engine::Completion done) {
    impl_->snapshots.take(path, std::move(done));
}

void PushPipeline::setPauseVideo(bool pause) { impl_->video.setPaused(pause); }

void PushPipeline::sendUserVideo(const engine::UserVideo &video) {
    std::shared_ptr<UserVideoSource> target;
    std::shared_ptr<EncodedVideoSource> encoded;
    {
        const std::lock_guard lock(impl_->mutex);
        target = impl_->userVideo;
        encoded = impl_->encodedVideo;
    }
    if (encoded)
        return encoded->send(video);
    if (!target)
        throw EngineException(ErrorCode::InvalidState,
                              "the preview does not take the application's pictures; start it with the source 'user'");
    if (video.format == engine::UserVideoFormat::H264)
        throw EngineException(ErrorCode::InvalidState, "the preview takes the application's raw pictures; start it "
                                                       "with { source: 'user', format: 'h264' }");
    target->send(video);
}

void PushPipeline::sendUserAudio(const engine::UserAudio &audio) {
    std::shared_ptr<UserAudioSource> target;
    std::shared_ptr<EncodedAudioSource> encoded;
    {
        const std::lock_guard lock(impl_->mutex);
        target = impl_->userAudio;
        encoded = impl_->encodedAudio;
    }
    if (encoded)
        return encoded->send(audio);
    if (!target)
        throw EngineException(
            ErrorCode::InvalidState,
            "the audio capture does not take the application's sound; start it with the source 'user'");
    if (audio.format != engine::UserAudioFormat::Pcm)
        throw EngineException(ErrorCode::InvalidState, "the audio capture takes the application's PCM; start it with "
                                                       "{ source: 'user', format: 'aac' }");
    target->send(audio);
}

PushPipeline::Stats PushPipeline::stats() const {
    const VideoWorker::Counters video = impl_->video.counters();
    return {.framesCaptured = video.captured,
            .framesEncoded = video.encoded,
            .framesDropped = video.dropped,
            .framesSkipped = video.skipped,
            .videoBytes = video.bytes,
            .audioBytes = impl_->audio.bytes(),
            .codecQueue = video.encoding,
            .gopSeconds = static_cast<double>(video.gopMs) / 1000,
            .encoderName = video.encoderName};
}

} // namespace rtcroom::embedded
