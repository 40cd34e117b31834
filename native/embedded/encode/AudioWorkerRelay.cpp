#include "embedded/encode/AudioWorker.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "embedded/media/SoundVolume.h"
#include "engine/Frame.h"

// Sound that comes encoded.
namespace rtcroom::embedded {

using engine::EngineException;

// May leave the lock open.
bool AudioWorker::relay(std::unique_lock<std::mutex> &lock) {
    const std::shared_ptr<EncodedAudioSource> source = encoded_;
    if (std::exchange(seam_, false)) {
        encoder_.reset();
        decoder_.reset();
        sentConfig_.reset();
        relayedToUs_ = 0;
    } else {
        const uint64_t revision = revision_;
        changed_.wait(lock, [&] { return arrived_ || revision_ != revision; });
        if (revision_ != revision)
            return false;
    }
    arrived_ = false;
    const bool muted = muted_;
    lock.unlock();
    for (const EncodedSound &sound : source->take())
        relaySound(sound, muted);
    return true;
}

void AudioWorker::relaySound(const EncodedSound &sound, bool muted) {
    const AacUnit &unit = sound.unit;
    // Of a burst, whose time was pressed together: there is sound at its place already.
    if (sound.beginUs + unit.durationUs() / 2 < relayedToUs_)
        return;
    relayedToUs_ = sound.beginUs + unit.durationUs();
    EncodedPacket packet{.kind = MediaKind::Audio, .codec = CodecId::Aac, .data = muted ? silence(unit) : unit.data};
    if (!packet.data)
        return;
    packet.dtsMs = lastDtsMs_ = std::max(lastDtsMs_, (sound.beginUs - epochUs_) / 1000);
    nextSample_ =
        std::max(nextSample_, (sound.beginUs + unit.durationUs() - epochUs_) * settings_.sampleRate / 1'000'000);
    if (!sentConfig_ || (sentConfig_ != unit.config && *sentConfig_ != *unit.config))
        callbacks_.onPacket({.kind = MediaKind::Audio,
                             .codec = CodecId::Aac,
                             .isConfig = true,
                             .dtsMs = packet.dtsMs,
                             .data = unit.config});
    sentConfig_ = unit.config;
    {
        const std::lock_guard lock(mutex_);
        bytes_ += packet.data->size();
    }
    hear(packet, sound);
    callbacks_.onPacket(std::move(packet));
}

void AudioWorker::hear(const EncodedPacket &packet, const EncodedSound &sound) {
    if (!outgoing_.wanted()) {
        decoder_.reset();
        return;
    }
    try {
        if (!decoder_)
            decoder_ = std::make_unique<AudioDecoder>();
        decoder_->configure(CodecId::Aac, *sound.unit.config);
        decoder_->decode(packet, [&](engine::AudioFrame frame) {
            frame.decodedAtUs = sound.beginUs;
            outgoing_.offer(std::move(frame));
        });
    } catch (const EngineException &) {
        // It goes out as it is all the same; the next unit may be better.
        decoder_.reset();
    }
}

std::shared_ptr<const Bytes> AudioWorker::silence(const AacUnit &unit) {
    if (silenceConfig_ == unit.config)
        return silence_;
    silenceConfig_ = unit.config;
    silence_.reset();
    // An encoder's unit is of 1024 samples. Where it takes no such sound there is a gap instead.
    if (unit.format.unitSamples != 1024)
        return nullptr;
    try {
        AudioEncoder encoder({unit.format.sampleRate, unit.channels, settings_.bitrateKbps, CodecId::Aac});
        const std::vector<float> quiet(static_cast<size_t>(encoder.blockSamples() * unit.channels), 0.0F);
        // Past its first ones, which hold the encoder's beginning.
        for (int64_t block = 0; block < 6; ++block)
            encoder.encode(quiet, block * encoder.blockSamples(),
                           [this](EncodedPacket packet, int64_t) { silence_ = packet.data; });
    } catch (const EngineException &) {
        silence_.reset();
    }
    return silence_;
}

} // namespace rtcroom::embedded
