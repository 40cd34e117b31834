#pragma once

#include <algorithm>
#include <chrono>
#include <climits>

namespace rtcroom::embedded {

/// A point on the monotonic clock, as poll() wants it.
class Deadline {
  public:
    using Clock = std::chrono::steady_clock;

    explicit Deadline(Clock::time_point at) : at_(at) {}
    static Deadline in(std::chrono::milliseconds time) { return Deadline(Clock::now() + time); }
    static Deadline never() { return Deadline(Clock::time_point::max()); }

    bool passed() const { return at_ != Clock::time_point::max() && Clock::now() >= at_; }
    /// ms left, rounded up so that a wait does not end early; -1 for never.
    int pollTimeoutMs() const {
        if (at_ == Clock::time_point::max())
            return -1;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now()).count();
        return static_cast<int>(std::clamp<decltype(left)>(left, 0, INT_MAX));
    }
    Deadline earlier(const Deadline &other) const { return Deadline(std::min(at_, other.at_)); }

  private:
    Clock::time_point at_;
};

} // namespace rtcroom::embedded
