#include "embedded/encode/AudioWorker.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::Error;
using engine::ErrorCode;

namespace {

// Further behind (the machine slept), the missing time is left out rather than made up for.
constexpr int64_t MAX_LATE_US = 500'000;

} // namespace

AudioWorker::AudioWorker(const PushPipeline::Callbacks &callbacks, const AudioSettings &settings)
    : callbacks_(callbacks), settings_(settings), outgoing_(callbacks.onOutgoingSound),
      samples_(blockSamples(settings)), block_(static_cast<size_t>(samples_ * settings.channels)) {}

AudioWorker::~AudioWorker() {
    stop();
    setSource(nullptr);
}

void AudioWorker::start(int64_t epochUs) {
    std::unique_lock lock(mutex_);
    if (running_)
        return;
    running_ = true;
    epochUs_ = epochUs;
    seam_ = true;
    failed_ = false;
    ++revision_;
    lock.unlock();
    thread_ = std::thread([this] { run(); });
}

void AudioWorker::stop() {
    {
        const std::lock_guard lock(mutex_);
        running_ = false;
        ++revision_;
        changed_.notify_all();
    }
    if (thread_.joinable())
        thread_.join();
}

void AudioWorker::setSource(std::shared_ptr<AudioSource> source) {
    std::shared_ptr<AudioSource> old;
    {
        const std::lock_guard lock(mutex_);
        old = std::exchange(source_, source);
        encoded_ = std::dynamic_pointer_cast<EncodedAudioSource>(source);
        seam_ = true;
        failed_ = false;
        ++revision_;
        changed_.notify_all();
    }
    if (old)
        old->onArrival({});
    if (source)
        source->onArrival([this] {
            const std::lock_guard lock(mutex_);
            arrived_ = true;
            changed_.notify_all();
        });
}

void AudioWorker::setMuted(bool muted) {
    const std::lock_guard lock(mutex_);
    muted_ = muted;
}

void AudioWorker::setChannels(int channels) {
    settings_.channels = channels;
    block_.assign(static_cast<size_t>(samples_ * channels), 0.0F);
}

uint64_t AudioWorker::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

int64_t AudioWorker::blockStartUs(int64_t index) const {
    return gridStartUs_ + index * samples_ * 1'000'000 / settings_.sampleRate;
}

void AudioWorker::run() {
    std::unique_lock lock(mutex_);
    std::shared_ptr<AudioSource> source;
    for (;;) {
        changed_.wait(lock, [&] { return !running_ || (source && source != source_) || (source_ && !failed_); });
        if (!running_)
            break;
        if (source && source != source_) {
            // Not under the lock: its end waits for a device's thread, which may be about to tell of sound.
            lock.unlock();
            source.reset();
            lock.lock();
            continue;
        }
        source = source_;
        std::optional<Error> error;
        try {
            if (!(encoded_ ? relay(lock) : takeBlock(lock, *source)))
                continue;
        } catch (const EngineException &failure) {
            error = failure.error();
        } catch (const std::exception &failure) {
            error = Error{ErrorCode::Internal, failure.what()};
        }
        if (!lock.owns_lock())
            lock.lock();
        if (error) {
            failed_ = true;
            lock.unlock();
            encoder_.reset();
            callbacks_.onError(MediaKind::Audio, *error);
            lock.lock();
        }
    }
    lock.unlock();
    source.reset();
    encoder_.reset();
}

// False when something changed meanwhile. May leave the lock open.
bool AudioWorker::takeBlock(std::unique_lock<std::mutex> &lock, AudioSource &source) {
    if (std::exchange(seam_, false)) {
        gridStartUs_ = engine::clockMicros();
        gridIndex_ = 0;
        gridSample_ = std::max(nextSample_, (gridStartUs_ - epochUs_) * settings_.sampleRate / 1'000'000);
        endReported_ = false;
        // What was relayed had a configuration of its own.
        if (std::exchange(sentConfig_, nullptr))
            encoder_.reset();
    }
    const int64_t startUs = blockStartUs(gridIndex_);
    const int64_t endUs = blockStartUs(gridIndex_ + 1);
    const uint64_t revision = revision_;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(endUs - engine::clockMicros());
    if (changed_.wait_until(lock, deadline, [&] { return revision_ != revision; }))
        return false;
    if (engine::clockMicros() > endUs + MAX_LATE_US) {
        seam_ = true;
        return false;
    }
    arrived_ = false;
    lock.unlock();
    ReadResult result = source.read(startUs, block_, false);
    lock.lock();
    if (result == ReadResult::NotYet) {
        result = readBlock(lock, source, startUs, endUs);
        if (revision_ != revision)
            return false;
    }
    const bool muted = muted_;
    lock.unlock();
    encodeBlock(muted, result == ReadResult::Ended);
    ++gridIndex_;
    return true;
}

// Asks again as sound arrives; at the end of the source's patience what is missing is silence.
ReadResult AudioWorker::readBlock(std::unique_lock<std::mutex> &lock, AudioSource &source, int64_t startUs,
                                  int64_t endUs) {
    const int64_t limitUs = endUs + source.patienceUs();
    const uint64_t revision = revision_;
    for (;;) {
        const auto rest = std::chrono::microseconds(std::max<int64_t>(0, limitUs - engine::clockMicros()));
        const bool woken = changed_.wait_for(lock, rest, [&] { return arrived_ || revision_ != revision; });
        if (revision_ != revision)
            return ReadResult::NotYet;
        arrived_ = false;
        lock.unlock();
        const ReadResult result = source.read(startUs, block_, !woken);
        lock.lock();
        if (result != ReadResult::NotYet)
            return result;
    }
}

void AudioWorker::encodeBlock(bool muted, bool ended) {
    if (ended && !std::exchange(endReported_, true))
        callbacks_.onEndOfSource(MediaKind::Audio);
    // Before it is muted: its level goes on, as a microphone's does.
    volume_.apply(block_, settings_.sampleRate * settings_.channels);
    if (muted)
        std::fill(block_.begin(), block_.end(), 0.0F);
    const int64_t first = gridSample_ + gridIndex_ * samples_;
    const auto toMs = [this](int64_t sample) { return sample * 1000 / settings_.sampleRate; };
    outgoing_.offer(block_, settings_.sampleRate, settings_.channels, toMs(first), blockStartUs(gridIndex_));
    if (!encoder_) {
        encoder_ = std::make_unique<AudioEncoder>(settings_);
        if (encoder_->blockSamples() != samples_)
            throw EngineException(ErrorCode::EncodeFailed, "the encoder's frame is not " + std::to_string(samples_) +
                                                               " samples; install another build of FFmpeg");
        callbacks_.onPacket(encoder_->config(std::max(lastDtsMs_, toMs(first))));
    }
    nextSample_ = first + samples_;
    encoder_->encode(block_, first, [&](EncodedPacket packet, int64_t firstSample) {
        packet.dtsMs = lastDtsMs_ = std::max(lastDtsMs_, toMs(firstSample));
        {
            const std::lock_guard lock(mutex_);
            bytes_ += packet.data->size();
        }
        callbacks_.onPacket(std::move(packet));
    });
}

} // namespace rtcroom::embedded
