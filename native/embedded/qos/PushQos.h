#pragma once

#include <functional>
#include <mutex>

#include "embedded/qos/BitrateController.h"
#include "embedded/qos/VideoLadder.h"

namespace rtcroom::embedded {

/// What is encoded, fitted to the network. From any thread.
class PushQos {
  public:
    using Clock = LinkSample::Clock;

    /// What the application asked for.
    struct Settings {
        engine::AutoAdjustStrategy strategy = engine::AutoAdjustStrategy::None;
        engine::Size size;
        int fps = 0;
        /// Of the video: to begin with, and the bounds where the strategy adjusts it.
        int bitrateKbps = 0;
        int minBitrateKbps = 0;
        int maxBitrateKbps = 0;
        int audioKbps = 0;
    };
    struct Video {
        int bitrateKbps = 0;
        int fps = 0;
        engine::Size size;
        bool operator==(const Video &) const = default;
    };
    /// Called one at a time, on the thread that brought the news; must not call back.
    struct Callbacks {
        std::function<void(const Video &)> onVideo;
        /// The bitrate moved by more than a trifle, not more than once a second.
        std::function<void(int kbps)> onBitrateChanged;
        /// The link is too slow for the stream; again every 10 s while it is.
        std::function<void(double delayMs)> onBusy;
    };

    explicit PushQos(Callbacks callbacks) : callbacks_(std::move(callbacks)) {}

    /// Begins at the bitrate that is asked for when that, or the strategy, has changed.
    void configure(const Settings &settings);
    /// A new push: nothing is left of an earlier one.
    void begin();
    /// A new connection of the push.
    void connected();
    void note(const LinkSample &sample);
    /// Whether a picture is worth being encoded while the oldest packet has waited for `queuedMs`.
    bool admits(int64_t queuedMs) const;
    /// The same of a picture that came encoded: no bitrate follows the link, so that what waits in it counts as well,
    /// from the delay on that onBusy tells of.
    bool admitsEncoded(int64_t queuedMs) const;
    double delayMs() const;

  private:
    struct News {
        std::optional<Video> video;
        std::optional<int> bitrateKbps;
        std::optional<double> busyDelayMs;
    };

    void restart();
    /// The video that is wanted, if that has changed.
    std::optional<Video> decide(Clock::time_point now);
    bool isBusy(Clock::time_point now, double delayMs);
    void tell(const News &news) const;

    const Callbacks callbacks_;
    /// Held over a decision and its telling, so that an older one is not told last.
    std::mutex order_;
    mutable std::mutex mutex_;
    Settings settings_;
    const QosStrategy *strategy_ = &qosStrategy(engine::AutoAdjustStrategy::None);
    LinkMeter meter_;
    BitrateController controller_{*strategy_};
    VideoLadder ladder_;
    Video video_;
    int toldKbps_ = 0;
    Clock::time_point toldAt_{};
    Clock::time_point updatedAt_{};
    std::optional<Clock::time_point> busyAt_;
    double delayMs_ = 0;
    mutable bool skipping_ = false;
};

} // namespace rtcroom::embedded
