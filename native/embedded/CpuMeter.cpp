#include "embedded/CpuMeter.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

#ifndef _WIN32
#include <sys/resource.h>
#endif

namespace rtcroom::embedded {
namespace {

std::optional<double> processSeconds() {
#ifdef _WIN32
    return std::nullopt;
#else
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return std::nullopt;
    const auto seconds = [](const timeval &t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
#endif
}

double percent(double part, double whole) { return whole > 0 ? std::clamp(part / whole * 100, 0.0, 100.0) : 0; }

} // namespace

CpuMeter::CpuMeter()
    : lastAt_(std::chrono::steady_clock::now()), lastProcess_(processSeconds()), lastMachine_(machineTimes()) {}

std::optional<CpuMeter::Machine> CpuMeter::machineTimes() {
    std::ifstream stat("/proc/stat");
    std::string label;
    if (!(stat >> label) || label != "cpu")
        return std::nullopt;
    Machine machine;
    double value = 0;
    // user nice system idle iowait irq softirq steal; guest times are part of user.
    for (int field = 0; field < 8 && stat >> value; ++field) {
        machine.total += value;
        if (field != 3 && field != 4)
            machine.busy += value;
    }
    return machine;
}

CpuMeter::Reading CpuMeter::read() {
    const auto now = std::chrono::steady_clock::now();
    const auto process = processSeconds();
    const auto machine = machineTimes();
    Reading reading;
    if (process && lastProcess_) {
        const double wall = std::chrono::duration<double>(now - lastAt_).count();
        const double cores = std::max(1U, std::thread::hardware_concurrency());
        reading.process = percent(*process - *lastProcess_, wall * cores);
    }
    if (machine && lastMachine_)
        reading.device = percent(machine->busy - lastMachine_->busy, machine->total - lastMachine_->total);
    lastAt_ = now;
    lastProcess_ = process;
    lastMachine_ = machine;
    return reading;
}

} // namespace rtcroom::embedded
