#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <vector>

#include "embedded/media/PictureOutput.h"

using namespace rtcroom::embedded;
namespace engine = rtcroom::engine;

namespace {

/// Left half dark, right half light, at V rising from top to bottom.
FramePtr halves(int width, int height, AVPixelFormat format = AV_PIX_FMT_YUV420P) {
    FramePtr frame(av_frame_alloc());
    frame->format = format;
    frame->width = width;
    frame->height = height;
    frame->pts = 40;
    REQUIRE(av_frame_get_buffer(frame.get(), 0) >= 0);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            frame->data[0][static_cast<ptrdiff_t>(y) * frame->linesize[0] + x] = x < width / 2 ? 40 : 200;
    const int chromaHeight = format == AV_PIX_FMT_YUV444P ? height : (height + 1) / 2;
    const int chromaWidth = format == AV_PIX_FMT_YUV444P ? width : (width + 1) / 2;
    for (int y = 0; y < chromaHeight; ++y)
        for (int x = 0; x < chromaWidth; ++x) {
            frame->data[1][static_cast<ptrdiff_t>(y) * frame->linesize[1] + x] = 128;
            frame->data[2][static_cast<ptrdiff_t>(y) * frame->linesize[2] + x] =
                static_cast<uint8_t>(100 + 50 * y / chromaHeight);
        }
    return frame;
}

int lumaAt(const engine::VideoFrame &picture, int x, int y) {
    return picture.buffer->data()[static_cast<size_t>(y * picture.width + x)];
}

/// Of U (1) or V (2).
int chromaAt(const engine::VideoFrame &picture, int plane, int x, int y) {
    const int width = (picture.width + 1) / 2;
    const int height = (picture.height + 1) / 2;
    return picture.buffer->data()[static_cast<size_t>(picture.width * picture.height + (plane - 1) * width * height +
                                                      y / 2 * width + x / 2)];
}

engine::VideoFrame taken(const AVFrame &frame, engine::OutputVideoFormat format, engine::OutputVideoOptions options) {
    PictureOutput output;
    output.set(format, options);
    auto picture = output.take(frame, frame.pts);
    REQUIRE(picture);
    CHECK(picture->timestampMs == 40);
    CHECK(picture->size == engine::pictureSize(picture->format, picture->width, picture->height));
    return *picture;
}

std::vector<int64_t> thinned(double sourceFps, double fps, int64_t beginMs = 0) {
    PictureThinner thinner;
    std::vector<int64_t> out;
    for (int i = 0; i < static_cast<int>(sourceFps * 10); ++i) {
        const int64_t atMs = beginMs + std::llround(i * 1000 / sourceFps);
        if (thinner.takes(atMs, fps))
            out.push_back(atMs - beginMs);
    }
    return out;
}

} // namespace

TEST_CASE("a picture is handed out in the size that was asked for, its ratio kept") {
    struct Case {
        engine::Size own;
        engine::OutputVideoOptions options;
        engine::Size whole;
    };
    for (const Case &each : {
             Case{{320, 180}, {}, {320, 180}},
             Case{{320, 180}, {160, 0}, {160, 90}},
             Case{{320, 180}, {0, 360}, {640, 360}},
             Case{{320, 180}, {0, 120}, {214, 120}},
             Case{{321, 181}, {321, 0}, {321, 181}},
             Case{{321, 181}, {0, 91}, {162, 91}},
             Case{{64, 2}, {2, 0}, {2, 2}},
             Case{{2, 64}, {8192, 0}, {8192, 8192}},
         })
        for (const auto format : {engine::OutputVideoFormat::I420, engine::OutputVideoFormat::RGBA}) {
            CAPTURE(each.whole.width);
            const engine::VideoFrame picture = taken(*halves(each.own.width, each.own.height), format, each.options);
            CHECK(picture.width == each.whole.width);
            CHECK(picture.height == each.whole.height);
            if (format == engine::OutputVideoFormat::RGBA || picture.width < 16 || picture.height < 16)
                continue;
            const int middle = picture.height / 2;
            CHECK(std::abs(lumaAt(picture, picture.width / 4, middle) - 40) <= 2);
            CHECK(std::abs(lumaAt(picture, picture.width * 3 / 4, middle) - 200) <= 2);
            // The last pixel of a row and the first ones of a plane are their own.
            CHECK(std::abs(lumaAt(picture, picture.width - 1, picture.height - 1) - 200) <= 2);
            CHECK(std::abs(chromaAt(picture, 1, 0, 0) - 128) <= 1);
            CHECK(std::abs(chromaAt(picture, 2, 0, 0) - 100) <= 3);
            CHECK(std::abs(chromaAt(picture, 2, picture.width - 1, middle) - 125) <= 3);
        }
}

TEST_CASE("with both sides given the whole picture is between black bars") {
    for (const auto pixels : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV444P}) {
        const FramePtr wide = halves(320, 180, pixels);
        const engine::VideoFrame high = taken(*wide, engine::OutputVideoFormat::I420, {160, 161});
        REQUIRE(high.height == 161);
        // 90 rows from the 34th on.
        for (const int y : {0, 33, 124, 160}) {
            CAPTURE(y);
            for (const int x : {0, 79, 159})
                CHECK(lumaAt(high, x, y) == 16);
        }
        CHECK(chromaAt(high, 2, 80, 10) == 128);
        CHECK(std::abs(lumaAt(high, 20, 36) - 40) <= 2);
        CHECK(std::abs(lumaAt(high, 140, 122) - 200) <= 2);
        CHECK(std::abs(chromaAt(high, 2, 80, 80) - 125) <= 3);

        const engine::VideoFrame broad = taken(*wide, engine::OutputVideoFormat::RGBA, {301, 90});
        const auto pixelAt = [&](int x, int y) {
            const uint8_t *at = broad.buffer->data() + static_cast<ptrdiff_t>(y * broad.width + x) * 4;
            return std::array<int, 4>{at[0], at[1], at[2], at[3]};
        };
        const std::array<int, 4> black{0, 0, 0, 255};
        for (const int y : {0, 45, 89})
            for (const int x : {0, 69, 230, 300})
                CHECK(pixelAt(x, y) == black);
        CHECK(pixelAt(80, 45)[1] < 60);
        CHECK(pixelAt(220, 45)[1] > 180);
        CHECK(pixelAt(220, 45)[3] == 255);
    }
}

TEST_CASE("pictures are thinned out evenly, to no more than were asked for") {
    CHECK(thinned(30, 10).size() == 100);
    CHECK(thinned(30, 20).size() == 200);
    CHECK(thinned(25, 10).size() == 100);
    CHECK(thinned(15, 15).size() == 150);
    CHECK(thinned(15, 30).size() == 150);
    CHECK(thinned(60, 0.5).size() == 5);
    CHECK(thinned(30, 7).size() <= 70);
    CHECK(thinned(30, 7).size() >= 69);
    for (const double fps : {1.0, 5.0, 10.0, 24.0}) {
        const auto times = thinned(30, fps, 1'000'000);
        for (size_t i = 1; i < times.size(); ++i)
            CHECK(std::abs(static_cast<double>(times[i] - times[i - 1]) - 1000 / fps) <= 34);
    }
}

TEST_CASE("a thinned stream goes on at once after a gap and a jump back") {
    PictureThinner thinner;
    CHECK(thinner.takes(1000, 5));
    CHECK_FALSE(thinner.takes(1100, 5));
    CHECK(thinner.takes(9000, 5));
    CHECK_FALSE(thinner.takes(9100, 5));
    CHECK(thinner.takes(9200, 5));
    CHECK(thinner.takes(50, 5));
    CHECK_FALSE(thinner.takes(150, 5));
    CHECK(thinner.takes(250, 5));
}

TEST_CASE("other options hold from the next picture on, and none hand out what there is") {
    PictureOutput output;
    const FramePtr frame = halves(320, 180);
    CHECK_FALSE(output.take(*frame, 0));
    output.set(engine::OutputVideoFormat::I420, {160, 0, 1});
    CHECK(output.take(*frame, 0)->width == 160);
    CHECK_FALSE(output.take(*frame, 40));
    output.set(engine::OutputVideoFormat::RGBA, {});
    for (const int64_t at : {80, 120, 160}) {
        const auto picture = output.take(*frame, at);
        REQUIRE(picture);
        CHECK(picture->width == 320);
        CHECK(picture->format == engine::PixelFormat::RGBA);
    }
}
