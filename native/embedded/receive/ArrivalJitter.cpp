#include "embedded/receive/ArrivalJitter.h"

#include <cmath>

namespace rtcroom::embedded {

void ArrivalJitter::note(int64_t arrivalUs, int64_t dtsMs) {
    const double transitMs = static_cast<double>(arrivalUs) / 1000 - static_cast<double>(dtsMs);
    if (lastTransitMs_)
        jitterMs_ += (std::abs(transitMs - *lastTransitMs_) - jitterMs_) / 16;
    lastTransitMs_ = transitMs;
}

} // namespace rtcroom::embedded
