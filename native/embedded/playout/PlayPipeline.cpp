#include "embedded/playout/PlayPipeline.h"

#include <mutex>

#include "embedded/media/SnapshotWorker.h"
#include "embedded/playout/AudioPlayout.h"
#include "embedded/playout/PlayoutFeed.h"
#include "embedded/playout/ReceivedStream.h"
#include "embedded/playout/VideoPlayout.h"
#include "embedded/record/StreamRecording.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

class PlayPipeline::Impl {
  public:
    Impl(Callbacks given, engine::OutputVideoFormat format, bool audioOutput, DecoderLookup lookup)
        : callbacks(std::move(given)), decoders(std::move(lookup)) {
        video.setOutput(format, {});
        audio.setOutput(audioOutput, {});
    }

    const Callbacks callbacks;
    const DecoderLookup decoders;
    SnapshotWorker snapshots{{.notRunning = "Nothing is playing; call startPlay first",
                              .ended = "Playing ended before a picture came for the snapshot",
                              .noPicture = "No picture was decoded within 5 s; check that the stream has video and is "
                                           "not paused"},
                             std::chrono::milliseconds(1000)};
    PlayoutFeed feed{{.onDry = callbacks.onDry,
                      .onPlaying = callbacks.onPlaying,
                      .onVideoDiscontinuity = callbacks.onVideoDiscontinuity,
                      .onReceiveLag = callbacks.onReceiveLag}};
    ReceivedStream received;
    VideoPlayout video{callbacks, snapshots, feed, decoders};
    AudioPlayout audio{callbacks, feed, decoders};

    // start() and stop(), one at a time.
    std::mutex runMutex;
    // startRecord() and stopRecord(), one at a time, and the end of a recording in stop().
    std::mutex recordMutex;

    mutable std::mutex mutex;
    bool running = false;
    StreamRecording recording;
};

PlayPipeline::PlayPipeline(Callbacks callbacks, engine::OutputVideoFormat format, bool audioOutput,
                           DecoderLookup decoders)
    : impl_(std::make_unique<Impl>(std::move(callbacks), format, audioOutput, std::move(decoders))) {}

PlayPipeline::~PlayPipeline() { stop(); }

void PlayPipeline::start() {
    const std::lock_guard run(impl_->runMutex);
    {
        const std::lock_guard lock(impl_->mutex);
        if (impl_->running)
            return;
        impl_->running = true;
        impl_->recording.forgetConfigs();
    }
    impl_->snapshots.setRunning(true);
    impl_->received.restart();
    impl_->feed.open();
    impl_->video.start();
    impl_->audio.start();
}

void PlayPipeline::stop() {
    const std::lock_guard run(impl_->runMutex);
    bool running = false;
    {
        const std::lock_guard lock(impl_->mutex);
        running = std::exchange(impl_->running, false);
    }
    if (!running)
        return impl_->snapshots.setRunning(false);
    impl_->feed.close();
    impl_->video.stop();
    impl_->audio.stop();
    impl_->snapshots.setRunning(false);
    const std::lock_guard recording(impl_->recordMutex);
    impl_->recording.end();
}

void PlayPipeline::push(EncodedPacket packet) {
    {
        const std::lock_guard lock(impl_->mutex);
        if (!impl_->running)
            return;
        impl_->recording.push(packet);
    }
    impl_->received.note(packet);
    impl_->feed.push(std::move(packet));
}

void PlayPipeline::discontinuity() {
    impl_->recording.discontinuity();
    impl_->feed.discontinuity();
}

void PlayPipeline::setPlayout(const PlayoutSettings &settings) {
    impl_->feed.configure(settings);
    impl_->video.setBlockThreshold(settings.blockThresholdMs);
}

bool PlayPipeline::dry() const { return impl_->feed.dry(); }
bool PlayPipeline::noteDryIfEmpty() { return impl_->feed.noteDryIfEmpty(); }

void PlayPipeline::setOutputVideoFormat(engine::OutputVideoFormat format, const engine::OutputVideoOptions &options) {
    impl_->video.setOutput(format, options);
    impl_->feed.noteWatcher();
}
void PlayPipeline::noteWatcher() { impl_->feed.noteWatcher(); }
void PlayPipeline::setOutputAudio(bool enable, const engine::OutputAudioOptions &options) {
    impl_->audio.setOutput(enable, options);
}
void PlayPipeline::setMute(bool mute) { impl_->audio.setMute(mute); }

void PlayPipeline::setVolume(int volume) { impl_->audio.volume().set(volume); }

int PlayPipeline::volume() const { return impl_->audio.volume().value(); }

int PlayPipeline::soundLevel() const { return impl_->audio.volume().level(); }

void PlayPipeline::setSpeaker(std::shared_ptr<SpeakerBuffer> speaker) { impl_->audio.setSpeaker(std::move(speaker)); }

void PlayPipeline::setMessages(bool enable) { impl_->video.setMessages(enable); }

void PlayPipeline::setPaused(bool paused) {
    impl_->video.setPaused(paused);
    impl_->audio.setPaused(paused);
    impl_->feed.setPaused(paused);
}

void PlayPipeline::snapshot(const std::string &path, engine::Completion done) {
    impl_->snapshots.take(path, std::move(done));
    impl_->feed.noteWatcher();
}

void PlayPipeline::startRecord(const std::string &path, int64_t sliceSeconds) {
    const std::lock_guard recording(impl_->recordMutex);
    {
        const std::lock_guard lock(impl_->mutex);
        if (!impl_->running)
            throw EngineException(ErrorCode::InvalidState, "Nothing is playing; call startPlay before recording");
    }
    impl_->recording.start({path, sliceSeconds}, {impl_->callbacks.onRecordFile, impl_->callbacks.onRecordProgress});
}

void PlayPipeline::stopRecord() {
    const std::lock_guard recording(impl_->recordMutex);
    impl_->recording.finish(Recorder::Finish::Plain);
}

bool PlayPipeline::recording() const { return impl_->recording.active(); }

PlayPipeline::Stats PlayPipeline::stats() const {
    Stats stats;
    impl_->video.report(stats);
    impl_->audio.report(stats);
    impl_->received.report(stats);
    const PlayoutFeed::Stats feed = impl_->feed.stats();
    stats.videoQueue = feed.videoUnits;
    stats.audioQueue = feed.audioUnits;
    stats.videoDue = feed.videoDue;
    stats.bufferDropped = feed.videoDropped;
    stats.delayMs = feed.delayMs;
    return stats;
}

} // namespace rtcroom::embedded
