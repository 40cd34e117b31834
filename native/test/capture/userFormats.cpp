#include "support.h"

#include <array>

#include "embedded/capture/UserVideoSource.h"

namespace engine = rtcroom::engine;
using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;
using engine::UserVideoFormat;

namespace {

using Pixel = std::array<int, 3>;

struct Raw {
    UserVideoFormat format;
    int width = 0;
    int height = 0;
    std::vector<uint8_t> bytes{};

    engine::UserVideo video() const {
        engine::UserVideo out{bytes.data(), bytes.size(), width, height, -1};
        out.format = format;
        return out;
    }
};

/// Y rises from left to right, U from left to right, V from top to bottom.
Raw gradient(UserVideoFormat format, int width, int height) {
    Raw out{format, width, height};
    const int chromaWidth = (width + 1) / 2;
    const int chromaHeight = (height + 1) / 2;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            out.bytes.push_back(static_cast<uint8_t>(20 + 200 * x / width));
    const auto u = [&](int x) { return static_cast<uint8_t>(40 + 160 * x / chromaWidth); };
    const auto v = [&](int y) { return static_cast<uint8_t>(50 + 150 * y / chromaHeight); };
    for (int y = 0; y < chromaHeight; ++y)
        for (int x = 0; x < chromaWidth; ++x) {
            out.bytes.push_back(u(x));
            if (format == UserVideoFormat::Nv12)
                out.bytes.push_back(v(y));
        }
    for (int y = 0; format == UserVideoFormat::I420 && y < chromaHeight; ++y)
        out.bytes.insert(out.bytes.end(), static_cast<size_t>(chromaWidth), v(y));
    return out;
}

/// One colour; its alpha is each of 0, 85, 170, 255 in turns.
Raw rgba(int width, int height, Pixel colour) {
    Raw out{UserVideoFormat::Rgba, width, height};
    for (int i = 0; i < width * height; ++i) {
        for (const int part : colour)
            out.bytes.push_back(static_cast<uint8_t>(part));
        out.bytes.push_back(static_cast<uint8_t>(i % 4 * 85));
    }
    return out;
}

Pixel pixelAt(const AVFrame &frame, int x, int y) {
    const auto at = [&](int plane, int column, int row) {
        return static_cast<int>(frame.data[plane][static_cast<ptrdiff_t>(row) * frame.linesize[plane] + column]);
    };
    return {at(0, x, y), at(1, x / 2, y / 2), at(2, x / 2, y / 2)};
}

void checkNear(Pixel given, Pixel wanted, int most) {
    for (size_t i = 0; i < 3; ++i) {
        CAPTURE(i);
        CHECK(std::abs(given[i] - wanted[i]) <= most);
    }
}

const AVFrame &captured(UserVideoSource &source, engine::Size size) {
    CapturedPicture out;
    REQUIRE(source.capture(0, 33'000, size, false, out) == CaptureResult::Picture);
    REQUIRE(out.frame->format == AV_PIX_FMT_YUV420P);
    REQUIRE(out.frame->width == size.width);
    REQUIRE(out.frame->height == size.height);
    return *out.frame;
}

} // namespace

TEST_CASE("NV12 of the application is the I420 that it would have been, of odd sizes and scaled as well") {
    for (const engine::Size size : {engine::Size{320, 180}, engine::Size{321, 181}, engine::Size{2, 2}}) {
        CAPTURE(size.width);
        for (const engine::Size to : {size, engine::Size{160, 90}}) {
            UserVideoSource planar(std::make_shared<UserClock>());
            UserVideoSource pairs(std::make_shared<UserClock>());
            planar.send(gradient(UserVideoFormat::I420, size.width, size.height).video());
            pairs.send(gradient(UserVideoFormat::Nv12, size.width, size.height).video());
            const AVFrame &wanted = captured(planar, to);
            const AVFrame &given = captured(pairs, to);
            for (int y = 0; y < to.height; y += 7)
                for (int x = 0; x < to.width; x += 5)
                    checkNear(pixelAt(given, x, y), pixelAt(wanted, x, y), 1);
        }
    }
}

TEST_CASE("RGBA of the application is BT.601 of limited range, whatever its alpha") {
    struct Case {
        Pixel rgb;
        Pixel yuv;
    };
    // Y = 16 + 219 (0.299 R + 0.587 G + 0.114 B), and so on.
    for (const Case &each :
         {Case{{255, 0, 0}, {81, 90, 240}}, Case{{0, 255, 0}, {145, 54, 34}}, Case{{0, 0, 255}, {41, 240, 110}},
          Case{{255, 255, 255}, {235, 128, 128}}, Case{{0, 0, 0}, {16, 128, 128}}}) {
        CAPTURE(each.yuv[0]);
        for (const engine::Size to : {engine::Size{64, 36}, engine::Size{128, 72}}) {
            UserVideoSource source(std::make_shared<UserClock>());
            source.send(rgba(64, 36, each.rgb).video());
            const AVFrame &picture = captured(source, to);
            for (int x = 0; x < to.width; x += 9)
                checkNear(pixelAt(picture, x, to.height / 2), each.yuv, 2);
        }
    }
}

TEST_CASE("one source takes raw formats in turns, and the memory of one is not another's") {
    UserVideoSource source(std::make_shared<UserClock>());
    for (int i = 0; i < 4; ++i) {
        source.send(rgba(64, 36, {255, 0, 0}).video());
        checkNear(pixelAt(captured(source, {64, 36}), 32, 18), {81, 90, 240}, 2);
        source.send(gradient(UserVideoFormat::Nv12, 64, 36).video());
        checkNear(pixelAt(captured(source, {64, 36}), 32, 18), {120, 120, 125}, 1);
        source.send(gradient(UserVideoFormat::I420, 64, 36).video());
        checkNear(pixelAt(captured(source, {64, 36}), 32, 18), {120, 120, 125}, 1);
    }
}

TEST_CASE("pictures of a wrong number of bytes are refused, and the one before stays") {
    UserVideoSource source(std::make_shared<UserClock>());
    source.send(rgba(64, 36, {255, 0, 0}).video());
    for (Raw raw : {gradient(UserVideoFormat::Nv12, 64, 36), rgba(64, 36, {0, 0, 0}), rgba(63, 35, {0, 0, 0})})
        for (const int change : {-1, 1}) {
            Raw wrong = raw;
            wrong.bytes.resize(static_cast<size_t>(static_cast<int>(raw.bytes.size()) + change));
            CHECK(codeOf([&] { source.send(wrong.video()); }) == ErrorCode::InvalidArgument);
            wrong.bytes.clear();
            CHECK(codeOf([&] { source.send(wrong.video()); }) == ErrorCode::InvalidArgument);
            raw.width = 1 << 30;
            CHECK(codeOf([&] { source.send(raw.video()); }) == ErrorCode::InvalidArgument);
        }
    CHECK(source.takeDropped() == 0);
    checkNear(pixelAt(captured(source, {64, 36}), 32, 18), {81, 90, 240}, 2);
}
