#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "Playback.h"
#include "TestClip.h"
#include "embedded/media/Av1Config.h"
#include "embedded/record/RecordFile.h"
#include "embedded/record/RecordingRepair.h"

using namespace rtcroom;
using namespace rtcroom::test;
using embedded::Bytes;
using embedded::CodecId;
using embedded::EncodedPacket;
using embedded::MediaKind;

namespace {

struct Kind {
    CodecId codec;
    std::string encoder;
    std::string decoder;
    std::string name;
    std::string tag;
};

const Kind hevc{CodecId::Hevc, "libx265 -preset ultrafast -tune zerolatency -x265-params log-level=none", "hevc",
                "hevc", "hvc1"};
const Kind av1{CodecId::Av1, "libaom-av1 -usage realtime -cpu-used 8 -lag-in-frames 0", "libdav1d", "av1", "av01"};
const Kind vp9{CodecId::Vp9, "libvpx-vp9 -deadline realtime -cpu-used 8 -lag-in-frames 0", "vp9", "vp9", "vp09"};

/// 30 pictures a second and Opus, a key frame a second.
std::vector<EncodedPacket> liveClip(const Kind &kind, int seconds, const std::string &source = "testsrc2=size=320x180",
                                    const std::string &more = "") {
    return makeClip("-f lavfi -i '" + source + ":rate=30' -f lavfi -i sine=frequency=440:sample_rate=48000 -t " +
                        std::to_string(seconds) + " -c:v " + kind.encoder + " " + more +
                        " -b:v 400k -g 30 -pix_fmt yuv420p -c:a libopus -b:a 48k",
                    "mp4");
}

void checkReadable(const std::string &path) {
    CHECK(
        runCommand("ffmpeg -nostdin -v error -xerror -i 'file:" + path + "' -enc_time_base 1:16000 -f null -").empty());
}

} // namespace

TEST_CASE("HEVC, AV1 and VP9 with Opus are decoded whole, each picture with its own unit") {
    for (const Kind &kind : {hevc, av1, vp9}) {
        CAPTURE(kind.name);
        const auto clip = liveClip(kind, 2);
        const size_t count = countUnits(clip, MediaKind::Video);
        REQUIRE(count == 60);
        Playback playback;
        size_t pictures = 0;
        for (const EncodedPacket &packet : clip) {
            playback.pipeline->push(packet);
            if (packet.kind == MediaKind::Video && !packet.isConfig)
                REQUIRE(playback.waitForPictures(++pictures));
        }
        REQUIRE(playback.waitFor([&] { return playback.sounds.size() + 1 >= countUnits(clip, MediaKind::Audio); }));
        // The last sound may still come.
        const auto shown = playback.read(playback.pictures);
        const auto sounds = playback.read(playback.sounds);
        size_t index = 0;
        for (const EncodedPacket &packet : clip)
            if (packet.kind == MediaKind::Video && !packet.isConfig) {
                const auto &picture = shown[index++];
                CHECK(picture.timestampMs == packet.ptsMs());
                CHECK(picture.width == 320);
                CHECK(picture.height == 180);
            }
        CHECK(playback.told("decoder " + kind.decoder) == 1);
        CHECK(sounds.back().sampleRate == 48000);
        CHECK(sounds.back().samples == 960);
        CHECK(playback.videoErrors.empty());
        CHECK(playback.audioErrors.empty());
        CHECK(playback.missing.empty());
    }
}

TEST_CASE("HEVC's B-frames come out in presentation order") {
    const auto clip = makeClip("-f lavfi -i testsrc2=size=320x180:rate=30 -t 1 -c:v libx265 -preset ultrafast -bf 3 "
                               "-x265-params log-level=none -pix_fmt yuv420p",
                               "mp4");
    REQUIRE(std::ranges::any_of(clip, [](const auto &packet) { return packet.ctsMs > 40; }));
    Playback playback;
    playback.push(clip);
    playback.pipeline->discontinuity();
    REQUIRE(playback.waitForPictures(30));
    CHECK(std::ranges::is_sorted(playback.pictures, {}, &engine::VideoFrame::timestampMs));
    CHECK(playback.videoErrors.empty());
}

TEST_CASE("a stream that goes over to another codec goes on being shown") {
    Playback playback;
    playback.push(liveClip(hevc, 1));
    for (EncodedPacket packet : liveClip(av1, 1)) {
        packet.dtsMs += 1000;
        playback.pipeline->push(packet);
    }
    REQUIRE(playback.waitForPictures(60));
    CHECK(playback.told("decoder hevc") == 1);
    CHECK(playback.told("decoder libdav1d") == 1);
    CHECK(playback.videoErrors.empty());
}

TEST_CASE("a codec that FFmpeg cannot decode is told of once, and the other kind plays") {
    for (const CodecId lacking : {CodecId::Hevc, CodecId::Opus}) {
        const auto lookup = [lacking](CodecId codec) {
            return codec == lacking ? nullptr : embedded::findDecoder(codec);
        };
        Playback playback(engine::OutputVideoFormat::I420, true, lookup);
        const auto clip = liveClip(hevc, 1);
        playback.push(clip);
        if (lacking == CodecId::Hevc) {
            REQUIRE(playback.waitFor([&] { return playback.sounds.size() >= 40 && playback.missing.size() == 1; }));
            CHECK(playback.pictures.empty());
        } else {
            REQUIRE(playback.waitForPictures(30));
            REQUIRE(playback.waitFor([&] { return playback.missing.size() == 1; }));
            CHECK(playback.sounds.empty());
        }
        CHECK(playback.missing == std::vector{lacking});
        CHECK(playback.videoErrors.empty());
        CHECK(playback.audioErrors.empty());
    }
}

TEST_CASE("bit flips and truncation of any codec neither crash nor stop the stream") {
    std::minstd_rand random(7);
    for (const Kind &kind : {hevc, av1, vp9}) {
        CAPTURE(kind.name);
        const auto clip = liveClip(kind, 1, "testsrc2=size=160x96");
        Playback playback;
        int64_t shiftMs = 0;
        for (int round = 0; round < 5; ++round, shiftMs += 1000)
            for (EncodedPacket packet : clip) {
                packet.dtsMs += shiftMs;
                Bytes data = *packet.data;
                if (random() % 3 == 0)
                    data[random() % data.size()] ^= static_cast<uint8_t>(1 << random() % 8);
                if (random() % 10 == 0)
                    data.resize(random() % data.size());
                packet.data = std::make_shared<const Bytes>(std::move(data));
                playback.pipeline->push(packet);
            }
        const size_t before = playback.read(playback.pictures).size();
        for (EncodedPacket packet : clip) {
            packet.dtsMs += shiftMs;
            playback.pipeline->push(packet);
        }
        CHECK(playback.waitForPictures(before + 20));
    }
}

TEST_CASE("recordings of HEVC and AV1 with Opus are plain MP4s, and each slice is whole") {
    for (const Kind &kind : {hevc, av1}) {
        CAPTURE(kind.name);
        const TemporaryDirectory directory;
        const auto clip = liveClip(kind, 3);
        Playback playback(engine::OutputVideoFormat::None, false);
        playback.pipeline->startRecord(directory / "a.mp4", 1);
        playback.push(clip);
        playback.pipeline->stopRecord();
        CHECK(playback.recordErrors.empty());
        CHECK(playback.recordFiles.size() == 3);
        for (const std::string &file : playback.recordFiles) {
            CAPTURE(file);
            const Probe video = probe(file, "v");
            CHECK(video["codec_name"] == kind.name);
            CHECK(video["codec_tag_string"] == kind.tag);
            CHECK(video["width"] == "320");
            CHECK(video["nb_read_frames"] == "30");
            const Probe audio = probe(file, "a");
            CHECK(audio["codec_name"] == "opus");
            CHECK(audio["codec_tag_string"] == "Opus");
            CHECK(audio["channels"] == "1");
            CHECK(audio.number("duration") == doctest::Approx(1).epsilon(0.06));
            CHECK(std::abs(audio.number("start_time")) < 0.05);
            checkReadable(file);
        }
    }
}

TEST_CASE("a recording that lost its end is repaired whatever its codecs") {
    for (const Kind &kind : {hevc, av1}) {
        CAPTURE(kind.name);
        const TemporaryDirectory directory;
        const std::string path = directory / "a.mp4";
        {
            // As a process leaves it that was killed.
            embedded::RecordFile file(path);
            for (const EncodedPacket &packet : liveClip(kind, 2))
                packet.isConfig ? file.config(packet) : file.write(packet);
            file.idle();
            CHECK(file.keepWhatIsThere());
        }
        std::filesystem::resize_file(path, std::filesystem::file_size(path) - 500);
        const embedded::RepairResult result = embedded::repairRecording(path);
        CHECK(result.repaired);
        CHECK(result.lostBytes > 0);
        CHECK(result.durationMs > 1500);
        CHECK(probe(path, "v")["codec_tag_string"] == kind.tag);
        CHECK(probe(path, "v").number("nb_read_frames") >= 50);
        CHECK(probe(path, "a")["codec_name"] == "opus");
        checkReadable(path);
    }
}

TEST_CASE("another codec, and other parameter sets of HEVC, begin another file") {
    const TemporaryDirectory directory;
    Playback playback(engine::OutputVideoFormat::None, false);
    playback.pipeline->startRecord(directory / "a.mp4");
    int64_t shiftMs = 0;
    const std::string otherSets = "-x265-params log-level=none:no-sao=0:ref=3:weightp=1:amp=1:rect=1";
    for (const auto &clip :
         {liveClip(hevc, 1), liveClip(hevc, 1, "testsrc2=size=320x180", otherSets), liveClip(av1, 1)}) {
        for (EncodedPacket packet : clip) {
            packet.dtsMs += shiftMs;
            playback.pipeline->push(packet);
        }
        shiftMs += 1000;
    }
    playback.pipeline->stopRecord();
    CHECK(playback.recordErrors.empty());
    REQUIRE(playback.recordFiles.size() == 3);
    const std::string names[] = {"hevc", "hevc", "av1"};
    for (size_t i = 0; i < playback.recordFiles.size(); ++i) {
        const std::string &file = playback.recordFiles[i];
        CHECK(probe(file, "v")["codec_name"] == names[i]);
        CHECK(probe(file, "v")["nb_read_frames"] == "30");
        checkReadable(file);
    }
}

TEST_CASE("a header that cannot be written fails the recording and leaves nothing") {
    const TemporaryDirectory directory;
    const auto unit = [](MediaKind kind, CodecId codec, int64_t dtsMs, Bytes data) {
        return EncodedPacket{.kind = kind,
                             .codec = codec,
                             .keyFrame = true,
                             .dtsMs = dtsMs,
                             .data = std::make_shared<const Bytes>(std::move(data))};
    };
    const auto failsWith = [&](const EncodedPacket &config, const Bytes &data) {
        embedded::RecordFile file(directory / "a.mp4");
        file.config(config);
        const auto writeAll = [&] {
            for (int64_t ms = 0; ms < 5000; ms += 20)
                file.write(unit(config.kind, config.codec, ms, data));
            file.complete();
        };
        CHECK_THROWS_AS(writeAll(), engine::EngineException);
        CHECK_FALSE(file.keepWhatIsThere());
        CHECK(std::filesystem::is_empty(directory.path()));
    };
    // An AudioSpecificConfig of object type 42 (USAC), which FFmpeg's decoder does not open.
    failsWith(unit(MediaKind::Audio, CodecId::Aac, 0, {0xf9, 0x46, 0x20, 0, 0}), {0x21, 0x10, 0x04, 0x60});
    // An AV1 sequence header of 65,536 pixels a side; MP4 has 16 bits for each.
    const Bytes header{0x0a, 0x07, 0x18, 0x3f, 0xff, 0xff, 0xff, 0xff, 0xc0};
    const Bytes av1C = embedded::av1ConfigFromObus(header);
    REQUIRE(embedded::av1PictureSize(av1C)->width == 65'536);
    failsWith(unit(MediaKind::Video, CodecId::Av1, 0, av1C), header);
}

TEST_CASE("VP9 is not recorded, and the message says what is") {
    const TemporaryDirectory directory;
    Playback playback(engine::OutputVideoFormat::None, false);
    playback.pipeline->startRecord(directory / "a.mp4");
    playback.push(liveClip(vp9, 1));
    REQUIRE(playback.waitFor([&] { return !playback.recordErrors.empty(); }));
    CHECK(playback.recordErrors.front().code == engine::ErrorCode::RecordFailed);
    CHECK(playback.recordErrors.front().message.find("VP9") != std::string::npos);
    CHECK_FALSE(playback.pipeline->recording());
}
