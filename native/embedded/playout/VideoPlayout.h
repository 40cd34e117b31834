#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "embedded/media/FrameConverter.h"
#include "embedded/media/PictureOutput.h"
#include "embedded/media/SnapshotWorker.h"
#include "embedded/media/UnwatchedGop.h"
#include "embedded/media/VideoDecoder.h"
#include "embedded/playout/FreezeWatch.h"
#include "embedded/playout/PlayPipeline.h"
#include "embedded/playout/PlayoutFeed.h"

namespace rtcroom::embedded {

/// The video thread: decoder, conversion. Once a configuration has shown its first picture, pictures are decoded only
/// while somebody looks: a window, whoever takes frames, a snapshot. All else is told of the others as well.
class VideoPlayout {
  public:
    VideoPlayout(const PlayPipeline::Callbacks &callbacks, SnapshotWorker &snapshots, PlayoutFeed &feed,
                 DecoderLookup lookup);
    ~VideoPlayout() { stop(); }
    VideoPlayout(const VideoPlayout &) = delete;
    VideoPlayout &operator=(const VideoPlayout &) = delete;

    void start();
    /// The feed is closed.
    void stop();
    void setPaused(bool paused);
    void setBlockThreshold(int ms) { blockThresholdMs_ = ms; }
    void setMessages(bool enable) { messagesEnabled_ = enable; }
    void setOutput(engine::OutputVideoFormat format, const engine::OutputVideoOptions &options) {
        output_.set(format, options);
    }
    /// Fills in what is video.
    void report(PlayPipeline::Stats &stats) const;

  private:
    void run();
    void handle(const PacketQueue::Entry &entry);
    void configure(const EncodedPacket &packet);
    void decode(const PacketQueue::Entry &entry);
    bool watched() const;
    /// Decodes what nobody looked at and presents its last picture.
    void catchUp();
    void decodeUnit(const EncodedPacket &unit, const VideoDecoder::Sink &sink);
    void show(AVFrame &frame);
    /// What is told of a picture that is shown, or would be.
    void notePicture(int64_t ptsMs, int64_t shownAtUs);
    /// To all who look.
    void present(AVFrame &frame, int64_t decodedAtUs);
    void watchLag(int64_t shownAtUs);
    void keepSei(const EncodedPacket &packet);
    void tellMessages(int64_t ptsMs);
    void noteLatency(int64_t ptsMs);
    void render(const AVFrame &frame);
    void reportError(const std::string &reason);

    const PlayPipeline::Callbacks &callbacks_;
    SnapshotWorker &snapshots_;
    PlayoutFeed &feed_;
    PictureOutput output_;
    std::atomic<bool> paused_{false};
    std::atomic<bool> messagesEnabled_{false};
    std::atomic<int> blockThresholdMs_{800};
    /// Since the last picture playing was paused.
    std::atomic<bool> interrupted_{false};
    std::thread thread_;

    // Of the video thread.
    VideoDecoder decoder_;
    FrameConverter renderConverter_;
    VideoDecoder::Sink sink_;
    enum class Await { Config, KeyFrame, Nothing } await_ = Await::Config;
    bool lost_ = false;
    bool firstSeen_ = false;
    /// The configuration in use has come to a picture.
    bool proven_ = false;
    UnwatchedGop unwatched_;
    /// By the time of the picture that they came with.
    std::multimap<int64_t, Bytes> messages_;
    std::map<int64_t, int64_t> captureTimesUs_;
    int shownWidth_ = 0;
    int shownHeight_ = 0;
    int64_t decodingDtsMs_ = 0;
    /// The playout clock's time less the stream's.
    double mediaShiftMs_ = 0;
    FreezeWatch freezes_;

    std::atomic<uint64_t> played_{0};
    std::atomic<uint64_t> dropped_{0};
    std::atomic<int> width_{0};
    std::atomic<int> height_{0};
    std::atomic<int64_t> lastPtsMs_{0};
    mutable std::mutex latencyMutex_;
    uint64_t timedPictures_ = 0;
    int64_t latencySumUs_ = 0;
    std::atomic<int> held_{0};
};

} // namespace rtcroom::embedded
