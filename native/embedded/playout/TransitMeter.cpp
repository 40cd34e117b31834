#include "embedded/playout/TransitMeter.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace rtcroom::embedded {

namespace {

constexpr double slotMs = 250;
constexpr size_t slotCount = 20;

} // namespace

void TransitMeter::note(double transitMs, double nowMs) {
    const auto number = static_cast<int64_t>(std::floor(nowMs / slotMs));
    while (!slots_.empty() && slots_.front().number <= number - static_cast<int64_t>(slotCount))
        slots_.pop_front();
    if (slots_.empty() || slots_.back().number != number)
        slots_.push_back({number, transitMs, transitMs});
    slots_.back().least = std::min(slots_.back().least, transitMs);
    slots_.back().most = std::max(slots_.back().most, transitMs);
}

double TransitMeter::baseMs() const {
    double base = slots_.empty() ? 0 : slots_.front().least;
    for (const Slot &slot : slots_)
        base = std::min(base, slot.least);
    return base;
}

double TransitMeter::jitterMs() const {
    if (slots_.empty())
        return 0;
    std::array<double, slotCount> most{};
    const size_t count = std::min(slots_.size(), slotCount);
    // Of all quarters of that time: those in which a stall let nothing through are no reason to tolerate fewer.
    const auto passed = static_cast<size_t>(slots_.back().number - slots_.front().number + 1);
    for (size_t i = 0; i < count; ++i)
        most[i] = slots_[i].most;
    const auto begin = most.begin(), end = begin + static_cast<std::ptrdiff_t>(count);
    const auto chosen = begin + static_cast<std::ptrdiff_t>(std::min(passed / 10, count - 1));
    std::nth_element(begin, chosen, end, std::greater<>());
    return *chosen - baseMs();
}

} // namespace rtcroom::embedded
