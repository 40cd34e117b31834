#include <doctest/doctest.h>

#include <algorithm>

#include "Playback.h"
#include "TestClip.h"
#include "embedded/media/UnwatchedGop.h"

using namespace rtcroom;
using namespace rtcroom::test;
using embedded::Bytes;
using embedded::EncodedPacket;
using embedded::MediaKind;
using embedded::UnwatchedGop;
using engine::OutputVideoFormat;

namespace {

/// Each picture is by 2 brighter than the one before; the first has 16.
constexpr const char *brightening = "color=black:size=160x90:rate=30,geq=lum='16+N*2':cb=128:cr=128";

int brightnessOf(int picture) { return 16 + 2 * picture; }

int brightness(const engine::VideoFrame &picture) {
    return picture.buffer->data()[picture.height / 2 * picture.width + picture.width / 2];
}

bool isPicture(const EncodedPacket &packet) { return packet.kind == MediaKind::Video && !packet.isConfig; }

/// Where the pictures begin that follow that many others.
auto pictureAt(const std::vector<EncodedPacket> &clip, int pictures) {
    return std::find_if(clip.begin(), clip.end(),
                        [&](const EncodedPacket &packet) { return isPicture(packet) && pictures-- == 0; });
}

/// The clip with every picture that is no key frame made unreadable.
std::vector<EncodedPacket> damaged(std::vector<EncodedPacket> clip) {
    for (EncodedPacket &packet : clip)
        if (isPicture(packet) && !packet.keyFrame) {
            Bytes bytes = *packet.data;
            std::fill(bytes.begin(), bytes.end(), 0xff);
            packet.data = std::make_shared<Bytes>(std::move(bytes));
        }
    return clip;
}

bool played(Playback &playback, uint64_t pictures) {
    return playback.waitFor([&] { return playback.pipeline->stats().picturesPlayed == pictures; });
}

} // namespace

TEST_CASE("pictures that nobody looks at are told of and not decoded") {
    const auto clip = makeLiveClip(brightening, 3);
    // The first second shows that the configuration is good.
    const auto second = pictureAt(clip, 30);
    std::vector<EncodedPacket> stream(clip.begin(), second);
    const std::vector<EncodedPacket> rest = damaged({second, clip.end()});
    stream.insert(stream.end(), rest.begin(), rest.end());
    {
        Playback unwatched(OutputVideoFormat::None, false);
        unwatched.push(stream);
        REQUIRE(played(unwatched, 90));
        CHECK(unwatched.videoErrors.empty());
        CHECK(unwatched.told("first picture") == 1);
        CHECK(unwatched.pipeline->stats().videoDropped == 0);
        CHECK(unwatched.pipeline->stats().decoderHolds == 0);
    }
    Playback watched;
    watched.push(stream);
    REQUIRE(watched.waitFor([&] { return watched.videoErrors.size() >= 2; }));
}

TEST_CASE("whoever begins to look has the present picture at once, and all that follow") {
    const auto clip = makeLiveClip(brightening, 3);
    const auto present = pictureAt(clip, 75);
    Playback playback(OutputVideoFormat::None, false);
    playback.push({clip.begin(), present});
    REQUIRE(played(playback, 75));
    playback.pipeline->setOutputVideoFormat(OutputVideoFormat::I420);
    REQUIRE(playback.waitForPictures(1));
    CHECK(brightness(playback.pictures[0]) == doctest::Approx(brightnessOf(74)).epsilon(0.03));
    playback.push({present, clip.end()});
    REQUIRE(playback.waitForPictures(16));
    for (size_t i = 1; i < 16; ++i) {
        CAPTURE(i);
        CHECK(playback.pictures[i].timestampMs > playback.pictures[i - 1].timestampMs);
        CHECK(brightness(playback.pictures[i]) ==
              doctest::Approx(brightnessOf(74 + static_cast<int>(i))).epsilon(0.03));
    }
    REQUIRE(played(playback, 90));
    CHECK(playback.pictures.size() == 16);
    CHECK(playback.videoErrors.empty());
}

TEST_CASE("reordered pictures that nobody looked at come out in order") {
    const auto clip = makeClip(std::string("-f lavfi -i ") + brightening +
                               " -t 3 -c:v libx264 -bf 3 -g 30 -sc_threshold 0 -pix_fmt yuv420p");
    REQUIRE(std::any_of(clip.begin(), clip.end(), [](const auto &packet) { return packet.ctsMs > 40; }));
    const auto present = pictureAt(clip, 75);
    Playback playback(OutputVideoFormat::None, false);
    playback.push({clip.begin(), present});
    REQUIRE(playback.waitFor([&] { return playback.pipeline->stats().picturesPlayed >= 75; }));
    playback.pipeline->setOutputVideoFormat(OutputVideoFormat::I420);
    REQUIRE(playback.waitForPictures(1));
    CHECK(brightness(playback.pictures[0]) >= brightnessOf(65));
    playback.push({present, clip.end()});
    playback.pipeline->discontinuity();
    REQUIRE(playback.waitFor([&] { return !playback.pictures.empty() && brightness(playback.pictures.back()) > 190; }));
    CHECK(std::is_sorted(playback.pictures.begin(), playback.pictures.end(),
                         [](const auto &a, const auto &b) { return a.timestampMs <= b.timestampMs; }));
    CHECK(playback.videoErrors.empty());
}

TEST_CASE("a snapshot of what nobody looks at has the present picture, also when no other comes") {
    const TemporaryDirectory directory;
    const auto clip = makeLiveClip(brightening, 3);
    Playback playback(OutputVideoFormat::None, false);
    playback.push(clip);
    REQUIRE(played(playback, 90));
    REQUIRE_FALSE(playback.snapshot(directory / "a.png").has_value());
    const std::string pixel = runCommand("ffmpeg -nostdin -v error -i '" + (directory / "a.png") +
                                         "' -vf format=gray,crop=1:1 -f rawvideo - | od -An -tu1");
    // Full range of what is 194 between 16 and 235.
    CHECK(std::stoi(pixel) == doctest::Approx((brightnessOf(89) - 16) * 255 / 219).epsilon(0.03));
    CHECK(playback.pictures.empty());
}

TEST_CASE("another size is told although nobody looks") {
    Playback playback(OutputVideoFormat::None, false);
    playback.push(makeLiveClip("testsrc2=size=320x180:rate=30", 2));
    REQUIRE(played(playback, 60));
    playback.push(makeLiveClip("testsrc2=size=160x90:rate=30", 1));
    REQUIRE(
        playback.waitFor([&] { return std::count(playback.events.begin(), playback.events.end(), "160x90") == 1; }));
    CHECK(playback.pipeline->stats().width == 160);
}

TEST_CASE("what nobody looks at is kept up to a bound") {
    EncodedPacket key;
    key.keyFrame = true;
    key.data = std::make_shared<Bytes>(1000);
    UnwatchedGop gop;
    CHECK_FALSE(gop.active());
    gop.begin(key);
    EncodedPacket other = key;
    other.keyFrame = false;
    for (size_t i = 1; i < UnwatchedGop::maxUnits; ++i)
        REQUIRE(gop.keep(other));
    CHECK_FALSE(gop.keep(other));
    CHECK(gop.take().size() == UnwatchedGop::maxUnits);
    CHECK_FALSE(gop.active());
    other.data = std::make_shared<Bytes>(UnwatchedGop::maxBytes - 1000);
    gop.begin(key);
    CHECK(gop.keep(other));
    CHECK_FALSE(gop.keep(key));
    gop.begin(key);
    CHECK(gop.take().size() == 1);
}
