#include "embedded/qos/QosStrategy.h"

namespace rtcroom::embedded {

using std::chrono::milliseconds;

namespace {

constexpr QosStrategy fixed{.skipAfter = milliseconds(2000), .busyDelayMs = 1500};

constexpr QosStrategy live{.adjustsBitrate = true,
                           .adjustsFps = true,
                           .highDelayMs = 500,
                           .lowDelayMs = 150,
                           .cutInterval = milliseconds(1500),
                           .drainMs = 3000,
                           .risePerSecond = 0.03,
                           .stepUpAfter = milliseconds(15'000),
                           .skipAfter = milliseconds(1500),
                           .busyDelayMs = 1000};

constexpr QosStrategy liveResolution = [] {
    QosStrategy out = live;
    out.adjustsSize = true;
    return out;
}();

constexpr QosStrategy call{.adjustsBitrate = true,
                           .adjustsFps = true,
                           .adjustsSize = true,
                           .highDelayMs = 100,
                           .lowDelayMs = 60,
                           .cutInterval = milliseconds(400),
                           .drainMs = 1500,
                           .risePerSecond = 0.05,
                           .stepUpAfter = milliseconds(6000),
                           .skipAfter = milliseconds(250),
                           .busyDelayMs = 400};

} // namespace

const QosStrategy &qosStrategy(engine::AutoAdjustStrategy strategy) {
    switch (strategy) {
    case engine::AutoAdjustStrategy::LivePush:
        return live;
    case engine::AutoAdjustStrategy::LivePushResolution:
        return liveResolution;
    case engine::AutoAdjustStrategy::RealtimeVideoChat:
        return call;
    default:
        return fixed;
    }
}

} // namespace rtcroom::embedded
