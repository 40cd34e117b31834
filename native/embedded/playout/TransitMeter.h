#pragma once

#include <cstdint>
#include <deque>

namespace rtcroom::embedded {

/// What the way of one kind of units takes (time of arrival less time in the stream, ms), and how much that varies,
/// over the last 5 s. A single stall does not count as jitter however many units it holds up: the largest delay of each
/// quarter second is one sample.
class TransitMeter {
  public:
    void note(double transitMs, double nowMs);
    void reset() { slots_.clear(); }
    bool empty() const { return slots_.empty(); }
    /// The shortest.
    double baseMs() const;
    /// The 90th percentile of the samples above the shortest.
    double jitterMs() const;

  private:
    struct Slot {
        int64_t number;
        double least;
        double most;
    };
    std::deque<Slot> slots_;
};

} // namespace rtcroom::embedded
