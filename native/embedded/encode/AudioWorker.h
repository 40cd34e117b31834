#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "embedded/capture/AudioSource.h"
#include "embedded/capture/EncodedAudioSource.h"
#include "embedded/encode/AudioEncoder.h"
#include "embedded/encode/OutgoingFrames.h"
#include "embedded/encode/PushPipeline.h"
#include "embedded/media/AudioDecoder.h"
#include "embedded/media/SoundVolume.h"

namespace rtcroom::embedded {

/// The pipeline's audio thread: takes a block of sound when its time is over, encodes it, hands out packets. Blocks lie
/// on one grid of samples, so that they neither drift nor overlap.
class AudioWorker {
  public:
    AudioWorker(const PushPipeline::Callbacks &callbacks, const AudioSettings &settings);
    ~AudioWorker();
    AudioWorker(const AudioWorker &) = delete;
    AudioWorker &operator=(const AudioWorker &) = delete;

    /// `epochUs` is the zero of the packets' times.
    void start(int64_t epochUs);
    void stop();
    /// Null takes the source away.
    void setSource(std::shared_ptr<AudioSource> source);
    void setMuted(bool muted);
    /// While it does not run.
    void setChannels(int channels);
    SoundVolume &volume() { return volume_; }
    OutgoingSound &outgoing() { return outgoing_; }
    uint64_t bytes() const;

  private:
    void run();
    bool takeBlock(std::unique_lock<std::mutex> &lock, AudioSource &source);
    ReadResult readBlock(std::unique_lock<std::mutex> &lock, AudioSource &source, int64_t startUs, int64_t endUs);
    void encodeBlock(bool muted, bool ended);
    int64_t blockStartUs(int64_t index) const;
    /// Sound that comes encoded. False when something else is to be done.
    bool relay(std::unique_lock<std::mutex> &lock);
    void relaySound(const EncodedSound &sound, bool muted);
    void hear(const EncodedPacket &packet, const EncodedSound &sound);
    /// Of the same format; null when there is none.
    std::shared_ptr<const Bytes> silence(const AacUnit &unit);

    const PushPipeline::Callbacks &callbacks_;
    AudioSettings settings_;
    SoundVolume volume_;
    OutgoingSound outgoing_;
    /// A channel of a block.
    const int samples_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::shared_ptr<AudioSource> source_;
    /// It, when its sound comes encoded.
    std::shared_ptr<EncodedAudioSource> encoded_;
    bool running_ = false;
    bool muted_ = false;
    bool arrived_ = false;
    bool failed_ = false;
    /// The grid begins anew.
    bool seam_ = true;
    /// Grows with what makes a wait obsolete: source, stop.
    uint64_t revision_ = 0;
    uint64_t bytes_ = 0;

    // The thread's own.
    std::unique_ptr<AudioEncoder> encoder_;
    std::vector<float> block_;
    int64_t epochUs_ = 0;
    int64_t gridStartUs_ = 0;
    int64_t gridIndex_ = 0;
    /// Sample number (since the epoch) at gridStartUs_, and where the last block ended.
    int64_t gridSample_ = 0;
    int64_t nextSample_ = 0;
    int64_t lastDtsMs_ = 0;
    bool endReported_ = false;
    /// Of the sound that is relayed: what was told of it last, what its listeners have, and silence for a mute.
    std::shared_ptr<const Bytes> sentConfig_;
    int64_t relayedToUs_ = 0;
    std::unique_ptr<AudioDecoder> decoder_;
    std::shared_ptr<const Bytes> silenceConfig_;
    std::shared_ptr<const Bytes> silence_;

    std::thread thread_;
};

} // namespace rtcroom::embedded
