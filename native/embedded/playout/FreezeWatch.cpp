#include "embedded/playout/FreezeWatch.h"

#include <algorithm>
#include <utility>

namespace rtcroom::embedded {

void FreezeWatch::noteStep(double stepMs) {
    if (stepMs > 0)
        stepsMs_[steps_++ % remembered] = stepMs;
}

std::optional<double> FreezeWatch::shown(double nowMs, double thresholdMs) {
    const std::optional<double> before = std::exchange(lastShownMs_, nowMs);
    if (!before)
        return std::nullopt;
    const double stoodMs = nowMs - *before;
    // Of a stream of few pictures: each stands for long, and comes as unevenly as others do.
    const bool unusual = stoodMs > usualStepMs() + thresholdMs / 2;
    return stoodMs > thresholdMs && unusual ? std::optional(stoodMs) : std::nullopt;
}

double FreezeWatch::usualStepMs() const {
    const size_t count = std::min(steps_, remembered);
    if (count == 0)
        return 0;
    auto sorted = stepsMs_;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>((count - 1) / 2);
    std::nth_element(sorted.begin(), middle, sorted.begin() + static_cast<std::ptrdiff_t>(count));
    return *middle;
}

} // namespace rtcroom::embedded
