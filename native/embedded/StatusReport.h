#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "embedded/CpuMeter.h"
#include "engine/Status.h"

namespace rtcroom::embedded {

/// Differences of counters over the time between two samples.
class RateOver {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    RateOver(TimePoint from, TimePoint to) : seconds_(std::chrono::duration<double>(to - from).count()) {}
    double perSecond(uint64_t before, uint64_t now) const {
        // A counter that went back belongs to a new session.
        return seconds_ > 0 && now >= before ? static_cast<double>(now - before) / seconds_ : 0;
    }
    double kbps(uint64_t bytesBefore, uint64_t bytesNow) const { return perSecond(bytesBefore, bytesNow) * 8 / 1000; }

  private:
    double seconds_;
};

/// Collects one NET_STATUS report.
class StatusReport {
  public:
    void set(const char *key, double value) { status_.emplace_back(key, value); }
    void set(const char *key, int value) { status_.emplace_back(key, static_cast<double>(value)); }
    void set(const char *key, const std::string &value) { status_.emplace_back(key, value); }
    void cpu(const CpuMeter::Reading &reading) {
        if (reading.process)
            set("CPU_USAGE", *reading.process);
        if (reading.device)
            set("CPU_USAGE_DEVICE", *reading.device);
    }
    engine::Status take() { return std::move(status_); }

  private:
    engine::Status status_;
};

} // namespace rtcroom::embedded
