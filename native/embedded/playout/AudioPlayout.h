#pragma once

#include <atomic>
#include <thread>

#include "embedded/playout/AudioDecoder.h"
#include "embedded/playout/PacketQueue.h"
#include "embedded/playout/PlayPipeline.h"

namespace rtcroom::embedded {

/// The audio thread: queue, decoder, mute.
class AudioPlayout {
  public:
    explicit AudioPlayout(const PlayPipeline::Callbacks &callbacks);
    ~AudioPlayout() { stop(); }

    void start();
    void stop();
    void push(EncodedPacket packet);
    void discontinuity() { queue_.discontinuity(); }
    void setPaused(bool paused);
    void setOutput(bool enable) { output_ = enable; }
    void setMute(bool mute) { muted_ = mute; }
    /// Fills in what is audio.
    void report(PlayPipeline::Stats &stats) const;

  private:
    void run();
    void handle(const PacketQueue::Entry &entry);
    void play(engine::AudioFrame frame);
    void reportError(const std::string &reason);

    const PlayPipeline::Callbacks &callbacks_;
    PacketQueue queue_{MediaKind::Audio};
    std::atomic<bool> output_{false};
    std::atomic<bool> muted_{false};
    std::atomic<bool> paused_{false};
    std::thread thread_;

    // Of the audio thread.
    AudioDecoder decoder_;
    AudioDecoder::Sink sink_;
    bool configured_ = false;
    /// One report a run of bad units.
    bool failing_ = false;
    bool firstSeen_ = false;

    std::atomic<uint64_t> decoded_{0};
    std::atomic<uint64_t> bytes_{0};
    std::atomic<int> sampleRate_{0};
    std::atomic<int> channels_{0};
    std::atomic<int64_t> lastPtsMs_{0};
};

} // namespace rtcroom::embedded
