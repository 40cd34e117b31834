#pragma once

#include <memory>
#include <mutex>

#include "embedded/capture/CaptureContext.h"
#include "embedded/capture/EncodedAudioSource.h"
#include "embedded/capture/SoundInputs.h"
#include "embedded/capture/UserAudioSource.h"
#include "embedded/encode/AudioWorker.h"
#include "embedded/encode/PushPipeline.h"

namespace rtcroom::embedded {

/// Where the sound of a push comes from: opens what the application asked for, mixes the machine's own sound in, and
/// gives it to the AudioWorker. Control thread only, but for what says otherwise.
class AudioCapture {
  public:
    AudioCapture(const PushPipeline::Callbacks &callbacks, CaptureContext &context, AudioWorker &worker,
                 const AudioSettings &settings)
        : context_(context), worker_(worker), settings_(settings), inputs_(callbacks.sounds) {}

    /// As PushPipeline::openAudio.
    SoundOpening open(const engine::AudioSourceOptions &options);
    void close();
    SoundInputs &inputs() { return inputs_; }
    /// As PushPipeline::openSystemSound.
    SoundOpening openSystemSound();
    void closeSystemSound();
    /// Captured for a push, until it is false. The channels are free again when what encodes them has ended.
    void setRunning(bool running);
    void noteEncoderEnded();

    // From any thread.
    /// Of the application. Copies. Throws as PushPipeline::sendUserAudio.
    void send(const engine::UserAudio &audio);
    /// Whether a source is open.
    bool any() const;
    AudioSettings settings() const;
    /// Throw as those of PushPipeline.
    void setChannels(int channels);
    void setVolume(int volume);
    void requireMixable() const;

  private:
    std::shared_ptr<AudioSource> userSource(engine::UserAudioFormat format);
    /// The source that the application opened, and the machine's own sound, if there are any.
    void compose();
    void setSource(std::shared_ptr<AudioSource> source);

    CaptureContext &context_;
    AudioWorker &worker_;
    AudioSettings settings_;
    bool running_ = false;
    std::shared_ptr<AudioSource> main_;
    std::shared_ptr<AudioSource> system_;
    SoundInputs inputs_;

    /// Guards what follows and the settings; they are written on the control thread.
    mutable std::mutex mutex_;
    std::shared_ptr<AudioSource> source_;
    /// The application's source, when it takes its sound, raw or encoded.
    std::shared_ptr<UserAudioSource> user_;
    std::shared_ptr<EncodedAudioSource> encoded_;
    /// One was found to fit what is set, and is about to be encoded_.
    bool encodedComes_ = false;
    /// From setRunning(true) to noteEncoderEnded().
    bool encoding_ = false;
};

} // namespace rtcroom::embedded
