#include "embedded/playout/AudioPlayout.h"

#include <cstring>

namespace rtcroom::embedded {

AudioPlayout::AudioPlayout(const PlayPipeline::Callbacks &callbacks)
    : callbacks_(callbacks), sink_([this](engine::AudioFrame frame) { play(std::move(frame)); }) {}

void AudioPlayout::start() {
    configured_ = false;
    failing_ = false;
    firstSeen_ = false;
    decoder_.flush();
    queue_.open();
    thread_ = std::thread([this] { run(); });
}

void AudioPlayout::stop() {
    queue_.close();
    if (thread_.joinable())
        thread_.join();
}

void AudioPlayout::push(EncodedPacket packet) {
    if (packet.data)
        bytes_ += packet.data->size();
    queue_.push(std::move(packet));
}

void AudioPlayout::setPaused(bool paused) {
    paused_ = paused;
    queue_.setPaused(paused);
}

void AudioPlayout::report(PlayPipeline::Stats &stats) const {
    stats.audioDecoded = decoded_;
    stats.audioBytes = bytes_;
    stats.audioQueue = static_cast<int>(queue_.size());
    stats.audioSampleRate = sampleRate_;
    stats.audioChannels = channels_;
    stats.lastAudioPtsMs = lastPtsMs_;
}

void AudioPlayout::run() {
    while (const auto entry = queue_.pop()) {
        try {
            handle(*entry);
        } catch (const std::exception &error) {
            if (!failing_)
                reportError(error.what());
            failing_ = true;
        }
    }
}

void AudioPlayout::handle(const PacketQueue::Entry &entry) {
    static const Bytes none;
    switch (entry.kind) {
    case PacketQueue::Entry::Kind::Gap:
        decoder_.flush();
        return;
    case PacketQueue::Entry::Kind::Discontinuity:
        decoder_.flush();
        configured_ = false;
        failing_ = false;
        return;
    case PacketQueue::Entry::Kind::Unit:
        if (entry.packet.isConfig) {
            configured_ = false;
            failing_ = false;
            decoder_.configure(entry.packet.data ? *entry.packet.data : none);
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
    if (!output_ || !callbacks_.onAudioFrame)
        return;
    if (muted_)
        std::memset(frame.buffer->data(), 0, frame.size);
    callbacks_.onAudioFrame(std::move(frame));
}

void AudioPlayout::reportError(const std::string &reason) {
    if (callbacks_.onDecodeError)
        callbacks_.onDecodeError(MediaKind::Audio, reason);
}

} // namespace rtcroom::embedded
