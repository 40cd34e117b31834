#include "embedded/CpuMeter.h"

#include <algorithm>
#include <thread>

namespace rtcroom::embedded {
namespace {

double percent(double part, double whole) { return whole > 0 ? std::clamp(part / whole * 100, 0.0, 100.0) : 0; }

} // namespace

CpuMeter::CpuMeter()
    : lastAt_(std::chrono::steady_clock::now()), lastProcess_(processCpuSeconds()), lastMachine_(machineTimes()) {}

CpuMeter::Reading CpuMeter::read() {
    const auto now = std::chrono::steady_clock::now();
    const auto process = processCpuSeconds();
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
