#pragma once

#include <cstdint>
#include <optional>

namespace rtcroom::embedded {

/// Interarrival jitter as RFC 3550 §6.4.1 defines it: the smoothed difference between spacing at arrival and spacing in
/// the stream, ms.
class ArrivalJitter {
  public:
    void note(int64_t arrivalUs, int64_t dtsMs);
    double ms() const { return jitterMs_; }

  private:
    std::optional<double> lastTransitMs_;
    double jitterMs_ = 0;
};

} // namespace rtcroom::embedded
