#include "support.h"

#include <array>
#include <atomic>
#include <thread>

#include "embedded/capture/I420Frame.h"

using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;

namespace {

constexpr int WIDTH = 320;
constexpr int HEIGHT = 180;

/// The same picture again and again, as an application sends it, from a thread of its own.
class Camera {
  public:
    Camera(PushPipeline &pipeline, const std::function<uint8_t(int x, int y)> &luma) {
        const size_t chroma = WIDTH / 2 * HEIGHT / 2;
        for (int y = 0; y < HEIGHT; ++y)
            for (int x = 0; x < WIDTH; ++x)
                picture_.push_back(luma(x, y));
        picture_.resize(picture_.size() + 2 * chroma, 128);
        thread_ = std::thread([this, &pipeline] {
            while (!ended_) {
                pipeline.sendUserVideo({picture_.data(), picture_.size(), WIDTH, HEIGHT, -1});
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            }
        });
    }
    ~Camera() {
        ended_ = true;
        thread_.join();
    }

  private:
    std::vector<uint8_t> picture_;
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

/// Good enough that the codec hides nothing.
const VideoSettings FINE{WIDTH, HEIGHT, 30, 8000, 1};

/// What goes out some pictures after now, decoded.
FramePtr pictureNow(PushPipeline &pipeline, Sink &sink) {
    pipeline.requestKeyFrame();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 8));
    FramePtr last;
    decodePictures(sink.of(MediaKind::Video), [&](const AVFrame &frame) { last.reset(av_frame_clone(&frame)); });
    REQUIRE(last);
    return last;
}

int at(const AVFrame &frame, int plane, int x, int y) {
    const int shift = plane == 0 ? 0 : 1;
    return frame.data[plane][static_cast<ptrdiff_t>(y >> shift) * frame.linesize[plane] + (x >> shift)];
}

/// Mean distance from `middle` over a part of the luma.
double texture(const AVFrame &frame, int left, int right, double middle) {
    double sum = 0;
    int count = 0;
    for (int y = 20; y < HEIGHT - 20; ++y)
        for (int x = left; x < right; ++x, ++count)
            sum += std::abs(at(frame, 0, x, y) - middle);
    return sum / count;
}

/// Skin with its texture at the left, from the middle on something much lighter.
uint8_t skin(int x, int y) { return static_cast<uint8_t>(x >= WIDTH / 2 ? 200 : 90 + ((x + y) % 2 ? 7 : -7)); }

bool isRed(const AVFrame &frame, int x, int y) {
    return std::abs(at(frame, 0, x, y) - 81) < 12 && at(frame, 2, x, y) > 200;
}

bool isGrey(const AVFrame &frame, int x, int y) {
    return std::abs(at(frame, 0, x, y) - 128) < 8 && std::abs(at(frame, 2, x, y) - 128) < 8;
}

} // namespace

TEST_CASE("beauty smooths a texture and leaves edges, by its level, and off is as it was") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), FINE, {});
    pipeline.openVideo({SourceKind::User, ""});
    const Camera camera(pipeline, skin);
    pipeline.start();
    const auto textureNow = [&] { return texture(*pictureNow(pipeline, sink), 20, 140, 90); };
    const double plain = textureNow();
    CHECK(plain > 5);
    pipeline.setBeauty(0, 9, 0);
    const FramePtr smooth = pictureNow(pipeline, sink);
    CHECK(texture(*smooth, 20, 140, 90) < plain / 4);
    // The edge moves by what the level allows, 22, and no more.
    for (const int x : {WIDTH / 2 - 6, WIDTH / 2 - 2})
        CHECK(at(*smooth, 0, x, 90) <= 97 + 26);
    for (const int x : {WIDTH / 2 + 2, WIDTH / 2 + 6})
        CHECK(at(*smooth, 0, x, 90) >= 200 - 26);
    // Less, and less of it in the milder style.
    pipeline.setBeauty(1, 2, 0);
    const double mild = textureNow();
    CHECK(mild > plain / 4);
    CHECK(mild < plain * 0.8);
    // Blur knows no edges.
    pipeline.setBeauty(2, 9, 0);
    const FramePtr blurred = pictureNow(pipeline, sink);
    CHECK(at(*blurred, 0, WIDTH / 2, 90) < 200 - 26);
    pipeline.setBeauty(2, 0, 0);
    CHECK(textureNow() == doctest::Approx(plain).epsilon(0.15));
    pipeline.stop();
}

TEST_CASE("whitening lightens what is between black and white, and no colour") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), FINE, {});
    pipeline.openVideo({SourceKind::User, ""});
    const Camera camera(pipeline, [](int x, int) { return static_cast<uint8_t>(x < 100 ? 16 : x < 200 ? 100 : 235); });
    pipeline.start();
    pipeline.setBeauty(0, 0, 9);
    const FramePtr frame = pictureNow(pipeline, sink);
    // 16 + 219 · (84 / 219) ^ 0.595
    CHECK(at(*frame, 0, 150, 90) == doctest::Approx(140).epsilon(0.03));
    CHECK(at(*frame, 0, 50, 90) == doctest::Approx(16).epsilon(0.2));
    CHECK(at(*frame, 0, 270, 90) == doctest::Approx(235).epsilon(0.02));
    CHECK(at(*frame, 1, 150, 90) == doctest::Approx(128).epsilon(0.02));
    pipeline.setBeauty(0, 0, 3);
    const FramePtr less = pictureNow(pipeline, sink);
    CHECK(at(*less, 0, 150, 90) > 104);
    CHECK(at(*less, 0, 150, 90) < 130);
    pipeline.stop();
}

TEST_CASE("beauty's numbers are checked, and what is refused changes nothing") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), FINE, {});
    pipeline.openVideo({SourceKind::User, ""});
    const Camera camera(pipeline, skin);
    pipeline.setBeauty(0, 9, 0);
    for (const auto &[style, beauty, whiteness] :
         {std::array{3, 1, 1}, std::array{-1, 1, 1}, std::array{0, 10, 0}, std::array{0, -1, 0}, std::array{0, 0, 10}})
        CHECK(codeOf([&] { pipeline.setBeauty(style, beauty, whiteness); }) == ErrorCode::InvalidArgument);
    pipeline.start();
    CHECK(texture(*pictureNow(pipeline, sink), 20, 140, 90) < 2);
    pipeline.stop();
}

TEST_CASE("a watermark lies where it was put, at its width, through a mirror and another size, and goes away") {
    const TempFolder folder;
    // Red with a transparent lower half.
    const std::string mark = folder.make("mark.png", "-f lavfi -i \"color=red:size=64x64,format=rgba,"
                                                     "geq=r=255:g=0:b=0:a='255*lt(Y,32)'\" -frames:v 1");
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), FINE, {});
    pipeline.openVideo({SourceKind::User, ""});
    const Camera camera(pipeline, [](int, int) { return uint8_t{128}; });
    pipeline.start();
    // 64 of 320 pixels wide and as high, from (160, 45) on.
    pipeline.setWatermark(mark, 0.5, 0.25, 0.2);
    FramePtr frame = pictureNow(pipeline, sink);
    CHECK(isRed(*frame, 164, 50));
    CHECK(isRed(*frame, 220, 72));
    CHECK(isGrey(*frame, 190, 90));
    CHECK(isGrey(*frame, 154, 60));
    CHECK(isGrey(*frame, 230, 60));
    CHECK(isGrey(*frame, 190, 40));
    pipeline.setMirrored(true);
    frame = pictureNow(pipeline, sink);
    CHECK(isRed(*frame, 164, 50));
    CHECK(isRed(*frame, 220, 72));
    // Its lower right corner is beyond the edge.
    pipeline.setWatermark(mark, 0.9, 0.9, 0.4);
    frame = pictureNow(pipeline, sink);
    CHECK(isRed(*frame, 310, 170));
    CHECK(isGrey(*frame, 220, 60));
    // A refusal leaves it.
    CHECK(codeOf([&] { pipeline.setWatermark(folder.file("none.png"), 0, 0, 0.2); }) == ErrorCode::FileOpenFailed);
    const std::string text = folder.file("text.png");
    std::ofstream(text) << "no picture";
    CHECK(codeOf([&] { pipeline.setWatermark(text, 0, 0, 0.2); }) == ErrorCode::NotMedia);
    const std::string line = folder.make("line.png", "-f lavfi -i color=red:size=8x400 -frames:v 1");
    CHECK(codeOf([&] { pipeline.setWatermark(line, 0, 0, 0.2); }) == ErrorCode::InvalidArgument);
    frame = pictureNow(pipeline, sink);
    CHECK(isRed(*frame, 310, 170));
    VideoSettings small = FINE;
    small.width = 160;
    small.height = 90;
    pipeline.setVideoSettings(small);
    frame = pictureNow(pipeline, sink);
    CHECK(frame->width == 160);
    CHECK(isRed(*frame, 155, 85));
    CHECK(isGrey(*frame, 130, 60));
    pipeline.setWatermark("", 0, 0, 0);
    frame = pictureNow(pipeline, sink);
    CHECK(isGrey(*frame, 155, 85));
    pipeline.stop();
}

TEST_CASE("a watermark may be a JPEG or have a palette") {
    const TempFolder folder;
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), FINE, {});
    pipeline.openVideo({SourceKind::User, ""});
    const Camera camera(pipeline, [](int, int) { return uint8_t{128}; });
    pipeline.start();
    for (const char *name : {"mark.jpg", "mark.gif", "mark.bmp"}) {
        CAPTURE(name);
        pipeline.setWatermark(folder.make(name, "-f lavfi -i color=red:size=60x40,format=rgb24 -frames:v 1"), 0, 0,
                              0.5);
        const FramePtr frame = pictureNow(pipeline, sink);
        CHECK(isRed(*frame, 20, 20));
        CHECK(isRed(*frame, 140, 90));
        CHECK(isGrey(*frame, 180, 90));
        pipeline.setWatermark("", 0, 0, 0);
        CHECK(isGrey(*pictureNow(pipeline, sink), 20, 20));
    }
    pipeline.stop();
}
