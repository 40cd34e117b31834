#include <doctest/doctest.h>

#include "engine/Error.h"
#include "engine/LivePlayAttribute.h"

using namespace rtcroom::engine;

TEST_CASE("every attribute is read, and only what was given is there") {
    const LivePlayAttribute all = parseLivePlayAttribute(
        R"({"AutoAdjustCacheTime": false, "CacheTime":0.5,"MaxAutoAdjustCacheTime":3, "MinAutoAdjustCacheTime":0.25,
            "VideoBlockThreshold":600,"ConnectRetryCount":0,"ConnectRetryInterval": 7 })");
    CHECK(all.autoAdjust == false);
    CHECK(all.cacheSeconds == 0.5);
    CHECK(all.maxCacheSeconds == 3);
    CHECK(all.minCacheSeconds == 0.25);
    CHECK(all.blockThresholdMs == 600);
    CHECK(all.retryCount == 0);
    CHECK(all.retryIntervalSeconds == 7);
    CHECK(all.hasCache());
    const LivePlayAttribute none = parseLivePlayAttribute(" {} ");
    CHECK_FALSE(none.hasCache());
    CHECK_FALSE(none.blockThresholdMs);
    CHECK_FALSE(none.retryCount);
    CHECK_FALSE(none.retryIntervalSeconds);
}

TEST_CASE("attributes that are malformed, unknown or out of range are refused with their name") {
    struct Bad {
        const char *json, *named;
    };
    const Bad all[] = {
        {"", "object"},
        {"[]", "object"},
        {"{", "expected"},
        {"null", "object"},
        {R"({"CacheTime")", "expected"},
        {R"({"CacheTime":1}x)", "nothing after it"},
        {R"({"CacheTime":{"a":1}})", "CacheTime"},
        {R"({"cacheTime":1})", "cacheTime"},
        {R"({"CacheTime":0.2})", "CacheTime"},
        {R"({"CacheTime":-1})", "CacheTime"},
        {R"({"CacheTime":601})", "CacheTime"},
        {R"({"CacheTime":nan})", "CacheTime"},
        {R"({"CacheTime":"five"})", "CacheTime"},
        {R"({"AutoAdjustCacheTime":1})", "AutoAdjustCacheTime"},
        {R"({"MinAutoAdjustCacheTime":0})", "MinAutoAdjustCacheTime"},
        {R"({"MinAutoAdjustCacheTime":3,"MaxAutoAdjustCacheTime":2})", "MinAutoAdjustCacheTime"},
        {R"({"VideoBlockThreshold":0})", "VideoBlockThreshold"},
        {R"({"VideoBlockThreshold":1.5})", "VideoBlockThreshold"},
        {R"({"ConnectRetryCount":-1})", "ConnectRetryCount"},
        {R"({"ConnectRetryInterval":3601})", "ConnectRetryInterval"},
    };
    for (const Bad &bad : all) {
        CAPTURE(bad.json);
        try {
            parseLivePlayAttribute(bad.json);
            FAIL("taken");
        } catch (const EngineException &failure) {
            CHECK(failure.error().code == ErrorCode::InvalidArgument);
            CHECK(failure.error().message.find(bad.named) != std::string::npos);
        }
    }
}
