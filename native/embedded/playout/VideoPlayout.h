#pragma once

#include <atomic>
#include <map>
#include <thread>

#include "embedded/playout/FrameConverter.h"
#include "embedded/playout/PacketQueue.h"
#include "embedded/playout/PlayPipeline.h"
#include "embedded/playout/Snapshot.h"
#include "embedded/playout/VideoDecoder.h"

namespace rtcroom::embedded {

/// The video thread: queue, decoder, conversion.
class VideoPlayout {
  public:
    VideoPlayout(const PlayPipeline::Callbacks &callbacks, SnapshotWorker &snapshots);
    ~VideoPlayout() { stop(); }

    void start();
    void stop();
    void push(EncodedPacket packet);
    void discontinuity() { queue_.discontinuity(); }
    void setPaused(bool paused);
    void setMessages(bool enable) { messagesEnabled_ = enable; }
    void setFormat(engine::OutputVideoFormat format) { format_ = format; }
    /// Fills in what is video.
    void report(PlayPipeline::Stats &stats) const;

  private:
    void run();
    void handle(const PacketQueue::Entry &entry);
    void configure(const EncodedPacket &packet);
    void decode(const EncodedPacket &packet);
    void show(AVFrame &frame);
    void keepMessages(const EncodedPacket &packet);
    void tellMessages(int64_t ptsMs);
    void render(const AVFrame &frame);
    void reportError(const std::string &reason);

    const PlayPipeline::Callbacks &callbacks_;
    SnapshotWorker &snapshots_;
    PacketQueue queue_{MediaKind::Video};
    std::atomic<engine::OutputVideoFormat> format_{engine::OutputVideoFormat::None};
    std::atomic<bool> paused_{false};
    std::atomic<bool> messagesEnabled_{false};
    std::thread thread_;

    // Of the video thread.
    VideoDecoder decoder_;
    FrameConverter converter_;
    FrameConverter renderConverter_;
    VideoDecoder::Sink sink_;
    enum class Await { Config, KeyFrame, Nothing } await_ = Await::Config;
    bool lost_ = false;
    bool firstSeen_ = false;
    /// By the time of the picture that they came with.
    std::multimap<int64_t, Bytes> messages_;
    int shownWidth_ = 0;
    int shownHeight_ = 0;

    // Of the pushing thread.
    int64_t lastKeyDtsMs_ = INT64_MIN;

    std::atomic<uint64_t> decoded_{0};
    std::atomic<uint64_t> dropped_{0};
    std::atomic<uint64_t> bytes_{0};
    std::atomic<int> width_{0};
    std::atomic<int> height_{0};
    std::atomic<int64_t> lastPtsMs_{0};
    std::atomic<int64_t> gopMs_{0};
};

} // namespace rtcroom::embedded
