#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/CodeOf.h"
#include "../support/FileSizeLimit.h"
#include "TestClip.h"
#include "embedded/record/Mp4Layout.h"
#include "embedded/record/PlainMp4.h"
#include "embedded/record/RecordFile.h"
#include "embedded/record/RecordingRepair.h"

using namespace rtcroom;
using namespace rtcroom::test;
using namespace rtcroom::embedded;
using engine::ErrorCode;
namespace fs = std::filesystem;

namespace {

void write(const std::string &path, const Bytes &bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc)
        .write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

Bytes bytesOf(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Bytes firstOf(const Bytes &bytes, size_t count) {
    return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count)};
}

void feed(RecordFile &file, const std::vector<EncodedPacket> &clip) {
    for (const EncodedPacket &packet : clip)
        packet.isConfig ? file.config(packet) : file.write(packet);
}

/// What a recording of `clip` is on the disk while it goes on, all fragments written.
Bytes fragmented(const std::vector<EncodedPacket> &clip) {
    const TemporaryDirectory directory;
    {
        RecordFile file(directory / "a.mp4");
        feed(file, clip);
        file.complete();
    }
    return bytesOf(directory / "a.mp4");
}

const std::vector<EncodedPacket> &clip() {
    static const auto made = makeLiveClip("testsrc2=size=320x180:rate=30", 2);
    return made;
}

const Bytes &recording() {
    static const Bytes made = fragmented(clip());
    return made;
}

struct Unit {
    int stream;
    Bytes data;
    size_t end;
    bool operator==(const Unit &other) const { return stream == other.stream && data == other.data; }
};

std::vector<Unit> unitsOf(const std::string &path) {
    AVFormatContext *input = nullptr;
    REQUIRE(avformat_open_input(&input, path.c_str(), nullptr, nullptr) == 0);
    std::vector<Unit> units;
    const PacketPtr packet(av_packet_alloc());
    while (av_read_frame(input, packet.get()) >= 0) {
        units.push_back({packet->stream_index, Bytes(packet->data, packet->data + packet->size),
                         static_cast<size_t>(packet->pos + packet->size)});
        av_packet_unref(packet.get());
    }
    avformat_close_input(&input);
    // Files interleave as they like.
    std::ranges::stable_sort(units, {}, &Unit::stream);
    return units;
}

/// Where the boxes of the top level begin, and their types.
std::vector<std::pair<size_t, std::string>> boxesOf(const Bytes &bytes) {
    std::vector<std::pair<size_t, std::string>> boxes;
    for (size_t at = 0; at + 8 <= bytes.size();) {
        const size_t size =
            size_t{bytes[at]} << 24 | size_t{bytes[at + 1]} << 16 | size_t{bytes[at + 2]} << 8 | bytes[at + 3];
        boxes.emplace_back(at, std::string(reinterpret_cast<const char *>(&bytes[at + 4]), 4));
        REQUIRE(size >= 8);
        at += size;
    }
    return boxes;
}

size_t countOf(const Bytes &bytes, const std::string &type) {
    const auto boxes = boxesOf(bytes);
    return static_cast<size_t>(std::ranges::count(boxes, type, [](const auto &box) { return box.second; }));
}

void checkPlain(const std::string &path) {
    const Bytes bytes = bytesOf(path);
    CHECK(countOf(bytes, "moof") == 0);
    CHECK(countOf(bytes, "moov") == 1);
    CHECK_FALSE(repairRecording(path).repaired);
    CHECK(bytesOf(path) == bytes);
}

void checkReadable(const std::string &path) {
    CHECK(
        runCommand("ffmpeg -nostdin -v error -xerror -i 'file:" + path + "' -enc_time_base 1:16000 -f null -").empty());
}

ErrorCode repairCode(const std::string &path) {
    return codeOf([&] { repairRecording(path); });
}

size_t filesIn(const TemporaryDirectory &directory) {
    return static_cast<size_t>(std::distance(fs::directory_iterator(directory.path()), {}));
}

std::optional<Mp4Layout> layoutOf(const Bytes &bytes) {
    const auto read = [&bytes](int64_t position, std::span<uint8_t> out) {
        const auto at = std::min(static_cast<size_t>(position), bytes.size());
        const size_t count = std::min(out.size(), bytes.size() - at);
        std::memcpy(out.data(), bytes.data() + at, count);
        return static_cast<int64_t>(count);
    };
    return readMp4Layout(read, static_cast<int64_t>(bytes.size()));
}

} // namespace

TEST_CASE("a repaired recording has every whole unit, wherever the file ends") {
    const TemporaryDirectory directory;
    write(directory / "whole.mp4", recording());
    const auto whole = unitsOf(directory / "whole.mp4");
    const auto boxes = boxesOf(recording());
    // Around the last two fragments: in and between their boxes, in the header of a box, in a unit.
    std::vector<size_t> cuts{recording().size(), recording().size() - 1};
    for (size_t i = boxes.size() - 4; i < boxes.size(); ++i)
        for (const size_t offset : {0, 5, 8, 100, 700})
            cuts.push_back(boxes[i].first + offset);
    for (const size_t cut : cuts) {
        CAPTURE(cut);
        const std::string path = directory / "a.mp4";
        write(path, firstOf(recording(), cut));
        const RepairResult result = repairRecording(path);
        CHECK(result.repaired);
        std::vector<Unit> expected;
        std::ranges::copy_if(whole, std::back_inserter(expected), [cut](const Unit &unit) { return unit.end <= cut; });
        CHECK(unitsOf(path) == expected);
        CHECK(result.durationMs > 1500);
        CHECK(result.durationMs < 2100);
        checkPlain(path);
        fs::remove(path);
    }
}

TEST_CASE("a repaired recording is readable from end to end and keeps its times") {
    const TemporaryDirectory directory;
    const std::string path = directory / "通话 a.mp4";
    write(path, firstOf(recording(), recording().size() - 100));
    double last = 0;
    const RepairResult result = repairRecording(path, [&last](double done) {
        CHECK(done >= last);
        CHECK(done <= 1);
        last = done;
        return true;
    });
    CHECK(last > 0.9);
    CHECK(result.lostBytes > 0);
    checkReadable(path);
    CHECK(std::abs(probe(path, "v").number("start_time")) < 0.03);
    CHECK(probe(path, "").number("duration") * 1000 ==
          doctest::Approx(static_cast<double>(result.durationMs)).epsilon(0.02));
    CHECK(filesIn(directory) == 1);
    checkPlain(path);
}

TEST_CASE("sound alone, and pictures that are reordered, are repaired") {
    const TemporaryDirectory directory;
    const std::string sound = directory / "s.mp4";
    const Bytes soundBytes = fragmented(makeClip("-f lavfi -i sine=sample_rate=44100 -t 2 -c:a aac"));
    write(sound, firstOf(soundBytes, soundBytes.size() - 20));
    CHECK(repairRecording(sound).repaired);
    checkReadable(sound);
    const std::string reordered = directory / "b.mp4";
    const Bytes reorderedBytes = fragmented(
        makeClip("-f lavfi -i testsrc2=size=320x180:rate=30 -t 2 -c:v libx264 -bf 3 -g 30 -pix_fmt yuv420p"));
    write(reordered, reorderedBytes);
    CHECK(repairRecording(reordered).repaired);
    CHECK(probe(reordered, "v")["nb_read_frames"] == "60");
    CHECK(probe(reordered, "v")["has_b_frames"] != "0");
    checkReadable(reordered);
}

TEST_CASE("a plain MP4 that lost its end keeps what is there") {
    const TemporaryDirectory directory;
    const std::string path = directory / "a.mp4";
    write(path, recording());
    REQUIRE(repairRecording(path).repaired);
    const Bytes plain = bytesOf(path);
    const auto whole = unitsOf(path);
    const size_t cut = plain.size() - plain.size() / 4;
    write(path, firstOf(plain, cut));
    const RepairResult result = repairRecording(path);
    CHECK(result.repaired);
    std::vector<Unit> expected;
    std::ranges::copy_if(whole, std::back_inserter(expected), [cut](const Unit &unit) { return unit.end <= cut; });
    CHECK(unitsOf(path) == expected);
    checkPlain(path);
}

TEST_CASE("what is no recording is refused with its reason and left as it is") {
    const TemporaryDirectory directory;
    const auto boxes = boxesOf(recording());
    REQUIRE(boxes[1].second == "moov");
    REQUIRE(boxes[2].second == "moof");
    const std::vector<std::pair<std::string, Bytes>> files{
        {"empty", {}},
        {"text", Bytes(1000, 'a')},
        {"half a header", firstOf(recording(), 5)},
        {"no index", firstOf(recording(), boxes[1].first + 20)},
        {"nothing recorded", firstOf(recording(), boxes[2].first)},
        {"no whole unit", firstOf(recording(), boxes[3].first + 20)},
    };
    for (const auto &[name, bytes] : files) {
        CAPTURE(name);
        write(directory / "a.mp4", bytes);
        CHECK(repairCode(directory / "a.mp4") == ErrorCode::NotMedia);
        CHECK(bytesOf(directory / "a.mp4") == bytes);
    }
    runCommand("ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=64x64:rate=5 -t 1 -c:v mpeg4 -movflags "
               "empty_moov+frag_keyframe '" +
               (directory / "a.mp4") + "'");
    const Bytes foreign = bytesOf(directory / "a.mp4");
    CHECK(repairCode(directory / "a.mp4") == ErrorCode::NotMedia);
    CHECK(bytesOf(directory / "a.mp4") == foreign);
    CHECK(filesIn(directory) == 1);
    CHECK(repairCode(directory / "none.mp4") == ErrorCode::FileOpenFailed);
    CHECK(repairCode(directory.path().string()) == ErrorCode::FileOpenFailed);
    CHECK(repairCode("/dev/null") == ErrorCode::FileOpenFailed);
    CHECK(repairCode("") == ErrorCode::InvalidArgument);
    CHECK(repairCode(std::string("a\0.mp4", 6)) == ErrorCode::InvalidArgument);
}

TEST_CASE("a recording that goes on is not repaired") {
    const TemporaryDirectory directory;
    const std::string path = directory / "a.mp4";
    RecordFile file(path);
    feed(file, clip());
    CHECK(repairCode(path) == ErrorCode::InvalidState);
    REQUIRE(file.complete());
    CHECK(bytesOf(path) == recording());
    CHECK(repairRecording(path).repaired);
}

TEST_CASE("temporary files that were left of a recording go, those of others stay") {
    const TemporaryDirectory directory;
    const std::string path = directory / "a.mp4";
    write(path, recording());
    write(temporaryPathBeside(path), firstOf(recording(), 1000));
    const std::string other = temporaryPathBeside(directory / "b.mp4");
    write(other, recording());
    CHECK(filesIn(directory) == 3);
    CHECK(repairRecording(path).repaired);
    CHECK(filesIn(directory) == 2);
    CHECK(bytesOf(other) == recording());
}

TEST_CASE("a full disk, missing rights and an end by the caller leave the recording as it was") {
    const TemporaryDirectory directory;
    const std::string path = directory / "a.mp4";
    write(path, recording());
    {
        const FileSizeLimit limit(recording().size() / 2);
        CHECK(repairCode(path) == ErrorCode::RecordFailed);
    }
    try {
        repairRecording(path, [](double) { return false; });
        FAIL("nothing was thrown");
    } catch (const engine::EngineException &error) {
        CHECK(error.error().code == ErrorCode::Aborted);
    }
    // As a user who is not root, who may do everything.
    const uid_t user = geteuid();
    REQUIRE(chmod(directory.path().c_str(), 0555) == 0);
    if (user == 0)
        REQUIRE(seteuid(65534) == 0);
    CHECK(repairCode(path) == ErrorCode::RecordFailed);
    if (user == 0)
        REQUIRE(seteuid(0) == 0);
    REQUIRE(chmod(path.c_str(), 0) == 0);
    if (user == 0)
        REQUIRE(seteuid(65534) == 0);
    CHECK(repairCode(path) == ErrorCode::FileOpenFailed);
    if (user == 0)
        REQUIRE(seteuid(0) == 0);
    REQUIRE(chmod(path.c_str(), 0644) == 0);
    REQUIRE(chmod(directory.path().c_str(), 0755) == 0);
    CHECK(bytesOf(path) == recording());
    CHECK(filesIn(directory) == 1);
}

TEST_CASE("a link to a recording stays a link, and the file keeps its rights") {
    const TemporaryDirectory directory;
    write(directory / "a.mp4", recording());
    REQUIRE(chmod((directory / "a.mp4").c_str(), 0640) == 0);
    fs::create_symlink("a.mp4", directory / "link.mp4");
    CHECK(repairRecording(directory / "link.mp4").repaired);
    CHECK(fs::is_symlink(directory / "link.mp4"));
    CHECK(fs::status(directory / "a.mp4").permissions() == fs::perms(0640));
    checkPlain(directory / "a.mp4");
}

// libFuzzer's find: FFmpeg's demuxer counted for minutes.
TEST_CASE("a table that counts more units than the file has bytes is damage") {
    const TemporaryDirectory directory;
    const std::string path = directory / "a.mp4";
    for (const std::string table : {"trun", "stsz"}) {
        CAPTURE(table);
        Bytes bytes = recording();
        const auto at = std::ranges::search(bytes, table).begin();
        REQUIRE(at != bytes.end());
        CHECK(layoutOf(bytes)->credible);
        // Behind the type: version and flags; stsz has a size, then the count.
        const auto count = at + (table == "trun" ? 8 : 12);
        std::fill_n(count, 4, uint8_t{0x7f});
        CHECK_FALSE(layoutOf(bytes)->credible);
        write(path, bytes);
        CHECK(repairCode(path) == ErrorCode::NotMedia);
        CHECK(bytesOf(path) == bytes);
    }
}

// libFuzzer's find too: a second for each fragment.
TEST_CASE("a track without an ID is damage") {
    const TemporaryDirectory directory;
    const std::string path = directory / "a.mp4";
    const auto damaged = [](const Bytes &with, size_t from) {
        Bytes bytes = recording();
        const auto at = std::ranges::search(bytes, std::string("tkhd")).begin();
        REQUIRE(at != bytes.end());
        std::ranges::copy(with, at + static_cast<std::ptrdiff_t>(from));
        return bytes;
    };
    // Behind the type: version, flags, two times of 4 bytes, and the ID.
    const Bytes noHeader = damaged({'f', 'r', 'e', 'e'}, 0);
    const Bytes zero = damaged({0, 0, 0, 0}, 16);
    const Bytes negative = damaged({0xff, 0xff, 0xff, 0xff}, 16);
    // Its ID is where the other has the duration, 0.
    const Bytes otherVersion = damaged({1}, 4);
    for (const Bytes &bytes : {noHeader, zero, negative, otherVersion}) {
        CHECK_FALSE(layoutOf(bytes)->credible);
        write(path, bytes);
        CHECK(repairCode(path) == ErrorCode::NotMedia);
        CHECK(bytesOf(path) == bytes);
    }
    CHECK(layoutOf(damaged({0x7f, 0xff, 0xff, 0xff}, 16))->credible);
}

TEST_CASE("the layout of a file tells what its end is worth") {
    const Bytes &bytes = recording();
    const auto boxes = boxesOf(bytes);
    const auto whole = layoutOf(bytes);
    REQUIRE(whole);
    CHECK(whole->hasIndex);
    CHECK(whole->fragmented);
    CHECK_FALSE(whole->tornData);
    CHECK(whole->fragments == static_cast<int64_t>(countOf(bytes, "moof")));
    CHECK(whole->end == static_cast<int64_t>(bytes.size()));
    // A tail of zeros, as a file system may leave it.
    Bytes padded = bytes;
    padded.resize(padded.size() + 4096);
    CHECK(layoutOf(padded)->end == whole->end);
    // Data that has begun counts as long as it would be, a fragment's header alone for nothing.
    const size_t lastFragment = boxes[boxes.size() - 2].first;
    const size_t lastData = boxes.back().first;
    CHECK(layoutOf(firstOf(bytes, lastData + 8))->end == whole->end);
    CHECK(layoutOf(firstOf(bytes, lastData + 7))->end == static_cast<int64_t>(lastFragment));
    CHECK(layoutOf(firstOf(bytes, lastFragment + 30))->end == static_cast<int64_t>(lastFragment));
    // Sizes that cannot be.
    for (const uint8_t size : {uint8_t{0}, uint8_t{7}}) {
        Bytes wrong = bytes;
        std::fill_n(wrong.begin() + static_cast<std::ptrdiff_t>(lastFragment), 3, uint8_t{0});
        wrong[lastFragment + 3] = size;
        CHECK(layoutOf(wrong)->end == static_cast<int64_t>(lastFragment));
    }
    Bytes huge = bytes;
    std::fill_n(huge.begin() + static_cast<std::ptrdiff_t>(lastData), 3, uint8_t{0});
    huge[lastData + 3] = 1;
    std::fill_n(huge.begin() + static_cast<std::ptrdiff_t>(lastData) + 8, 8, uint8_t{0xff});
    CHECK(layoutOf(huge)->end == static_cast<int64_t>(lastFragment));
    huge[lastData + 8] = 0x7f;
    CHECK(layoutOf(huge)->end == static_cast<int64_t>(lastFragment));
    huge[lastData + 8] = 0;
    CHECK(layoutOf(huge)->end == static_cast<int64_t>(huge.size()) + 16 * 1024 * 1024);
    CHECK_FALSE(layoutOf({}));
    CHECK_FALSE(layoutOf(firstOf(bytes, 7)));
}
