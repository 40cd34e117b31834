#include <doctest/doctest.h>

#include <vector>

#include "embedded/capture/ClockPattern.h"
#include "embedded/media/ffmpeg.h"

using namespace rtcroom::embedded;

namespace {
// Damaged files make FFmpeg talk.
[[maybe_unused]] const bool quiet = (av_log_set_level(AV_LOG_QUIET), true);
} // namespace

TEST_CASE("the clock block reads back at any size and fails on damage") {
    for (const auto &[width, height] :
         {std::pair{64, 64}, {65, 97}, {320, 180}, {480, 272}, {640, 360}, {1920, 1080}}) {
        CAPTURE(width);
        CAPTURE(height);
        const int stride = width + 13;
        std::vector<uint8_t> luma(static_cast<size_t>(stride) * height, 120);
        const ClockReading reading{1'764'000'123'456'789 & ((int64_t{1} << 52) - 1), 0x0abcdef1};
        ClockPattern::draw(luma.data(), stride, width, height, reading);
        const auto back = ClockPattern::read(luma.data(), stride, width, height);
        REQUIRE(back);
        CHECK(*back == reading);
        CHECK(luma[static_cast<size_t>(height / 3) * stride] == 120);
        for (int y = 0; y < height / 3; ++y)
            for (int x = 0; x < width / 16; ++x)
                luma[static_cast<size_t>(y) * stride + x] = 120;
        luma[0] = 120;
        // The left column holds ones and zeros; all as zero is another block.
        CHECK_FALSE(ClockPattern::read(luma.data(), stride, width, height));
    }
}

TEST_CASE("a picture without a block or below 64 x 64 has no reading") {
    std::vector<uint8_t> luma(64 * 64, 90);
    CHECK_FALSE(ClockPattern::read(luma.data(), 64, 64, 64));
    ClockPattern::draw(luma.data(), 64, 63, 64, {1, 2});
    CHECK(luma == std::vector<uint8_t>(64 * 64, 90));
    CHECK_FALSE(ClockPattern::read(luma.data(), 64, 63, 64));
}

TEST_CASE("the block is laid out bit for bit as documented") {
    std::vector<uint8_t> luma(160 * 180, 0);
    // Clock's first bit, frame's last bit set: cell 0 and cell 79 of 96.
    ClockPattern::draw(luma.data(), 160, 160, 180, {int64_t{1} << 51, 1});
    const auto cell = [&](int index) {
        return luma[static_cast<size_t>((index / 16) * 10 + 5) * 160 + static_cast<size_t>((index % 16) * 10 + 5)];
    };
    CHECK(cell(0) == 210);
    for (int i = 1; i < 79; ++i)
        CHECK(cell(i) == 40);
    CHECK(cell(79) == 210);
}
