#pragma once

#include <chrono>
#include <deque>
#include <utility>

namespace rtcroom::embedded {

/// The smallest (std::less) or the largest (std::greater) value of a sliding window of time.
template <typename Better> class SlidingExtreme {
  public:
    using Clock = std::chrono::steady_clock;

    explicit SlidingExtreme(Clock::duration window) : window_(window) {}

    void note(Clock::time_point at, double value) {
        while (!values_.empty() && !Better()(values_.back().second, value))
            values_.pop_back();
        values_.emplace_back(at, value);
        while (at - values_.front().first > window_)
            values_.pop_front();
    }
    void clear() { values_.clear(); }
    /// 0 before the first.
    double value() const { return values_.empty() ? 0 : values_.front().second; }

  private:
    Clock::duration window_;
    /// Each is worse than the one before it, which is older.
    std::deque<std::pair<Clock::time_point, double>> values_;
};

} // namespace rtcroom::embedded
