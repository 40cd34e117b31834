#include <doctest/doctest.h>

#include "engine/Options.h"
#include "test/support/CodeOf.h"

using namespace rtcroom::engine;
using rtcroom::test::codeOf;

TEST_CASE("resolutions have the SDK's numbers and sizes that an encoder takes") {
    CHECK(resolutionSize(103) == Size{640, 360});
    CHECK(resolutionSize(3) == Size{640, 480});
    CHECK(resolutionSize(205) == Size{720, 1280});
    CHECK(resolutionSize(106) == Size{1920, 1080});
    CHECK(resolutionSize(206) == Size{1080, 1920});
    for (const int value :
         {1, 2, 3, 4, 5, 50, 51, 52, 53, 54, 101, 102, 103, 104, 105, 106, 201, 202, 203, 204, 205, 206}) {
        const Size size = resolutionSize(value);
        CHECK(size.width % 2 == 0);
        CHECK(size.height % 2 == 0);
    }
    for (const int value : {0, -1, 6, 49, 100, 107, 207, 1 << 30})
        CHECK(codeOf([&] { (void)resolutionSize(value); }) == ErrorCode::InvalidArgument);
}

TEST_CASE("quality presets stand for the documented size and bitrate") {
    const QualityParams standard = qualityParams(VideoQualityPreset::Standard, VideoRatio::R16x9);
    CHECK(standard.size == Size{640, 360});
    CHECK(standard.minBitrateKbps == 400);
    CHECK(standard.maxBitrateKbps == 800);
    CHECK(qualityParams(VideoQualityPreset::Super, VideoRatio::R16x9).bitrateKbps == 1500);
    CHECK(qualityParams(VideoQualityPreset::Super, VideoRatio::R9x16).size == Size{720, 1280});
    CHECK(qualityParams(VideoQualityPreset::RealtimeVideoChat, VideoRatio::R4x3).strategy ==
          AutoAdjustStrategy::RealtimeVideoChat);
}

TEST_CASE("every preset at every ratio is a size whose sides are even and of that shape") {
    for (int preset = 1; preset <= 7; ++preset)
        for (int ratio = 0; ratio <= 2; ++ratio) {
            const auto params = qualityParams(static_cast<VideoQualityPreset>(preset), static_cast<VideoRatio>(ratio));
            CAPTURE(preset);
            CAPTURE(ratio);
            CHECK(params.size.width % 2 == 0);
            CHECK(params.size.height % 2 == 0);
            CHECK((params.size.width > params.size.height) == (ratio != 2));
            CHECK(params.minBitrateKbps <= params.bitrateKbps);
            CHECK(params.bitrateKbps <= params.maxBitrateKbps);
        }
    CHECK(codeOf([] { (void)qualityParams(static_cast<VideoQualityPreset>(8), VideoRatio::R4x3); }) ==
          ErrorCode::InvalidArgument);
    CHECK(codeOf([] { (void)qualityParams(VideoQualityPreset::High, static_cast<VideoRatio>(3)); }) ==
          ErrorCode::InvalidArgument);
}
