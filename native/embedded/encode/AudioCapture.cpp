#include "embedded/encode/AudioCapture.h"

#include <utility>
#include <vector>

#include "embedded/capture/FileSource.h"
#include "embedded/capture/MixedAudioSource.h"
#include "embedded/capture/SyntheticAudioSource.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;
using engine::SourceKind;

SoundOpening AudioCapture::open(const engine::AudioSourceOptions &options) {
    struct Coming {
        AudioCapture &self;
        ~Coming() {
            const std::lock_guard lock(self.mutex_);
            self.encodedComes_ = false;
        }
    } const coming{*this};
    std::shared_ptr<AudioSource> source;
    std::shared_ptr<MediaFile> file;
    switch (options.kind) {
    case SourceKind::Synthetic:
        source = std::make_shared<SyntheticAudioSource>(settings_.sampleRate, settings_.channels);
        break;
    case SourceKind::User:
        source = userSource(options.userFormat);
        break;
    case SourceKind::File: {
        const std::shared_ptr<MediaFile> &previewed = context_.files.of(MediaKind::Video);
        if (options.path.empty() && !previewed)
            throw EngineException(ErrorCode::FileOpenFailed,
                                  "no path is given and the preview is not a file; give the path of the sound's file");
        file = context_.files.open(options.path.empty() ? previewed->path() : options.path, options.loop,
                                   MediaKind::Audio, settings_.sampleRate, settings_.channels);
        source = std::make_shared<FileAudioSource>(file, settings_.channels);
        break;
    }
    case SourceKind::Microphone:
        return inputs_.openMicrophone(settings_.sampleRate, settings_.channels,
                                      [this](std::shared_ptr<AudioSource> microphone) {
                                          main_ = std::move(microphone);
                                          compose();
                                          context_.files.set(MediaKind::Audio, nullptr);
                                      });
    default:
        throwUnsupportedSource();
    }
    inputs_.closeMicrophone();
    main_ = std::move(source);
    compose();
    context_.files.set(MediaKind::Audio, std::move(file));
    return {};
}

void AudioCapture::close() {
    main_.reset();
    compose();
    inputs_.closeMicrophone();
    context_.files.set(MediaKind::Audio, nullptr);
}

SoundOpening AudioCapture::openSystemSound() {
    if (system_)
        return {};
    requireMixable();
    return inputs_.openSystemSound(settings_.sampleRate, settings_.channels,
                                   [this](std::shared_ptr<AudioSource> sound) {
                                       system_ = std::move(sound);
                                       compose();
                                   });
}

void AudioCapture::closeSystemSound() {
    if (system_) {
        system_.reset();
        compose();
    }
    inputs_.closeSystemSound();
}

std::shared_ptr<AudioSource> AudioCapture::userSource(engine::UserAudioFormat format) {
    if (format == engine::UserAudioFormat::Pcm)
        return std::make_shared<UserAudioSource>(settings_.sampleRate, settings_.channels, context_.userClock);
    if (settings_.codec != CodecId::Aac)
        throw EngineException(ErrorCode::InvalidArgument,
                              "AAC cannot go into a stream of another codec; leave the pusher's audioCodec out");
    const std::lock_guard lock(mutex_);
    if (system_ || worker_.volume().value() != SoundVolume::MAX)
        throw EngineException(ErrorCode::InvalidState,
                              "AAC of the application goes out as it is; close the system's sound and set the capture "
                              "volume to 65535 first");
    encodedComes_ = true;
    return std::make_shared<EncodedAudioSource>(context_.userClock);
}

void AudioCapture::compose() {
    if (main_ && system_)
        setSource(std::make_shared<MixedAudioSource>(std::vector{main_, system_}));
    else
        setSource(main_ ? main_ : system_);
}

void AudioCapture::setSource(std::shared_ptr<AudioSource> source) {
    if (source && running_)
        source->setRunning(true);
    worker_.setSource(source);
    // The one before ends without the lock: a sound system takes its time.
    const std::lock_guard lock(mutex_);
    source_.swap(source);
    user_ = std::dynamic_pointer_cast<UserAudioSource>(main_);
    encoded_ = std::dynamic_pointer_cast<EncodedAudioSource>(main_);
}

void AudioCapture::setRunning(bool running) {
    if (running) {
        const std::lock_guard lock(mutex_);
        encoding_ = true;
    }
    running_ = running;
    if (source_)
        source_->setRunning(running);
}

void AudioCapture::noteEncoderEnded() {
    const std::lock_guard lock(mutex_);
    encoding_ = false;
}

void AudioCapture::send(const engine::UserAudio &audio) {
    std::shared_ptr<UserAudioSource> target;
    std::shared_ptr<EncodedAudioSource> encoded;
    {
        const std::lock_guard lock(mutex_);
        target = user_;
        encoded = encoded_;
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

bool AudioCapture::any() const {
    const std::lock_guard lock(mutex_);
    return source_ != nullptr;
}

AudioSettings AudioCapture::settings() const {
    const std::lock_guard lock(mutex_);
    return settings_;
}

void AudioCapture::setChannels(int channels) {
    const std::lock_guard lock(mutex_);
    if (channels == settings_.channels)
        return;
    if (encoding_ || source_)
        throw EngineException(ErrorCode::InvalidState,
                              "the channels cannot change while sound is captured or pushed; call setAudioChannels "
                              "before startAudioCapture");
    settings_.channels = channels;
    worker_.setChannels(channels);
}

void AudioCapture::setVolume(int volume) {
    const std::lock_guard lock(mutex_);
    if ((encodedComes_ || encoded_) && volume >= 0 && volume < SoundVolume::MAX)
        throw EngineException(ErrorCode::InvalidState, "AAC of the application goes out as it is; scale its sound "
                                                       "before it is encoded");
    worker_.volume().set(volume);
}

void AudioCapture::requireMixable() const {
    const std::lock_guard lock(mutex_);
    if (encodedComes_ || encoded_)
        throw EngineException(ErrorCode::InvalidState, "AAC of the application goes out as it is; the system's sound "
                                                       "cannot be mixed into it");
}

} // namespace rtcroom::embedded
