#pragma once

#include <chrono>
#include <optional>

#include "embedded/CpuTimes.h"

namespace rtcroom::embedded {

/// CPU use since the last reading, in percent of the whole machine (all cores), as the SDK reports it.
class CpuMeter {
  public:
    CpuMeter();
    struct Reading {
        /// Of this process; absent where the platform does not tell.
        std::optional<double> process;
        /// Of everything on the machine.
        std::optional<double> device;
    };
    Reading read();

  private:
    std::chrono::steady_clock::time_point lastAt_;
    std::optional<double> lastProcess_;
    std::optional<MachineTimes> lastMachine_;
};

} // namespace rtcroom::embedded
