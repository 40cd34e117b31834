#include "embedded/playout/PlayoutSettings.h"

#include <algorithm>

namespace rtcroom::embedded {

PlayoutSettings playoutSettings(engine::PlayType type, const engine::LivePlayAttribute &attribute) {
    PlayoutSettings settings;
    double fixedMs = 200;
    if (type != engine::PlayType::LiveRtmpAcc) {
        settings = {.minDelayMs = 1000,
                    .maxDelayMs = 5000,
                    .freeJitterMs = 0,
                    .syncSlackMs = 0,
                    .catchUpRate = 1.125,
                    .farBehindMs = 2000};
        fixedMs = 5000;
    }
    if (attribute.autoAdjust.value_or(true)) {
        // A default gives way to the bound that was given.
        if (attribute.minCacheSeconds) {
            settings.minDelayMs = *attribute.minCacheSeconds * 1000;
            settings.maxDelayMs = std::max(settings.maxDelayMs, settings.minDelayMs);
        }
        if (attribute.maxCacheSeconds) {
            settings.maxDelayMs = *attribute.maxCacheSeconds * 1000;
            settings.minDelayMs = std::min(settings.minDelayMs, settings.maxDelayMs);
        }
    } else {
        if (attribute.cacheSeconds)
            fixedMs = *attribute.cacheSeconds * 1000;
        settings.minDelayMs = settings.maxDelayMs = fixedMs;
    }
    settings.blockThresholdMs = attribute.blockThresholdMs.value_or(settings.blockThresholdMs);
    return settings;
}

} // namespace rtcroom::embedded
