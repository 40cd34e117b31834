#pragma once

#include <functional>
#include <memory>
#include <string>

#include "embedded/media/Codecs.h"
#include "embedded/media/EncodedPacket.h"
#include "embedded/playout/PlayoutSettings.h"
#include "engine/Error.h"
#include "engine/Frame.h"
#include "engine/Options.h"
#include "window/Canvas.h"

namespace rtcroom::embedded {

class SpeakerBuffer;

/// Decoders, snapshot and recorder of one player. Owns its threads.
class PlayPipeline {
  public:
    /// Called on the pipeline's threads; must return at once.
    struct Callbacks {
        std::function<void(engine::VideoFrame)> onVideoFrame;
        std::function<void(engine::AudioFrame)> onAudioFrame;
        /// Whether each decoded picture goes to onPicture, before it is handed out.
        std::function<bool()> pictureWanted{};
        std::function<void(window::Picture)> onPicture{};
        std::function<void(const std::string &decoderName)> onVideoDecoderStarted;
        /// First decoded key frame since start() or discontinuity().
        std::function<void()> onFirstIFrame;
        /// First decoded sound since start() or discontinuity().
        std::function<void()> onFirstAudioFrame;
        /// On the first picture and at each change.
        std::function<void(int width, int height)> onResolution;
        /// A message came with a picture; right before that is handed out. Only while messages are enabled.
        std::function<void(const std::string &text)> onMessage{};
        /// The buffer has run dry; once, until onPlaying. By the time of the call it may play again: ask dry().
        std::function<void()> onDry{};
        /// The first unit after that comes to its decoder.
        std::function<void()> onPlaying{};
        /// The picture stood still for that long; with the one that ends it.
        std::function<void(int64_t ms)> onVideoLag{};
        /// Nothing arrived for that long although it was sent; with the unit that ends it.
        std::function<void(int64_t ms)> onReceiveLag{};
        /// Pictures were left out, or their timestamps have jumped.
        std::function<void(const std::string &reason)> onVideoDiscontinuity{};
        /// A unit could not be decoded; the pipeline goes on (video: at the next key frame).
        std::function<void(MediaKind, const std::string &reason)> onDecodeError;
        /// The linked FFmpeg cannot decode this codec: its kind is not played. Once a configuration.
        std::function<void(CodecId, const std::string &reason)> onDecoderMissing{};
        /// A file of the recording is complete, or ended by an error (disk full, unwritable), which ends the
        /// recording; nothing of what was written is lost.
        std::function<void(const std::string &path, const std::optional<engine::Error> &)> onRecordFile;
        std::function<void(const std::string &path, int64_t durationMs)> onRecordProgress{};
    };

    struct Stats {
        /// Shown, or due while nobody looked.
        uint64_t picturesPlayed = 0;
        uint64_t audioDecoded = 0;
        uint64_t videoDropped = 0;  // not decoded, by damage
        uint64_t bufferDropped = 0; // pictures left out of the buffer: late, or over its bound
        uint64_t videoBytes = 0;
        uint64_t audioBytes = 0;
        int videoQueue = 0;
        int audioQueue = 0;
        /// Of those in videoQueue, due and not yet decoded.
        int videoDue = 0;
        /// Units in the video decoder whose pictures wait for others.
        int decoderHolds = 0;
        /// In the buffer, beyond the shortest way through the network.
        double delayMs = 0;
        int width = 0;
        int height = 0;
        double gopSeconds = 0;
        int audioSampleRate = 0;
        int audioChannels = 0;
        int64_t lastVideoPtsMs = 0;
        int64_t lastAudioPtsMs = 0;
        /// Pictures that came with the time of their capture, and from then until they were shown, together.
        uint64_t timedPictures = 0;
        int64_t latencySumUs = 0;
        /// Sound that was handed out: how long it was, and how long it lasts as it was paced, µs.
        uint64_t soundUs = 0;
        uint64_t pacedUs = 0;
    };

    explicit PlayPipeline(Callbacks callbacks, engine::OutputVideoFormat format, bool audioOutput,
                          DecoderLookup decoders = findDecoder);
    ~PlayPipeline();
    PlayPipeline(const PlayPipeline &) = delete;
    PlayPipeline &operator=(const PlayPipeline &) = delete;

    void start();
    /// Joins the threads within 50 ms; a recording is finished and closed first by stopRecord or here. Snapshots have
    /// been answered then, also those that were refused because nothing ran.
    void stop();
    /// From the network thread; never blocks. The unit is decoded when the playout clock comes to it. Over the bound (2
    /// s overdue, or 600 units and what the delay needs) video is dropped to the next key frame.
    void push(EncodedPacket packet);
    /// The connection was lost and made anew: decoders wait for configuration and a key frame; a recording goes on with
    /// continuous time.
    void discontinuity();

    void setPlayout(const PlayoutSettings &settings);
    /// See PlayoutFeed.
    bool dry() const;
    bool noteDryIfEmpty();
    /// Options that are checked.
    void setOutputVideoFormat(engine::OutputVideoFormat format, const engine::OutputVideoOptions &options = {});
    /// `pictureWanted` has become true: the present picture goes to onPicture.
    void noteWatcher();
    void setOutputAudio(bool enable, const engine::OutputAudioOptions &options = {});
    void setMute(bool mute);
    /// Of the PCM that is handed out; see SoundVolume. The level is that of what is handed out, or would be.
    void setVolume(int volume);
    int volume() const;
    int soundLevel() const;
    /// The loudspeaker that plays the sound; null for none. Not touched any more when the call returns.
    void setSpeaker(std::shared_ptr<SpeakerBuffer> speaker);
    void setMessages(bool enable);
    void setPaused(bool paused);

    /// PNG or JPEG of the next decoded picture (the last one if it is younger than 1 s). See
    /// Player::captureVideoSnapShot for the codes. `done` may come on any pipeline thread.
    void snapshot(const std::string &path, engine::Completion done);
    /// Opens the file now (throws EngineException RecordFailed) and writes from the next key frame on, in slices of
    /// that length (0: one file). One at a time (InvalidState). See Recorder.
    void startRecord(const std::string &path, int64_t sliceSeconds = 0);
    /// Finishes the file; returns when it is complete. No recording: InvalidState.
    void stopRecord();
    bool recording() const;
    Stats stats() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace rtcroom::embedded
