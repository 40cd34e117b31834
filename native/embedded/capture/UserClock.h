#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

namespace rtcroom::embedded {

/// Maps the application's own clock to the engine's, once for its pictures and its sound, so that they stay together.
/// Thread-safe.
class UserClock {
  public:
    /// 2^53 ms, the greatest exact integer of JavaScript.
    static constexpr int64_t MAX_TIMESTAMP_MS = int64_t{1} << 53;

    /// How far a stream that comes encoded may be ahead of now. What a server sends at once for a quick start is
    /// further ahead: with each of its units the mapping starts anew, so that the latest one is now, and a source that
    /// follows finds the stream's time where the clock is.
    static constexpr int64_t LIVE_AHEAD_US = 100'000;

    /// µs of clockMicros() for a timestamp of the application (negative: now). The first one counts as now; one that is
    /// more than `aheadUs` after now, or a second before it, starts the mapping anew.
    int64_t toClockUs(int64_t timestampMs, int64_t nowUs, int64_t aheadUs = 1'000'000) {
        if (timestampMs < 0)
            return nowUs;
        const std::lock_guard lock(mutex_);
        const int64_t userUs = timestampMs * 1000;
        if (!offsetUs_ || userUs + *offsetUs_ > nowUs + aheadUs || userUs + *offsetUs_ < nowUs - 1'000'000)
            offsetUs_ = nowUs - userUs;
        return userUs + *offsetUs_;
    }

  private:
    std::mutex mutex_;
    std::optional<int64_t> offsetUs_;
};

} // namespace rtcroom::embedded
