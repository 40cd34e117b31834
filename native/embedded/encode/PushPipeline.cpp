#include "embedded/encode/PushPipeline.h"

#include <utility>

#include "embedded/encode/AudioCapture.h"
#include "embedded/encode/AudioWorker.h"
#include "embedded/encode/VideoCapture.h"
#include "embedded/encode/VideoWorker.h"
#include "embedded/encode/pushSettings.h"
#include "embedded/media/SnapshotWorker.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

class PushPipeline::Impl {
  public:
    Impl(Callbacks given, const VideoSettings &videoSettings, const AudioSettings &audioSettings,
         std::shared_ptr<Cameras> cameras, CameraPatience patience)
        : callbacks(std::move(given)), video(callbacks, snapshots, videoSettings), audio(callbacks, audioSettings),
          pictures(callbacks, context, video, {std::move(cameras), patience}),
          sound(callbacks, context, audio, audioSettings) {}

    const Callbacks callbacks;
    CaptureContext context;

    // Control thread only.
    bool running = false;
    int64_t epochUs = -1;

    SnapshotWorker snapshots{
        {.notRunning = "Nothing is pushed; call startPreview and startPush first",
         .ended = "The push ended before a picture came for the snapshot",
         .noPicture = "No picture was captured within 5 s; check that a preview is started and has pictures"},
        std::chrono::milliseconds(0)};
    VideoWorker video;
    AudioWorker audio;
    VideoCapture pictures;
    AudioCapture sound;
};

PushPipeline::PushPipeline(Callbacks callbacks, const VideoSettings &video, const AudioSettings &audio,
                           std::shared_ptr<Cameras> cameras, CameraPatience patience) {
    check(video);
    check(audio);
    impl_ = std::make_unique<Impl>(std::move(callbacks), video, audio, std::move(cameras), patience);
}

PushPipeline::~PushPipeline() {
    interrupt();
    impl_->pictures.setPreviewing(false);
    stop();
}

void PushPipeline::openVideo(const engine::VideoSourceOptions &options, const ScreenTarget &screen,
                             std::optional<uint64_t> stops) {
    impl_->pictures.open(options, screen, stops, impl_->sound.settings());
}

void PushPipeline::closeVideo() { impl_->pictures.close(); }

SoundOpening PushPipeline::openAudio(const engine::AudioSourceOptions &options) { return impl_->sound.open(options); }

void PushPipeline::closeAudio() { impl_->sound.close(); }

SoundInputs &PushPipeline::sounds() { return impl_->sound.inputs(); }

void PushPipeline::requireMixable() const { impl_->sound.requireMixable(); }

SoundOpening PushPipeline::openSystemSound() { return impl_->sound.openSystemSound(); }

void PushPipeline::closeSystemSound() { impl_->sound.closeSystemSound(); }

void PushPipeline::setAudioChannels(int channels) { impl_->sound.setChannels(channels); }

bool PushPipeline::hasVideo() const { return impl_->pictures.any(); }

bool PushPipeline::hasAudio() const { return impl_->sound.any(); }

void PushPipeline::interruptVideo() { impl_->context.opening.interruptVideo(); }

uint64_t PushPipeline::videoStops() const { return impl_->context.opening.videoStops(); }

bool PushPipeline::opening() const { return impl_->context.opening.busy(); }

void PushPipeline::interrupt() { impl_->context.opening.interrupt(); }

void PushPipeline::setPreviewing(bool previewing) { impl_->pictures.setPreviewing(previewing); }

void PushPipeline::start() {
    if (std::exchange(impl_->running, true))
        return;
    if (impl_->epochUs < 0)
        impl_->epochUs = engine::clockMicros();
    impl_->pictures.setRunning(true);
    impl_->sound.setRunning(true);
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
    impl_->pictures.setRunning(false);
    impl_->sound.setRunning(false);
    impl_->video.stop();
    impl_->audio.stop();
    impl_->sound.noteEncoderEnded();
    impl_->snapshots.setRunning(false);
    impl_->pictures.updatePreview();
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

void PushPipeline::setVolume(int volume) { impl_->sound.setVolume(volume); }

int PushPipeline::volume() const { return impl_->audio.volume().value(); }

int PushPipeline::soundLevel() const { return impl_->audio.volume().level(); }

void PushPipeline::setBeauty(int style, int beauty, int whiteness) {
    const auto checked = checkedBeauty(style, beauty, whiteness);
    const auto set = [&] { impl_->video.effects().setBeauty(checked); };
    if (beauty > 0 || whiteness > 0)
        return impl_->pictures.change("beauty", set);
    set();
}

void PushPipeline::setWatermark(const std::string &path, double x, double y, double scale) {
    if (path.empty())
        return impl_->video.effects().setWatermark(nullptr);
    constexpr const char *what = "a watermark";
    impl_->pictures.requireRaw(what);
    const auto watermark = impl_->context.opening.run(
        [&](const std::shared_ptr<std::atomic<bool>> &abort) { return readWatermark(path, x, y, scale, *abort); });
    // What was opened while the file was read decides.
    impl_->pictures.change(what, [&] { impl_->video.effects().setWatermark(watermark); });
}

void PushPipeline::setMirrored(bool mirrored) {
    const auto set = [&] { impl_->video.setMirrored(mirrored); };
    if (mirrored)
        return impl_->pictures.change("a mirror", set);
    set();
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

void PushPipeline::sendUserVideo(const engine::UserVideo &video) { impl_->pictures.send(video); }

void PushPipeline::sendUserAudio(const engine::UserAudio &audio) { impl_->sound.send(audio); }

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
