#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

#include "embedded/media/AudioDecoder.h"
#include "embedded/media/SoundOutput.h"
#include "embedded/media/SoundVolume.h"
#include "embedded/playout/PlayPipeline.h"
#include "embedded/playout/PlayoutFeed.h"
#include "embedded/playout/SoundStretcher.h"
#include "embedded/playout/SpeakerBuffer.h"

namespace rtcroom::embedded {

/// The audio thread: decoder, pace, mute.
class AudioPlayout {
  public:
    AudioPlayout(const PlayPipeline::Callbacks &callbacks, PlayoutFeed &feed, DecoderLookup lookup);
    ~AudioPlayout() { stop(); }
    AudioPlayout(const AudioPlayout &) = delete;
    AudioPlayout &operator=(const AudioPlayout &) = delete;

    void start();
    /// The feed is closed.
    void stop();
    void setPaused(bool paused) { paused_ = paused; }
    void setOutput(bool enable, const engine::OutputAudioOptions &options) { output_.set(enable, options); }
    void setMute(bool mute) { muted_ = mute; }
    SoundVolume &volume() { return volume_; }
    /// Where the sound is played as well; null for nowhere. Not touched any more when the call returns.
    void setSpeaker(std::shared_ptr<SpeakerBuffer> speaker);
    /// Fills in what is audio.
    void report(PlayPipeline::Stats &stats) const;

  private:
    void run();
    void handle(const PacketQueue::Entry &entry);
    void play(engine::AudioFrame frame);
    /// At the clock's pace.
    void pace(engine::AudioFrame frame);
    void countPace(const engine::AudioFrame &frame, double rate);
    void handOut(engine::AudioFrame frame);
    /// How long before it is due a unit is wanted, ms.
    double takeLeadMs();
    void reportError(const std::string &reason);

    const PlayPipeline::Callbacks &callbacks_;
    PlayoutFeed &feed_;
    SoundOutput output_;
    std::atomic<bool> muted_{false};
    std::atomic<bool> paused_{false};
    SoundVolume volume_;
    std::mutex speakerMutex_;
    std::shared_ptr<SpeakerBuffer> speaker_;
    std::atomic<bool> heard_{false};
    std::thread thread_;

    // Of the audio thread.
    AudioDecoder decoder_;
    AudioDecoder::Sink sink_;
    SoundStretcher stretcher_;
    SoundStretcher::Sink stretched_;
    bool cannotStretch_ = false;
    bool configured_ = false;
    /// One report a run of bad units.
    bool failing_ = false;
    bool firstSeen_ = false;

    std::atomic<uint64_t> decoded_{0};
    std::atomic<int> sampleRate_{0};
    std::atomic<int> channels_{0};
    std::atomic<int64_t> lastPtsMs_{0};
    std::atomic<uint64_t> soundUs_{0};
    std::atomic<uint64_t> pacedUs_{0};
};

} // namespace rtcroom::embedded
