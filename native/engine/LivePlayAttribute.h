#pragma once

#include <optional>
#include <string>

namespace rtcroom::engine {

/// setLivePlayAttribute's JSON, one flat object. A member that is absent was not given: its default holds.
struct LivePlayAttribute {
    /// AutoAdjustCacheTime: false holds the cache at `cacheSeconds`.
    std::optional<bool> autoAdjust{};
    /// CacheTime, MinAutoAdjustCacheTime and MaxAutoAdjustCacheTime: more than 0.2 and up to 600 s.
    std::optional<double> cacheSeconds{};
    std::optional<double> minCacheSeconds{};
    std::optional<double> maxCacheSeconds{};
    /// VideoBlockThreshold: 1 to 1,000,000 ms.
    std::optional<int> blockThresholdMs{};
    /// ConnectRetryCount: 0 to 1,000,000.
    std::optional<int> retryCount{};
    /// ConnectRetryInterval: 0 to 3600 s.
    std::optional<int> retryIntervalSeconds{};

    bool hasCache() const { return autoAdjust || cacheSeconds || minCacheSeconds || maxCacheSeconds; }
};

/// Throws InvalidArgument that names the offending key; keys that the SDK does not have are refused.
LivePlayAttribute parseLivePlayAttribute(const std::string &json);

} // namespace rtcroom::engine
