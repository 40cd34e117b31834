#include "embedded/CpuTimes.h"

#include <windows.h>

namespace rtcroom::embedded {

namespace {

// FILETIME counts 100 ns.
double seconds(const FILETIME &time) {
    return ((static_cast<unsigned long long>(time.dwHighDateTime) << 32) | time.dwLowDateTime) * 1e-7;
}

} // namespace

std::optional<double> processCpuSeconds() {
    FILETIME created, ended, kernel, user;
    if (!GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user))
        return std::nullopt;
    return seconds(kernel) + seconds(user);
}

std::optional<MachineTimes> machineTimes() {
    FILETIME idle, kernel, user;
    if (!GetSystemTimes(&idle, &kernel, &user))
        return std::nullopt;
    // The kernel's time includes the idle time.
    const double total = seconds(kernel) + seconds(user);
    return MachineTimes{total - seconds(idle), total};
}

} // namespace rtcroom::embedded
