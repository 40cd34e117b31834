#pragma once

#include <array>
#include <cstddef>
#include <optional>

namespace rtcroom::embedded {

/// Finds pictures that stood still: for longer than the threshold, and than the stream's pictures usually do. Whether
/// the network held the next one up or the sender left some out is one to whoever looks on. Times are ms of any
/// monotonic clock.
class FreezeWatch {
  public:
    /// The distance that a unit has from the one before it in the stream's time; 0 where there is none.
    void noteStep(double stepMs);
    /// A picture is shown. How long the one before it stood, if that is a freeze.
    std::optional<double> shown(double nowMs, double thresholdMs);
    /// What stands until the next picture is no freeze.
    void interrupt() { lastShownMs_.reset(); }

  private:
    /// The median of the last steps; of an even number the smaller one, so that the second of two is not the usual.
    double usualStepMs() const;

    static constexpr size_t remembered = 8;
    std::array<double, remembered> stepsMs_{};
    size_t steps_ = 0;
    std::optional<double> lastShownMs_;
};

} // namespace rtcroom::embedded
