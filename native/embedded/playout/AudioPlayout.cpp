#include "embedded/playout/AudioPlayout.h"

#include <cstring>

namespace rtcroom::embedded {

AudioPlayout::AudioPlayout(const PlayPipeline::Callbacks &callbacks, PlayoutFeed &feed, DecoderLookup lookup)
    : callbacks_(callbacks), feed_(feed), decoder_(std::move(lookup)),
      sink_([this](engine::AudioFrame frame) { play(std::move(frame)); }),
      stretched_([this](engine::AudioFrame frame) { handOut(std::move(frame)); }) {}

void AudioPlayout::start() {
    configured_ = false;
    failing_ = false;
    firstSeen_ = false;
    cannotStretch_ = false;
    decoder_.flush();
    stretcher_.reset();
    thread_ = std::thread([this] { run(); });
}

void AudioPlayout::stop() {
    if (thread_.joinable())
        thread_.join();
}

void AudioPlayout::report(PlayPipeline::Stats &stats) const {
    stats.audioDecoded = decoded_;
    stats.audioSampleRate = sampleRate_;
    stats.audioChannels = channels_;
    stats.lastAudioPtsMs = lastPtsMs_;
    stats.soundUs = soundUs_;
    stats.pacedUs = pacedUs_;
}

void AudioPlayout::run() {
    while (const auto entry = feed_.pop(MediaKind::Audio, takeLeadMs())) {
        try {
            handle(*entry);
        } catch (const DecoderMissing &missing) {
            if (callbacks_.onDecoderMissing)
                callbacks_.onDecoderMissing(missing.codec(), missing.what());
        } catch (const std::exception &error) {
            if (!failing_)
                reportError(error.what());
            failing_ = true;
        }
    }
}

void AudioPlayout::setSpeaker(std::shared_ptr<SpeakerBuffer> speaker) {
    const std::lock_guard lock(speakerMutex_);
    speaker_ = std::move(speaker);
    heard_ = speaker_ != nullptr;
    feed_.setSoundLead(speaker_ ? speaker_->leadMs() : 0);
}

double AudioPlayout::takeLeadMs() {
    const double stretcherMs = stretcher_.active() ? SoundStretcher::latencyMs : 0;
    const std::lock_guard lock(speakerMutex_);
    if (!speaker_)
        return stretcherMs;
    const double speakerMs = speaker_->leadMs();
    feed_.setSoundLead(speakerMs);
    return stretcherMs + speakerMs;
}

void AudioPlayout::handle(const PacketQueue::Entry &entry) {
    static const Bytes none;
    switch (entry.kind) {
    case PacketQueue::Entry::Kind::Watcher: // of pictures
        return;
    case PacketQueue::Entry::Kind::Gap:
        decoder_.flush();
        stretcher_.finish(stretched_);
        return;
    case PacketQueue::Entry::Kind::Discontinuity:
        decoder_.flush();
        stretcher_.finish(stretched_);
        configured_ = false;
        failing_ = false;
        firstSeen_ = false;
        return;
    case PacketQueue::Entry::Kind::Unit:
        if (entry.packet.isConfig) {
            configured_ = false;
            failing_ = false;
            decoder_.configure(entry.packet.codec, entry.packet.data ? *entry.packet.data : none);
            configured_ = true;
        } else if (configured_) {
            decoder_.decode(entry.packet, sink_);
            failing_ = false;
        }
    }
}

void AudioPlayout::play(engine::AudioFrame frame) {
    if (paused_)
        return;
    ++decoded_;
    lastPtsMs_ = frame.timestampMs;
    sampleRate_ = frame.sampleRate;
    channels_ = frame.channels;
    if (!firstSeen_) {
        firstSeen_ = true;
        if (callbacks_.onFirstAudioFrame)
            callbacks_.onFirstAudioFrame();
    }
    pace(std::move(frame));
}

void AudioPlayout::pace(engine::AudioFrame frame) {
    const double rate = (output_.wanted() || heard_) && !cannotStretch_ ? feed_.rate() : 1;
    try {
        if (rate > 1) {
            stretcher_.push(frame, rate, stretched_);
            return countPace(frame, rate);
        }
        stretcher_.finish(stretched_);
    } catch (const std::exception &error) {
        cannotStretch_ = true;
        stretcher_.reset();
        reportError(std::string("The sound cannot be made faster: ") + error.what());
    }
    countPace(frame, 1);
    handOut(std::move(frame));
}

void AudioPlayout::countPace(const engine::AudioFrame &frame, double rate) {
    if (!output_.wanted() && !heard_)
        return;
    const double us = 1e6 * frame.samples / frame.sampleRate;
    soundUs_ += static_cast<uint64_t>(us);
    pacedUs_ += static_cast<uint64_t>(us / rate);
}

void AudioPlayout::handOut(engine::AudioFrame frame) {
    // Paused: what the stretcher held back.
    if (paused_)
        return;
    if (muted_)
        std::memset(frame.buffer->data(), 0, frame.size);
    const auto samples = static_cast<size_t>(frame.samples) * static_cast<size_t>(frame.channels);
    volume_.apply({reinterpret_cast<int16_t *>(frame.buffer->data()), samples}, frame.sampleRate * frame.channels);
    {
        const std::lock_guard lock(speakerMutex_);
        if (speaker_)
            speaker_->write(frame, engine::clockMicros());
    }
    if (!output_.wanted() || !callbacks_.onAudioFrame)
        return;
    output_.pass(std::move(frame), callbacks_.onAudioFrame);
}

void AudioPlayout::reportError(const std::string &reason) {
    if (callbacks_.onDecodeError)
        callbacks_.onDecodeError(MediaKind::Audio, reason);
}

} // namespace rtcroom::embedded
