#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "../support/ChildPart.h"
#include "../support/CodeOf.h"
#include "../support/FileSizeLimit.h"
#include "Playback.h"
#include "TestClip.h"

using namespace rtcroom;
using namespace rtcroom::test;
using embedded::EncodedPacket;
using embedded::MediaKind;
using engine::ErrorCode;

namespace {

EncodedPacket later(EncodedPacket packet, int64_t ms) {
    packet.dtsMs += ms;
    return packet;
}

bool isVideoUnit(const EncodedPacket &packet) { return packet.kind == MediaKind::Video && !packet.isConfig; }

/// "ftyp moov mdat …"
std::string topLevelBoxes(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::string boxes;
    unsigned char head[8];
    while (file.read(reinterpret_cast<char *>(head), 8)) {
        const uint32_t size = uint32_t{head[0]} << 24 | uint32_t{head[1]} << 16 | uint32_t{head[2]} << 8 | head[3];
        boxes.append(reinterpret_cast<char *>(head + 4), 4).append(" ");
        REQUIRE(size >= 8);
        file.seekg(size - 8, std::ios::cur);
    }
    return boxes;
}

size_t filesIn(const TemporaryDirectory &directory) {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(directory.path()), {}));
}

/// What it held is there, readable from end to end.
void checkReadable(const std::string &path) {
    CHECK(
        runCommand("ffmpeg -nostdin -v error -xerror -i 'file:" + path + "' -enc_time_base 1:16000 -f null -").empty());
}

std::string recordClip(const std::vector<EncodedPacket> &clip, const std::string &path) {
    Playback playback(engine::OutputVideoFormat::None, false);
    playback.pipeline->startRecord(path);
    CHECK(playback.pipeline->recording());
    playback.push(clip);
    playback.pipeline->stopRecord();
    CHECK_FALSE(playback.pipeline->recording());
    CHECK(playback.recordErrors.empty());
    return path;
}

// What SIGKILL ends: plays in real time until then. CHECK and its like need a test.
void recordUntilKilled(const std::string &path) {
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 10);
    Playback playback(engine::OutputVideoFormat::None, false);
    playback.pipeline->startRecord(path);
    const auto begin = std::chrono::steady_clock::now();
    std::ofstream progress(path + ".progress");
    for (const EncodedPacket &packet : clip) {
        std::this_thread::sleep_until(begin + std::chrono::milliseconds(packet.dtsMs));
        playback.pipeline->push(packet);
        if (isVideoUnit(packet))
            progress << packet.dtsMs << std::endl;
    }
}

const ChildPart recordingChild("recording", recordUntilKilled);

} // namespace

TEST_CASE("a recording is a plain MP4 with the stream's codecs, size, frames and duration") {
    const TemporaryDirectory directory;
    const auto clip = makeLiveClip("testsrc2=size=640x360:rate=30", 3);
    const std::string path = recordClip(clip, directory / "通话 录像.mp4");
    const Probe video = probe(path, "v");
    CHECK(video["codec_name"] == "h264");
    CHECK(video["width"] == "640");
    CHECK(video["height"] == "360");
    CHECK(video["nb_read_frames"] == "90");
    CHECK(video.number("duration") == doctest::Approx(3).epsilon(0.015));
    CHECK(std::abs(video.number("start_time")) < 0.03);
    const Probe audio = probe(path, "a");
    CHECK(audio["codec_name"] == "aac");
    CHECK(audio["sample_rate"] == "48000");
    CHECK(audio.number("duration") == doctest::Approx(3).epsilon(0.015));
    CHECK(probe(path, "").number("duration") == doctest::Approx(3).epsilon(0.015));
    // Plain, with the index in front.
    const std::string boxes = topLevelBoxes(path);
    CHECK(boxes.find("moof") == std::string::npos);
    REQUIRE(boxes.find("moov") != std::string::npos);
    CHECK(boxes.find("moov") < boxes.find("mdat"));
    CHECK(filesIn(directory) == 1);
    checkReadable(path);
}

TEST_CASE("a recording that starts inside a GOP begins at the next key frame, with its sound") {
    const TemporaryDirectory directory;
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 3);
    Playback playback(engine::OutputVideoFormat::None, false);
    size_t unit = 0;
    for (const EncodedPacket &packet : clip) {
        if (isVideoUnit(packet) && unit++ == 10)
            playback.pipeline->startRecord(directory / "a.mp4");
        playback.pipeline->push(packet);
    }
    playback.pipeline->stopRecord();
    const std::string path = directory / "a.mp4";
    CHECK(probe(path, "v")["nb_read_frames"] == "60");
    CHECK(probe(path, "v").number("duration") == doctest::Approx(2).epsilon(0.025));
    CHECK(probe(path, "a").number("duration") == doctest::Approx(2).epsilon(0.025));
    CHECK(std::abs(probe(path, "a").number("start_time")) < 0.05);
}

TEST_CASE("B-frames, sound alone and picture alone are recorded") {
    const TemporaryDirectory directory;
    const std::string reordered =
        recordClip(makeClip("-f lavfi -i testsrc2=size=320x180:rate=30 -f lavfi -i sine -t 2 -c:v libx264 -bf 3 -g 30 "
                            "-pix_fmt yuv420p -c:a aac"),
                   directory / "b.mp4");
    CHECK(probe(reordered, "v")["nb_read_frames"] == "60");
    CHECK(probe(reordered, "v")["has_b_frames"] != "0");
    checkReadable(reordered);
    const std::string sound =
        recordClip(makeClip("-f lavfi -i sine=sample_rate=44100 -t 2 -c:a aac"), directory / "s.mp4");
    CHECK(probe(sound, "v").text.empty());
    CHECK(probe(sound, "a").number("duration") == doctest::Approx(2).epsilon(0.03));
    const std::string picture = recordClip(
        makeClip("-f lavfi -i testsrc2=size=320x180:rate=30 -t 2 -c:v libx264 -tune zerolatency"), directory / "p.mp4");
    CHECK(probe(picture, "a").text.empty());
    CHECK(probe(picture, "v").number("duration") == doctest::Approx(2).epsilon(0.025));
    const std::string tooShort =
        recordClip(makeClip("-f lavfi -i testsrc2=size=320x180:rate=30 -t 0.2 -c:v libx264 -tune zerolatency"),
                   directory / "t.mp4");
    CHECK(probe(tooShort, "v")["nb_read_frames"] == "6");
}

TEST_CASE("a configuration of the other kind that comes late is waited for") {
    const TemporaryDirectory directory;
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 2);
    Playback playback(engine::OutputVideoFormat::None, false);
    playback.pipeline->startRecord(directory / "a.mp4");
    // The sound's configuration comes half a second after the picture.
    std::optional<EncodedPacket> audioConfig;
    for (const EncodedPacket &packet : clip) {
        if (packet.kind == MediaKind::Audio && packet.isConfig) {
            audioConfig = packet;
            continue;
        }
        if (audioConfig && packet.dtsMs > 500) {
            playback.pipeline->push(*audioConfig);
            audioConfig.reset();
        }
        playback.pipeline->push(packet);
    }
    playback.pipeline->stopRecord();
    CHECK(probe(directory / "a.mp4", "v")["nb_read_frames"] == "60");
    // The muxer lets the first unit begin at 0; the second one and all after it are where they belong.
    const std::string times =
        runCommand("ffprobe -v error -select_streams a -show_entries packet=pts_time -of csv=p=0 '" +
                   (directory / "a.mp4") + "' | sed -n 2p");
    CHECK(std::strtod(times.c_str(), nullptr) == doctest::Approx(0.52).epsilon(0.05));
}

TEST_CASE("a recording goes on without a hole over a new connection and over jumps of the sender's clock") {
    const TemporaryDirectory directory;
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 1);
    Playback playback(engine::OutputVideoFormat::None, false);
    playback.pipeline->startRecord(directory / "a.mp4");
    playback.push(clip);
    playback.pipeline->discontinuity();
    playback.push(clip); // begins at 0 again
    for (const int64_t jump : {int64_t{3'600'000}, int64_t{-50'000'000}, int64_t{4'000'000'000}})
        for (const EncodedPacket &packet : clip)
            playback.pipeline->push(later(packet, jump));
    playback.pipeline->stopRecord();
    const std::string path = directory / "a.mp4";
    CHECK(probe(path, "v")["nb_read_frames"] == "150");
    CHECK(probe(path, "v").number("duration") == doctest::Approx(5).epsilon(0.02));
    CHECK(probe(path, "a").number("duration") == doctest::Approx(5).epsilon(0.03));
    checkReadable(path);
}

TEST_CASE("equal and slightly backward times are repaired") {
    const TemporaryDirectory directory;
    auto clip = makeClip("-f lavfi -i testsrc2=size=320x180:rate=30 -t 2 -c:v libx264 -tune zerolatency -g 30");
    for (size_t i = 10; i < clip.size(); i += 7)
        clip[i].dtsMs -= i % 2 ? 33 : 50;
    const std::string path = recordClip(clip, directory / "a.mp4");
    CHECK(probe(path, "v")["nb_read_frames"] == "60");
    CHECK(probe(path, "v").number("duration") == doctest::Approx(2).epsilon(0.03));
    checkReadable(path);
}

TEST_CASE("damaged units do not end a recording") {
    const TemporaryDirectory directory;
    auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 2);
    for (size_t i = 20; i < clip.size(); i += 9) {
        const uint8_t fill = i % 2 ? 0xff : 0x00;
        clip[i].data = std::make_shared<embedded::Bytes>(i % 4 ? clip[i].data->size() : 0, fill);
    }
    const std::string path = recordClip(clip, directory / "a.mp4");
    CHECK(probe(path, "").number("duration") == doctest::Approx(2).epsilon(0.03));
}

TEST_CASE("where the stream changes what a file can hold, the next file begins, and nothing is lost") {
    const TemporaryDirectory directory;
    const auto small = makeLiveClip("testsrc2=size=320x180:rate=30", 1);
    const auto large = makeLiveClip("testsrc2=size=640x360:rate=30", 1);
    const auto otherSound =
        makeClip("-f lavfi -i testsrc2=size=640x360:rate=30 -f lavfi -i sine=sample_rate=44100 -t 1 -c:v libx264 "
                 "-tune zerolatency -g 30 -pix_fmt yuv420p -c:a aac");
    std::ofstream(directory / "a-3.mp4") << "another recording's";
    std::filesystem::create_directory(directory / "a-4.mp4");
    Playback playback(engine::OutputVideoFormat::None, false);
    playback.pipeline->startRecord(directory / "a.mp4");
    int64_t at = 0;
    for (const auto &part : {small, large, otherSound, small}) {
        for (const EncodedPacket &packet : part)
            playback.pipeline->push(later(packet, at));
        at += 1000;
    }
    playback.pipeline->stopRecord();
    CHECK(playback.recordErrors.empty());
    const std::vector<std::string> files{directory / "a.mp4", directory / "a-2.mp4", directory / "a-5.mp4",
                                         directory / "a-6.mp4"};
    CHECK(playback.recordFiles == files);
    for (const std::string &file : files) {
        CAPTURE(file);
        CHECK(probe(file, "v")["nb_read_frames"] == "30");
        CHECK(probe(file, "v").number("duration") == doctest::Approx(1).epsilon(0.04));
        CHECK(probe(file, "a").number("duration") == doctest::Approx(1).epsilon(0.05));
        checkReadable(file);
    }
    CHECK(probe(files[0], "v")["width"] == "320");
    CHECK(probe(files[1], "v")["width"] == "640");
    CHECK(probe(files[2], "a")["sample_rate"] == "44100");
    CHECK(probe(files[3], "a")["sample_rate"] == "48000");
}

TEST_CASE("a next file that cannot be opened ends the recording, and leaves those before it") {
    const TemporaryDirectory directory;
    const auto small = makeLiveClip("testsrc2=size=320x180:rate=30", 1);
    const auto large = makeLiveClip("testsrc2=size=640x360:rate=30", 1);
    const std::string disk = directory / "disk", away = directory / "away";
    std::filesystem::create_directory(disk);
    Playback playback(engine::OutputVideoFormat::None, false);
    playback.pipeline->startRecord(disk + "/a.mp4");
    for (const EncodedPacket &packet : small)
        playback.pipeline->push(packet);
    std::filesystem::rename(disk, away);
    for (const EncodedPacket &packet : large)
        playback.pipeline->push(later(packet, 1000));
    REQUIRE(playback.waitFor([&] { return !playback.recordErrors.empty(); }));
    CHECK(playback.recordErrors.front().code == ErrorCode::RecordFailed);
    CHECK(playback.recordFiles == std::vector<std::string>{disk + "/a.mp4", disk + "/a-2.mp4"});
    CHECK_FALSE(playback.pipeline->recording());
    CHECK(codeOf([&] { playback.pipeline->stopRecord(); }) == ErrorCode::InvalidState);
    CHECK(probe(away + "/a.mp4", "v")["nb_read_frames"] == "30");
    checkReadable(away + "/a.mp4");
}

TEST_CASE("a recording takes sound that a stream gets later, and pictures that it gets later") {
    const TemporaryDirectory directory;
    const auto whole = makeLiveClip("testsrc2=size=320x180:rate=30", 4);
    for (const MediaKind late : {MediaKind::Audio, MediaKind::Video}) {
        const std::string name = late == MediaKind::Audio ? "sound" : "picture";
        CAPTURE(name);
        Playback playback(engine::OutputVideoFormat::None, false);
        playback.pipeline->startRecord(directory / (name + ".mp4"));
        std::optional<EncodedPacket> config;
        for (const EncodedPacket &packet : whole) {
            if (packet.kind == late && packet.isConfig)
                config = packet;
            if (packet.kind == late && packet.dtsMs < 1500)
                continue;
            if (config && packet.kind == late) {
                playback.pipeline->push(*config);
                config.reset();
            }
            playback.pipeline->push(packet);
        }
        playback.pipeline->stopRecord();
        CHECK(playback.recordErrors.empty());
        REQUIRE(playback.recordFiles.size() == 2);
        // Both kinds, from the key frame at 2 s on.
        CHECK(probe(playback.recordFiles[0], late == MediaKind::Audio ? "a" : "v").text.empty());
        CHECK(probe(playback.recordFiles[0], "").number("duration") == doctest::Approx(2).epsilon(0.03));
        CHECK(probe(playback.recordFiles[1], "a").number("duration") == doctest::Approx(2).epsilon(0.03));
        CHECK(probe(playback.recordFiles[1], "v")["nb_read_frames"] == "60");
        for (const std::string &file : playback.recordFiles)
            checkReadable(file);
    }
}

TEST_CASE("slices begin at key frames, are whole, and together are the stream") {
    const TemporaryDirectory directory;
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 6);
    Playback playback(engine::OutputVideoFormat::None, false);
    playback.pipeline->startRecord(directory / "a.mp4", 2);
    playback.push(clip);
    playback.pipeline->stopRecord();
    CHECK(playback.recordErrors.empty());
    CHECK(playback.recordFiles.size() == 3);
    double sound = 0;
    for (const std::string &file : playback.recordFiles) {
        CAPTURE(file);
        CHECK(probe(file, "v")["nb_read_frames"] == "60");
        CHECK(probe(file, "v").number("duration") == doctest::Approx(2).epsilon(0.02));
        CHECK(topLevelBoxes(file).find("moof") == std::string::npos);
        sound += probe(file, "a").number("nb_read_frames");
        checkReadable(file);
    }
    CHECK(sound == probe(recordClip(clip, directory / "whole.mp4"), "a").number("nb_read_frames"));

    const auto onlySound = makeClip("-f lavfi -i sine=sample_rate=48000 -t 3 -c:a aac");
    playback.recordFiles.clear();
    playback.pipeline->discontinuity();
    playback.pipeline->startRecord(directory / "s.mp4", 1);
    playback.push(onlySound);
    playback.pipeline->stopRecord();
    CHECK(playback.recordFiles.size() == 3);
    for (const std::string &file : playback.recordFiles)
        CHECK(probe(file, "a").number("duration") == doctest::Approx(1).epsilon(0.1));
}

TEST_CASE("new parameter sets of the same size travel with the recording") {
    const TemporaryDirectory directory;
    const auto first = makeLiveClip("color=red:size=320x180:rate=30", 1);
    const auto second =
        makeLiveClip("color=blue:size=320x180:rate=30", 1, "-coder 1 -tune fastdecode -preset medium -bf 0");
    const auto videoConfig = [](const auto &clip) {
        return *(isVideoUnit(clip[0]) || clip[0].kind == MediaKind::Video ? clip[0] : clip[1]).data;
    };
    REQUIRE(videoConfig(first) != videoConfig(second));
    Playback playback(engine::OutputVideoFormat::None, false);
    playback.pipeline->startRecord(directory / "a.mp4");
    playback.push(first);
    for (const EncodedPacket &packet : second)
        playback.pipeline->push(later(packet, 1000));
    for (const EncodedPacket &packet : first)
        playback.pipeline->push(later(packet, 2000));
    playback.pipeline->stopRecord();
    CHECK(playback.recordErrors.empty());
    CHECK(probe(directory / "a.mp4", "v")["nb_read_frames"] == "90");
    checkReadable(directory / "a.mp4");
}

TEST_CASE("paths that cannot be recorded to are refused at once, and nothing is overwritten") {
    const TemporaryDirectory directory;
    Playback playback;
    auto &pipeline = *playback.pipeline;
    std::ofstream(directory / "there.mp4") << "precious";
    CHECK(codeOf([&] { pipeline.startRecord(directory / "there.mp4"); }) == ErrorCode::RecordFailed);
    CHECK(codeOf([&] { pipeline.startRecord(directory / ""); }) == ErrorCode::RecordFailed);
    CHECK(codeOf([&] { pipeline.startRecord(directory / "no/such/a.mp4"); }) == ErrorCode::RecordFailed);
    CHECK(codeOf([&] { pipeline.startRecord("/proc/a.mp4"); }) == ErrorCode::RecordFailed);
    CHECK(codeOf([&] { pipeline.startRecord(""); }) == ErrorCode::RecordFailed);
    CHECK(codeOf([&] { pipeline.startRecord(directory / std::string(5000, 'x')); }) == ErrorCode::RecordFailed);
    CHECK(codeOf([&] { pipeline.startRecord(directory / std::string("a\0.mp4", 6)); }) == ErrorCode::RecordFailed);
    CHECK(runCommand("cat '" + (directory / "there.mp4") + "'") == "precious");
    CHECK_FALSE(pipeline.recording());
    CHECK(codeOf([&] { pipeline.stopRecord(); }) == ErrorCode::InvalidState);
    pipeline.startRecord(directory / "a.mp4");
    CHECK(codeOf([&] { pipeline.startRecord(directory / "b.mp4"); }) == ErrorCode::InvalidState);
    // Nothing came.
    CHECK(codeOf([&] { pipeline.stopRecord(); }) == ErrorCode::RecordFailed);
    CHECK(filesIn(directory) == 1);
    pipeline.stop();
    CHECK(codeOf([&] { pipeline.startRecord(directory / "c.mp4"); }) == ErrorCode::InvalidState);
}

TEST_CASE("a full disk ends the recording, tells so, and keeps what was written") {
    const TemporaryDirectory directory;
    const auto clip = makeLiveClip("testsrc2=size=640x360:rate=30", 4, "-b:v 2M");
    Playback playback(engine::OutputVideoFormat::None, false);
    {
        const FileSizeLimit limit(400'000);
        playback.pipeline->startRecord(directory / "a.mp4");
        playback.push(clip);
        REQUIRE(playback.waitFor([&] { return !playback.recordErrors.empty(); }));
        CHECK(playback.recordErrors.front().code == ErrorCode::RecordFailed);
        CHECK_FALSE(playback.pipeline->recording());
    }
    CHECK(probe(directory / "a.mp4", "v").number("nb_read_frames") > 20);
    checkReadable(directory / "a.mp4");
    CHECK(filesIn(directory) == 1);
    // Not even the header fits: no empty file stays.
    const FileSizeLimit limit(100);
    playback.pipeline->startRecord(directory / "b.mp4");
    playback.push(clip);
    REQUIRE(playback.waitFor([&] { return playback.recordErrors.size() == 2; }));
    CHECK(filesIn(directory) == 1);
}

TEST_CASE("stop finishes a recording that was not stopped") {
    const TemporaryDirectory directory;
    const auto clip = makeLiveClip("testsrc2=size=320x180:rate=30", 2);
    Playback playback(engine::OutputVideoFormat::None, false);
    playback.pipeline->startRecord(directory / "a.mp4");
    playback.push(clip);
    playback.pipeline->stop();
    CHECK_FALSE(playback.pipeline->recording());
    CHECK(probe(directory / "a.mp4", "v")["nb_read_frames"] == "60");
    CHECK(filesIn(directory) == 1);
}

TEST_CASE("SIGKILL leaves a playable file that lacks less than 300 ms") {
    const TemporaryDirectory directory;
    const std::string path = directory / "a.mp4";
    const pid_t child = recordingChild.start(path);
    REQUIRE(child > 0);
    const auto lastPushedMs = [&] {
        std::ifstream progress(path + ".progress");
        int64_t last = 0;
        for (int64_t value = 0; progress >> value;)
            last = value;
        return last;
    };
    Playback clock; // only for its deadline
    const bool came = clock.waitFor([&] { return lastPushedMs() > 3000; }, std::chrono::seconds(60));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    REQUIRE(came);
    const double pushed = static_cast<double>(lastPushedMs()) / 1000;
    const double kept = probe(path, "v").number("nb_read_frames") / 30;
    CAPTURE(pushed);
    CAPTURE(kept);
    CHECK(kept > pushed - 0.3);
    checkReadable(path);
}
