#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <future>
#include <sys/resource.h>

#include "Playback.h"
#include "TestClip.h"

using namespace rtcroom;
using namespace rtcroom::test;
using engine::ErrorCode;

namespace {

int nativeCodeOf(Playback &playback, const std::string &path) {
    const auto error = playback.snapshot(path);
    if (!error)
        return 0;
    CHECK(error->code == ErrorCode::SnapshotFailed);
    return error->nativeCode;
}

/// The middle pixel of a picture file, as ffmpeg reads it.
std::string middlePixel(const std::string &path) {
    return runCommand("ffmpeg -nostdin -v error -i 'file:" + path +
                      "' -vf format=rgb24,crop=1:1 -f rawvideo - | od -An -tu1");
}

size_t filesIn(const TemporaryDirectory &directory) {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(directory.path()), {}));
}

} // namespace

TEST_CASE("snapshots have the picture's size and colour in every file kind") {
    const TemporaryDirectory directory;
    for (const char *pixelFormat : {"yuv420p", "yuvj420p", "yuv422p", "yuv420p10le", "yuv444p"}) {
        CAPTURE(pixelFormat);
        const auto clip =
            makeClip(std::string("-f lavfi -i color=red:size=161x91:rate=10,format=yuv444p,scale=160:90 -t "
                                 "0.5 -c:v libx264 -tune zerolatency -qp 1 -pix_fmt ") +
                     pixelFormat);
        Playback playback(engine::OutputVideoFormat::None, false);
        playback.push(clip);
        REQUIRE(playback.waitFor([&] { return playback.pipeline->stats().picturesPlayed == 5; }));
        for (const char *name : {"截图 一.png", "b.jpg", "c.JPEG"}) {
            CAPTURE(name);
            const std::string path = directory / (std::string(pixelFormat) + name);
            playback.push(clip); // a slow machine lets the last picture grow old
            REQUIRE(nativeCodeOf(playback, path) == 0);
            CHECK(probe(path, "v")["width"] == "160");
            CHECK(probe(path, "v")["height"] == "90");
            int r = 0, g = 0, b = 0;
            REQUIRE(std::sscanf(middlePixel(path).c_str(), "%d %d %d", &r, &g, &b) == 3);
            CHECK(r >= 248);
            CHECK(g <= 8);
            CHECK(b <= 8);
        }
    }
    CHECK(filesIn(directory) == 15);
}

TEST_CASE("an odd size is kept") {
    const TemporaryDirectory directory;
    Playback playback(engine::OutputVideoFormat::None, false);
    const auto clip =
        makeClip("-f lavfi -i color=red:size=161x91:rate=10,format=yuv444p -t 0.5 -c:v libx264 -tune zerolatency");
    for (const char *name : {"a.png", "a.jpg"}) {
        playback.push(clip);
        REQUIRE(nativeCodeOf(playback, directory / name) == 0);
        CHECK(probe(directory / name, "v")["width"] == "161");
        CHECK(probe(directory / name, "v")["height"] == "91");
    }
}

TEST_CASE("a snapshot without a fresh picture takes the next one") {
    const TemporaryDirectory directory;
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 1);
    Playback playback(engine::OutputVideoFormat::None, false);
    std::promise<std::optional<engine::Error>> result;
    playback.pipeline->snapshot(directory / "a.png",
                                [&](std::optional<engine::Error> error) { result.set_value(std::move(error)); });
    playback.push(clip);
    CHECK_FALSE(result.get_future().get().has_value());
    CHECK(probe(directory / "a.png", "v")["width"] == "320");
}

TEST_CASE("bad paths, taken names and a player that does not play give the SDK's codes") {
    const TemporaryDirectory directory;
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 1);
    Playback playback(engine::OutputVideoFormat::None, false);
    playback.push(clip);
    REQUIRE(playback.waitFor([&] { return playback.pipeline->stats().picturesPlayed == 30; }));
    for (const std::string &path :
         {std::string(), std::string("x"), directory / "a.bmp", directory / "png", directory / ".png/",
          directory / "no/such/a.png", std::string("/proc/a.png"), directory / (std::string(5000, 'x') + ".png"),
          directory / (std::string(300, 'x') + ".png"), directory / std::string("a\0.png", 6),
          std::string("/dev/null/a.png")}) {
        CAPTURE(path);
        CHECK(nativeCodeOf(playback, path) == -2);
    }
    std::ofstream(directory / "there.png") << "precious";
    std::filesystem::create_directory(directory / "folder.png");
    CHECK(nativeCodeOf(playback, directory / "there.png") == -3);
    CHECK(nativeCodeOf(playback, directory / "folder.png") == -3);
    CHECK(runCommand("cat '" + (directory / "there.png") + "'") == "precious");
    playback.pipeline->stop();
    // No disk is asked first.
    for (const char *name : {"late.png", "there.png", "no/such/a.png"})
        CHECK(nativeCodeOf(playback, directory / name) == -4);
    CHECK(nativeCodeOf(playback, directory / "late.bmp") == -2);
    CHECK(filesIn(directory) == 2);
}

TEST_CASE("a full disk fails with -1 and leaves nothing behind") {
    const TemporaryDirectory directory;
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 1);
    Playback playback(engine::OutputVideoFormat::None, false);
    playback.push(clip);
    REQUIRE(playback.waitFor([&] { return playback.pipeline->stats().picturesPlayed == 30; }));
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = 100;
    setrlimit(RLIMIT_FSIZE, &small);
    const int code = nativeCodeOf(playback, directory / "a.png");
    setrlimit(RLIMIT_FSIZE, &before);
    CHECK(code == -1);
    CHECK(filesIn(directory) == 0);
}

TEST_CASE("stop ends waiting snapshots, each once, and too many at once are refused") {
    const TemporaryDirectory directory;
    std::atomic<int> aborted{0}, refused{0};
    {
        Playback playback(engine::OutputVideoFormat::None, false);
        for (int i = 0; i < 40; ++i)
            playback.pipeline->snapshot(directory / (std::to_string(i) + ".png"),
                                        [&](std::optional<engine::Error> error) {
                                            ++(error && error->code == ErrorCode::Aborted ? aborted : refused);
                                        });
        playback.pipeline->stop();
        CHECK(aborted + refused == 40);
    }
    CHECK(aborted >= 32);
    CHECK(filesIn(directory) == 0);
}
