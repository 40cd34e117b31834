#pragma once

namespace rtcroom::embedded {

/// Takes out how two clocks drift apart, by resampling: tells how much shorter sound must become for the amount that is
/// buffered between them to stay as it is wanted. What real clocks differ by (0.1 % at most) leaves 2 ms of it.
class DriftControl {
  public:
    /// No more than this is changed; it is a sixth of a semitone.
    static constexpr double most = 0.01;

    /// @param surplusMs buffered beyond what is wanted
    /// @param elapsedMs since the call before
    /// @return by which part the sound should be shorter; below 0 longer
    double note(double surplusMs, double elapsedMs);
    void reset() { averageMs_ = 0; }

  private:
    double averageMs_ = 0;
};

} // namespace rtcroom::embedded
