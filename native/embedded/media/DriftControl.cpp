#include "embedded/media/DriftControl.h"

#include <algorithm>

namespace rtcroom::embedded {

namespace {

/// Blocks come and go by the jitter of threads, which is no drift.
constexpr double smoothingMs = 1000;
/// A surplus of 1 ms is made up for at 0.5 ms a second: with the smoothing above it does not swing.
constexpr double partPerMs = 0.0005;

} // namespace

double DriftControl::note(double surplusMs, double elapsedMs) {
    averageMs_ += (surplusMs - averageMs_) * std::clamp(elapsedMs / smoothingMs, 0.0, 1.0);
    return std::clamp(averageMs_ * partPerMs, -most, most);
}

} // namespace rtcroom::embedded
