#pragma once

#include <optional>

namespace rtcroom::embedded {

/// Seconds of CPU that this process has used, on all cores; nothing where the platform does not tell.
std::optional<double> processCpuSeconds();

/// Of all cores since the machine's start, in one unit whichever it is.
struct MachineTimes {
    double busy = 0;
    double total = 0;
};
std::optional<MachineTimes> machineTimes();

} // namespace rtcroom::embedded
