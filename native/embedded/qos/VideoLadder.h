#pragma once

#include <chrono>
#include <optional>

#include "embedded/qos/QosStrategy.h"

namespace rtcroom::embedded {

/// A picture's size and rate for a bitrate: first fewer pictures, then smaller ones, so that each keeps enough bits to
/// be looked at; back up only when the higher step has bits to spare, and has had them for a while.
class VideoLadder {
  public:
    using Clock = std::chrono::steady_clock;
    struct Step {
        engine::Size size;
        int fps = 0;
        bool operator==(const Step &) const = default;
    };

    /// `full` is what the application asked for: the top.
    void setTop(const Step &full);
    Step update(Clock::time_point now, double videoKbps, const QosStrategy &strategy);

  private:
    /// Of `level` steps down; none below the lowest.
    std::optional<Step> at(int level, const QosStrategy &strategy) const;

    Step top_;
    int level_ = 0;
    std::optional<Clock::time_point> roomSince_;
};

} // namespace rtcroom::embedded
