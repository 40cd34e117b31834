#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "embedded/capture/VideoSource.h"
#include "embedded/effects/PictureEffects.h"
#include "embedded/encode/EncodedRelay.h"
#include "embedded/encode/OutgoingFrames.h"
#include "embedded/encode/PushPipeline.h"
#include "embedded/encode/VideoEncoder.h"
#include "embedded/media/SnapshotWorker.h"

namespace rtcroom::embedded {

/// The pipeline's video thread: takes pictures at the frame rate (or as they arrive), encodes them, hands out packets.
class VideoWorker {
  public:
    struct Counters {
        uint64_t captured = 0;
        uint64_t encoded = 0;
        uint64_t dropped = 0;
        uint64_t skipped = 0;
        uint64_t bytes = 0;
        int encoding = 0;
        int64_t gopMs = 0;
        std::string encoderName;
    };

    /// Offers `snapshots` a picture when one is waited for.
    VideoWorker(const PushPipeline::Callbacks &callbacks, SnapshotWorker &snapshots, const VideoSettings &settings);
    ~VideoWorker();
    VideoWorker(const VideoWorker &) = delete;
    VideoWorker &operator=(const VideoWorker &) = delete;

    /// `epochUs` is the zero of the packets' times.
    void start(int64_t epochUs);
    /// Takes pictures for the preview alone; nothing is encoded.
    void startPreview();
    /// Ends either.
    void stop();
    void setPreviewing(bool previewing) { previewing_ = previewing; }
    /// Null takes the source away.
    void setSource(std::shared_ptr<VideoSource> source);
    void requestKeyFrame();
    void setSettings(const VideoSettings &settings);
    VideoSettings settings() const;
    void adapt(const VideoAdaptation &adaptation);
    VideoAdaptation adaptation() const;
    void setPaused(bool paused);
    void setMirrored(bool mirrored) { mirrored_ = mirrored; }
    PictureEffects &effects() { return effects_; }
    OutgoingPictures &outgoing() { return outgoing_; }
    /// What there is of that: beauty, a watermark, a mirror. Null when pictures go out as they are.
    const char *changesPictures() const;
    Counters counters() const;

  private:
    enum class Turn { Stop, Again, Picture, Card, Repeat, Encoded };

    void launch();
    void run();
    Turn awaitTurn(std::unique_lock<std::mutex> &lock);
    Turn awaitCard(std::unique_lock<std::mutex> &lock);
    Turn awaitArrival(std::unique_lock<std::mutex> &lock);
    Turn awaitDue(std::unique_lock<std::mutex> &lock);
    Turn awaitEncoded(std::unique_lock<std::mutex> &lock);
    bool waitUntil(std::unique_lock<std::mutex> &lock, int64_t clockUs);
    void takePicture(Turn turn);
    void relay();
    void relayPicture(const EncodedPicture &picture, bool encoding);
    /// Of pictures that are relayed.
    bool isLookedAt() const;
    void show(AVFrame &picture);
    engine::Size cardSize(engine::Size size) const;
    int64_t streamTimeMs(int64_t clockUs) const {
        return std::max<int64_t>(lastDtsMs_ + 1, (clockUs - epochUs_) / 1000);
    }
    /// `settings` as adapted, at `pace` pictures a second.
    void prepareEncoder(const VideoSettings &settings, int pace);
    /// Prepares and encodes; where hardware fails, once more in software.
    void encodeWith(const VideoSettings &settings, int pace, const CapturedPicture &picture, bool keyFrame);
    void failHardware(const std::string &reason);
    void encode(const AVFrame &picture, int64_t captureUs, bool keyFrame);
    const AVFrame &card(engine::Size size);
    const AVFrame &mirror(const AVFrame &picture);
    void offerSnapshot(const AVFrame &picture);
    void countDropped(uint64_t dropped);
    VideoSettings adaptedSettings() const;
    int pace() const { return adaptation_ ? std::min(adaptation_->fps, settings_.fps) : settings_.fps; }
    int64_t periodUs() const { return 1'000'000 / pace(); }

    const PushPipeline::Callbacks &callbacks_;
    SnapshotWorker &snapshots_;
    std::atomic<bool> previewing_{false};
    std::atomic<bool> mirrored_{false};
    std::atomic<bool> stopping_{false};
    PictureEffects effects_;
    OutgoingPictures outgoing_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    VideoSettings settings_;
    std::optional<VideoAdaptation> adaptation_;
    std::shared_ptr<VideoSource> source_;
    /// It, when its pictures come encoded.
    std::shared_ptr<EncodedVideoSource> encoded_;
    Counters counters_;
    bool running_ = false;
    bool encoding_ = false;
    bool paused_ = false;
    bool keyFrameWanted_ = false;
    bool arrived_ = false;
    /// Grows with what makes a wait obsolete: source, settings, pause, stop.
    uint64_t revision_ = 0;
    /// The source or its rate is new: the frame grid begins anew, with a key frame.
    bool seam_ = true;
    /// The grid goes on from its last picture at another pace.
    bool paceChanged_ = false;
    bool failed_ = false;

    EncodedRelay relay_;

    // The thread's own.
    /// The first turn since a seam.
    bool relayBegins_ = false;
    bool relayEncoding_ = false;
    /// When the last picture that was relayed is shown.
    int64_t lastPtsMs_ = -1;
    FrameConverter previewConverter_;
    std::unique_ptr<VideoEncoder> encoder_;
    /// Of this start, or since it was last wanted.
    bool hardwareFailed_ = false;
    VideoSettings encoderSettings_;
    int encoderPace_ = 0;
    FramePtr card_;
    FramePtr mirrorImage_;
    int64_t epochUs_ = 0;
    int64_t lastDtsMs_ = -1;
    int64_t gridStartUs_ = 0;
    int64_t gridIndex_ = 0;
    int64_t dueUs_ = 0;
    int64_t nextSlotUs_ = 0;
    int64_t lastPictureUs_ = 0;
    int64_t lastKeyUs_ = 0;
    int64_t lastKeyDtsMs_ = -1;
    int64_t lastCardUs_ = -1;
    bool firstReported_ = false;
    bool endReported_ = false;

    std::thread thread_;
};

} // namespace rtcroom::embedded
