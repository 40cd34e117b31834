#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "Playback.h"
#include "TestClip.h"

using namespace rtcroom;
using namespace rtcroom::test;
using embedded::Bytes;
using embedded::EncodedPacket;
using embedded::MediaKind;
using engine::OutputVideoFormat;

namespace {

bool isVideoUnit(const EncodedPacket &packet) { return packet.kind == MediaKind::Video && !packet.isConfig; }

bool growing(const std::vector<engine::VideoFrame> &pictures) {
    return std::is_sorted(pictures.begin(), pictures.end(), [](const auto &a, const auto &b) {
        return a.timestampMs <= b.timestampMs; // strict: equal times count as out of order
    });
}

bool near(int value, int expected, int tolerance = 4) { return std::abs(value - expected) <= tolerance; }

/// The middle pixel of a packed I420 picture.
struct Yuv {
    int y, u, v;
};
Yuv middleYuv(const engine::VideoFrame &picture) {
    const int w = picture.width, h = picture.height, cw = (w + 1) / 2, ch = (h + 1) / 2;
    const uint8_t *data = picture.buffer->data();
    return {data[h / 2 * w + w / 2], data[w * h + ch / 2 * cw + cw / 2], data[w * h + cw * ch + ch / 2 * cw + cw / 2]};
}

// BT.601 limited range of pure red.
bool isRed(const Yuv &c) { return near(c.y, 81) && near(c.u, 90) && near(c.v, 240); }

EncodedPacket withData(EncodedPacket packet, Bytes data) {
    packet.data = std::make_shared<Bytes>(std::move(data));
    return packet;
}

} // namespace

TEST_CASE("a live stream is decoded whole, in order, with its own timestamps") {
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 2);
    Playback playback;
    playback.push(clip);
    const size_t count = countUnits(clip, MediaKind::Video);
    REQUIRE(count == 60);
    REQUIRE(playback.waitForPictures(count));
    REQUIRE(playback.waitFor([&] { return playback.sounds.size() >= countUnits(clip, MediaKind::Audio) - 1; }));
    size_t index = 0;
    for (const EncodedPacket &packet : clip)
        if (isVideoUnit(packet)) {
            const auto &picture = playback.pictures[index++];
            CHECK(picture.timestampMs == packet.ptsMs());
            CHECK(picture.width == 320);
            CHECK(picture.height == 180);
            CHECK(picture.size == 320 * 180 * 3 / 2);
            CHECK(std::abs(picture.decodedAtUs - engine::clockMicros()) < 60'000'000);
        }
    CHECK(playback.sounds.front().sampleRate == 48000);
    CHECK(playback.sounds.front().channels == 1);
    CHECK(playback.sounds.front().samples == 1024);
    CHECK(playback.told("decoder h264") == 1);
    CHECK(playback.told("first picture") == 1);
    CHECK(playback.told("first sound") == 1);
    CHECK(playback.told("320x180") == 1);
    CHECK(playback.videoErrors.empty());
    const auto stats = playback.pipeline->stats();
    CHECK(stats.picturesPlayed == 60);
    CHECK(stats.width == 320);
    CHECK(stats.gopSeconds == doctest::Approx(1).epsilon(0.01));
    CHECK(stats.audioSampleRate == 48000);
    CHECK(stats.videoDropped == 0);
    CHECK(stats.lastVideoPtsMs == playback.pictures.back().timestampMs);
}

TEST_CASE("a picture comes out with its own unit, without waiting for the next") {
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 1);
    Playback playback;
    size_t pictures = 0;
    for (const EncodedPacket &packet : clip) {
        playback.pipeline->push(packet);
        if (isVideoUnit(packet))
            REQUIRE(playback.waitForPictures(++pictures));
    }
    CHECK(pictures == 30);
}

TEST_CASE("B-frames come out in presentation order") {
    const auto clip =
        makeClip("-f lavfi -i testsrc2=size=320x180:rate=30 -t 2 -c:v libx264 -bf 3 -g 15 -pix_fmt yuv420p");
    REQUIRE(std::any_of(clip.begin(), clip.end(), [](const auto &packet) { return packet.ctsMs > 40; }));
    Playback playback;
    playback.push(clip);
    // What waits for reordering comes out at a seam.
    playback.pipeline->discontinuity();
    REQUIRE(playback.waitForPictures(60));
    CHECK(growing(playback.pictures));
    CHECK(playback.videoErrors.empty());
}

TEST_CASE("known colours arrive in I420 and RGBA whatever the stream's pixel format is") {
    struct Kind {
        const char *name, *size, *options;
        int width, height;
    };
    const Kind kinds[] = {
        {"4:2:0", "160x90", "-pix_fmt yuv420p", 160, 90},
        {"4:2:0 full range", "160x90", "-pix_fmt yuvj420p", 160, 90},
        {"4:2:2", "160x90", "-pix_fmt yuv422p", 160, 90},
        {"4:4:4", "160x90", "-pix_fmt yuv444p", 160, 90},
        {"10 bit", "160x90", "-pix_fmt yuv420p10le", 160, 90},
        {"odd size", "161x91", "-pix_fmt yuv444p", 161, 91},
        {"tiny odd size", "17x3", "-pix_fmt yuv444p", 17, 3},
        {"cropped left and top", "160x90", "-pix_fmt yuv420p -bsf:v h264_metadata=crop_left=6:crop_top=4:crop_right=2",
         152, 82},
    };
    for (const Kind &kind : kinds) {
        CAPTURE(kind.name);
        const auto clip =
            makeClip(std::string("-f lavfi -i color=red:size=") + kind.size +
                     ":rate=10,format=yuv444p -t 0.5 -c:v libx264 -tune zerolatency -qp 1 " + kind.options);
        for (const OutputVideoFormat format : {OutputVideoFormat::I420, OutputVideoFormat::RGBA}) {
            Playback playback(format);
            playback.push(clip);
            REQUIRE(playback.waitForPictures(5));
            CHECK(playback.videoErrors.empty());
            const engine::VideoFrame &picture = playback.pictures.back();
            CHECK(picture.width == kind.width);
            if (std::string(kind.name) != "cropped left and top")
                CHECK(picture.height == kind.height);
            if (format == OutputVideoFormat::I420) {
                CHECK(picture.size == engine::pictureSize(engine::PixelFormat::I420, picture.width, picture.height));
                const Yuv c = middleYuv(picture);
                CAPTURE(c.y);
                CAPTURE(c.u);
                CAPTURE(c.v);
                CHECK(isRed(c));
            } else {
                CHECK(picture.size == static_cast<size_t>(picture.width) * picture.height * 4);
                // Every pixel, so that a stride or a margin that is off shows.
                size_t wrong = 0;
                for (size_t i = 0; i < picture.size; i += 4) {
                    const uint8_t *p = picture.buffer->data() + i;
                    wrong += !(near(p[0], 255, 6) && near(p[1], 0, 6) && near(p[2], 0, 6) && p[3] == 255);
                }
                CHECK(wrong == 0);
            }
        }
    }
}

TEST_CASE("a change of size opens a new decoder and loses no picture") {
    const auto first = makeLiveClip("testsrc2=size=320x180:rate=30", 1);
    const auto second = makeLiveClip("testsrc2=size=640x360:rate=30", 1);
    Playback playback;
    playback.push(first);
    for (EncodedPacket packet : second) {
        packet.dtsMs += 1000;
        playback.pipeline->push(packet);
    }
    REQUIRE(playback.waitForPictures(60));
    CHECK(growing(playback.pictures));
    CHECK(playback.pictures[29].width == 320);
    CHECK(playback.pictures[30].width == 640);
    CHECK(playback.told("decoder h264") == 2);
    CHECK(playback.told("640x360") == 1);
}

TEST_CASE("the same configuration again does not open a new decoder") {
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 1);
    Playback playback;
    playback.push(clip);
    playback.pipeline->discontinuity();
    // Before its configuration nothing is decoded.
    for (const EncodedPacket &packet : clip)
        if (!packet.isConfig)
            playback.pipeline->push(packet);
    playback.pipeline->discontinuity();
    playback.push(clip);
    REQUIRE(playback.waitForPictures(60));
    playback.pipeline->stop();
    CHECK(playback.pictures.size() == 60);
    CHECK(playback.told("decoder h264") == 1);
    // Told again for each connection.
    CHECK(playback.told("first picture") == 2);
}

TEST_CASE("a sender that starts anew at 0 goes on being shown") {
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 1);
    Playback playback;
    playback.push(clip);
    playback.push(clip);
    CHECK(playback.waitForPictures(60));
}

TEST_CASE("a stream that begins inside a GOP waits for the key frame") {
    auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 2);
    const auto key = std::find_if(clip.begin(), clip.end(), [](const auto &p) { return isVideoUnit(p) && p.keyFrame; });
    clip.erase(key);
    Playback playback;
    playback.push(clip);
    REQUIRE(playback.waitForPictures(30));
    CHECK(playback.pictures.front().timestampMs == doctest::Approx(1000).epsilon(0.03));
    CHECK(playback.videoErrors.empty());
}

TEST_CASE("sound without picture and picture without sound both play") {
    const auto sound = makeClip("-f lavfi -i sine=sample_rate=44100 -ac 2 -t 1 -c:a aac");
    Playback soundOnly;
    soundOnly.push(sound);
    REQUIRE(soundOnly.waitFor([&] { return soundOnly.sounds.size() >= 40; }));
    CHECK(soundOnly.sounds.front().sampleRate == 44100);
    CHECK(soundOnly.sounds.front().channels == 2);
    CHECK(soundOnly.sounds.front().size == 1024 * 4);
    const auto picture = makeClip("-f lavfi -i testsrc2=size=320x180:rate=30 -t 1 -c:v libx264 -tune zerolatency");
    Playback pictureOnly;
    pictureOnly.push(picture);
    REQUIRE(pictureOnly.waitForPictures(30));
}

TEST_CASE("mute hands out silence and keeps the pace") {
    const auto clip = makeClip("-f lavfi -i sine=sample_rate=48000 -t 2 -c:a aac");
    const auto loudest = [](const engine::AudioFrame &sound) {
        const auto *samples = reinterpret_cast<const int16_t *>(sound.buffer->data());
        int peak = 0;
        for (size_t i = 0; i < sound.size / 2; ++i)
            peak = std::max(peak, std::abs(static_cast<int>(samples[i])));
        return peak;
    };
    Playback loud;
    loud.push(clip);
    REQUIRE(loud.waitFor([&] { return loud.sounds.size() >= 90; }));
    CHECK(loudest(loud.read(loud.sounds)[50]) > 1000);
    Playback muted;
    muted.pipeline->setMute(true);
    muted.push(clip);
    REQUIRE(muted.waitFor([&] { return muted.sounds.size() >= 90; }));
    for (const auto &sound : muted.read(muted.sounds))
        CHECK(loudest(sound) == 0);
}

TEST_CASE("a volume is that of what is handed out, and the level tells it") {
    const auto clip = makeClip("-f lavfi -i sine=sample_rate=48000 -t 2 -c:a aac");
    const auto rms = [](const engine::AudioFrame &sound) {
        const auto *samples = reinterpret_cast<const int16_t *>(sound.buffer->data());
        double sum = 0;
        for (size_t i = 0; i < sound.size / 2; ++i)
            sum += static_cast<double>(samples[i]) * samples[i];
        return std::sqrt(sum / (static_cast<double>(sound.size) / 2));
    };
    double loud = 0;
    int level = 0;
    for (const int volume : {65535, 65535 / 4}) {
        Playback playback;
        CHECK(playback.pipeline->soundLevel() == 0);
        playback.pipeline->setVolume(volume);
        CHECK(playback.pipeline->volume() == volume);
        playback.push(clip);
        REQUIRE(playback.waitFor([&] { return playback.sounds.size() >= 60; }));
        const double heard = rms(playback.read(playback.sounds)[50]);
        const int told = playback.pipeline->soundLevel();
        // ffmpeg's sine is an eighth of full scale.
        CHECK(told == doctest::Approx(100 * (1 + 20 * std::log10(heard / 32768) / 60)).epsilon(0.03));
        if (loud == 0) {
            loud = heard;
            level = told;
        } else {
            CHECK(heard == doctest::Approx(loud / 4).epsilon(0.02));
            CHECK(told == doctest::Approx(level - 20).epsilon(0.05));
        }
    }
    // Without output the level goes on.
    Playback silent(engine::OutputVideoFormat::None, false);
    silent.push(clip);
    CHECK(silent.waitFor([&] { return std::abs(silent.pipeline->soundLevel() - level) <= 1; }));
    silent.pipeline->setMute(true);
    silent.push(clip);
    CHECK(silent.waitFor([&] { return silent.pipeline->soundLevel() == 0; }));
    CHECK_THROWS_AS(silent.pipeline->setVolume(65536), engine::EngineException);
}

TEST_CASE("pause decodes nothing; resume goes on at a key frame") {
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 3);
    Playback playback;
    size_t unit = 0, before = 0;
    for (const EncodedPacket &packet : clip) {
        if (isVideoUnit(packet)) {
            if (unit == 10) {
                REQUIRE(playback.waitForPictures(10));
                playback.pipeline->setPaused(true);
                before = playback.read(playback.pictures).size();
            }
            if (unit == 45)
                playback.pipeline->setPaused(false);
            ++unit;
        }
        playback.pipeline->push(packet);
    }
    // Unit 60 is the next key frame.
    REQUIRE(playback.waitForPictures(before + 30));
    CHECK(before == 10);
    CHECK(playback.pictures.size() == before + 30);
    CHECK(playback.pictures[before].timestampMs == doctest::Approx(2000).epsilon(0.03));
    CHECK(playback.videoErrors.empty());
}

TEST_CASE("without an output format pictures are decoded and nothing is handed out") {
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 1);
    Playback playback(OutputVideoFormat::None, false);
    playback.push(clip);
    REQUIRE(playback.waitFor([&] { return playback.pipeline->stats().picturesPlayed == 30; }));
    REQUIRE(playback.waitFor([&] { return playback.pipeline->stats().audioDecoded >= 45; }));
    CHECK(playback.pictures.empty());
    CHECK(playback.sounds.empty());
    CHECK(playback.told("320x180") == 1);
}

TEST_CASE("a damaged unit is reported and playing goes on at the next key frame") {
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 3);
    struct Damage {
        const char *name;
        std::function<Bytes(Bytes)> apply;
    };
    const Damage damages[] = {
        {"empty", [](Bytes) { return Bytes(); }},
        {"length beyond the end",
         [](Bytes data) {
             data[0] = 0x7f;
             return data;
         }},
        {"noise",
         [](Bytes data) {
             std::mt19937 random(7);
             for (uint8_t &byte : data)
                 byte = static_cast<uint8_t>(random());
             return data;
         }},
    };
    for (const Damage &damage : damages) {
        CAPTURE(damage.name);
        Playback playback;
        size_t unit = 0;
        for (const EncodedPacket &packet : clip) {
            if (isVideoUnit(packet) && unit++ == 40)
                playback.pipeline->push(withData(packet, damage.apply(*packet.data)));
            else
                playback.pipeline->push(packet);
        }
        // 40 before, 30 from the key frame at 60 on.
        REQUIRE(playback.waitFor(
            [&] { return !playback.pictures.empty() && playback.pictures.back().timestampMs > 2970; }));
        CHECK(playback.videoErrors.size() == 1);
        CHECK(playback.pictures.size() == 70);
        CHECK(playback.pipeline->stats().videoDropped == 20);
    }
}

TEST_CASE("bit flips and truncation anywhere neither crash nor stop the stream") {
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 3);
    std::mt19937 random(42);
    for (int round = 0; round < 20; ++round) {
        Playback playback(round % 2 ? OutputVideoFormat::RGBA : OutputVideoFormat::I420);
        for (const EncodedPacket &packet : clip) {
            Bytes data = *packet.data;
            if (random() % 3 == 0)
                for (int flips = 0; flips < 5; ++flips)
                    data[random() % data.size()] ^= static_cast<uint8_t>(1 << random() % 8);
            if (random() % 10 == 0)
                data.resize(random() % (data.size() + 1));
            playback.pipeline->push(withData(packet, std::move(data)));
        }
        const size_t before = playback.read(playback.pictures).size();
        playback.push(clip);
        CHECK(playback.waitForPictures(before + 30));
    }
}

TEST_CASE("a damaged configuration is reported; a good one after it plays") {
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 1);
    EncodedPacket video = clip[0].kind == MediaKind::Video ? clip[0] : clip[1];
    EncodedPacket audio = clip[0].kind == MediaKind::Audio ? clip[0] : clip[1];
    Playback playback;
    for (const Bytes &garbage : {Bytes{}, Bytes{1}, Bytes(40, 0xff), Bytes{1, 0x64, 0, 30, 0xff, 0xe1, 0, 200, 1, 2}}) {
        playback.pipeline->push(withData(video, garbage));
        playback.pipeline->push(withData(audio, garbage.size() > 2 ? Bytes(2, 0xff) : garbage));
    }
    EncodedPacket noData = video;
    noData.data = nullptr;
    playback.pipeline->push(noData);
    REQUIRE(playback.waitFor([&] { return playback.videoErrors.size() >= 5 && !playback.audioErrors.empty(); }));
    playback.push(clip);
    REQUIRE(playback.waitForPictures(30));
    REQUIRE(playback.waitFor([&] { return playback.sounds.size() >= 40; }));
}

TEST_CASE("stop at any time joins at once, and the pipeline starts again") {
    const auto clip = makeLiveClip("testsrc2=size=640x360:rate=30", 2);
    for (size_t units : {size_t{0}, size_t{1}, size_t{3}, size_t{50}, clip.size()}) {
        Playback playback;
        playback.push({clip.begin(), clip.begin() + static_cast<std::ptrdiff_t>(units)});
        const auto begin = std::chrono::steady_clock::now();
        playback.pipeline->stop();
        playback.pipeline->stop();
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(500));
        const size_t before = playback.read(playback.pictures).size();
        playback.push(clip); // not running: ignored
        playback.pipeline->start();
        playback.push(clip);
        REQUIRE(playback.waitForPictures(before + 60));
        CHECK(playback.read(playback.pictures).size() == before + 60);
    }
}
