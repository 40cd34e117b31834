#include "embedded/CpuTimes.h"

#include <fstream>
#include <string>
#include <sys/resource.h>

namespace rtcroom::embedded {

std::optional<double> processCpuSeconds() {
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return std::nullopt;
    const auto seconds = [](const timeval &t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::optional<MachineTimes> machineTimes() {
    std::ifstream stat("/proc/stat");
    std::string label;
    if (!(stat >> label) || label != "cpu")
        return std::nullopt;
    MachineTimes machine;
    double value = 0;
    // user nice system idle iowait irq softirq steal; guest times are part of user.
    for (int field = 0; field < 8 && stat >> value; ++field) {
        machine.total += value;
        if (field != 3 && field != 4)
            machine.busy += value;
    }
    return machine;
}

} // namespace rtcroom::embedded
