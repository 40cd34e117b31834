#include "support.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "embedded/capture/FileSource.h"
#include "test/support/Await.h"
#include "test/support/Tone.h"

namespace engine = rtcroom::engine;
using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;

namespace {

const VideoSettings SMALL{320, 180, 30, 600, 1};

// Sound that beeps at each whole second, pictures that flash white for 100 ms then.
const std::string FLASH_AND_BEEP =
    "-f lavfi -i \"color=c=black:s=320x180:r=30,drawbox=c=white:t=fill:enable='lt(mod(t,1),0.1)'\" "
    "-f lavfi -i \"aevalsrc=0.5*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.06):s=44100\" -c:v libx264 -preset veryfast "
    "-bf 2 -c:a aac ";

engine::VideoSourceOptions videoFile(const std::string &path, bool loop = false) {
    return {SourceKind::File, path, loop};
}

std::vector<double> flashes(const std::vector<DecodedPicture> &pictures) {
    std::vector<double> found;
    bool white = true;
    for (const DecodedPicture &each : pictures) {
        if (each.meanLuma > 128 && !white)
            found.push_back(static_cast<double>(each.ptsMs));
        white = each.meanLuma > 128;
    }
    return found;
}

/// All of a file's sound, however long the machine takes for it.
DecodedSound soundOf(const std::string &path) {
    DecodedSound sound{48000, 0, {}};
    const auto file = std::make_shared<MediaFile>(path, false, MediaKind::Audio, sound.rate, 1,
                                                  std::make_shared<std::atomic<bool>>(false));
    FileAudioSource source(file, 1);
    source.setRunning(true);
    const int64_t beginUs = engine::clockMicros();
    std::vector<float> block(480);
    for (int64_t atUs = beginUs;; atUs += 10'000) {
        ReadResult result = ReadResult::NotYet;
        REQUIRE(rtcroom::test::await([&] {
            if (result == ReadResult::NotYet)
                result = source.read(atUs, block, false);
            return result != ReadResult::NotYet;
        }));
        if (result == ReadResult::Ended)
            return sound;
        sound.samples.insert(sound.samples.end(), block.begin(), block.end());
    }
}

} // namespace

TEST_CASE("a file's pictures and sound stay together over loops") {
    const TempFolder folder;
    const std::string clip = folder.make("clip.mp4", FLASH_AND_BEEP + "-t 2.05");
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), SMALL, {48000, 1, 64});
    pipeline.openVideo(videoFile(clip, true));
    pipeline.openAudio({SourceKind::File, "", false});
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 30 * 7, 12'000));
    pipeline.stop();
    CHECK(sink.ends.empty());
    CHECK(sink.errors.empty());
    const auto seen = flashes(decodeVideo(sink.of(MediaKind::Video)));
    const auto heard = decodeAudio(sink.of(MediaKind::Audio)).beeps();
    REQUIRE(seen.size() >= 5);
    REQUIRE(heard.size() >= 5);
    // Each time that the machine does not run, pictures or sound are left out, and a flash or a beep with them.
    size_t stoodStill = 0;
    for (const MediaKind kind : {MediaKind::Video, MediaKind::Audio}) {
        const std::vector<Arrival> taken = sink.of(kind);
        for (size_t i = 1; i < taken.size(); ++i)
            stoodStill += taken[i].packet.dtsMs - taken[i - 1].packet.dtsMs > 70 ? 1 : 0;
    }
    size_t alone = 0;
    std::vector<double> offsets;
    // A flash at 1 s, then one at the begin of each lap and one a second later.
    for (const double flash : seen) {
        double nearest = 1e9;
        for (const double beep : heard)
            if (std::abs(beep - flash) < std::abs(nearest))
                nearest = beep - flash;
        CAPTURE(flash);
        if (flash < heard.back() + 300) { // the last may not have been encoded as sound yet
            alone += std::abs(nearest) < 40 ? 0 : 1;
            offsets.push_back(std::abs(nearest));
        }
    }
    CHECK(alone <= stoodStill);
    // More are no machine's that tests can run on.
    CHECK(stoodStill <= 6);
    if (stoodStill >= 2)
        MESSAGE("medians are not judged: the machine stood still ", stoodStill, " times");
    else
        CHECK(percentile(offsets, 0.5) < 10);
    std::vector<double> lapsMs;
    for (size_t i = 2; i < seen.size(); ++i)
        lapsMs.push_back(seen[i] - seen[i - 2]);
    if (stoodStill < 2)
        CHECK(percentile(lapsMs, 0.5) == doctest::Approx(2050).epsilon(0.04));
    CHECK((stoodStill > 0 || pipeline.stats().framesDropped <= 2));
}

TEST_CASE("a picture has its own time, not that of the slot in which it is taken") {
    const TempFolder folder;
    const std::string clip = folder.make("clip.mkv", FLASH_AND_BEEP + "-c:a pcm_s16le -t 3");
    // Slots of 91 ms and pictures each 33 ms: most slots lie between two of them.
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 11, 600, 1}, {48000, 1, 64});
    pipeline.openVideo(videoFile(clip));
    pipeline.openAudio({SourceKind::File, "", false});
    pipeline.start();
    REQUIRE(sink.waitFor([&] { return sink.ends.size() == 2; }));
    pipeline.stop();
    std::vector<double> besides;
    const auto arrivals = sink.of(MediaKind::Video);
    REQUIRE(arrivals.size() > 20);
    for (const Arrival &each : arrivals) {
        const double periods = static_cast<double>(each.packet.dtsMs - arrivals[1].packet.dtsMs) * 30 / 1000;
        besides.push_back(std::abs(periods - std::round(periods)) * 1000 / 30);
    }
    CHECK(percentile(besides, 0.5) <= 2);
}

TEST_CASE("sound stays at its time behind a hole") {
    const TempFolder folder;
    // A frame of 23 ms is missing before the third beep, and another one before the fourth.
    const std::string clip = folder.make("clip.mkv", FLASH_AND_BEEP + "-af \"aselect='not(eq(n,67)+eq(n,110))'\" "
                                                                      "-c:a pcm_s16le -t 4");
    const std::vector<double> heard = soundOf(clip).beeps();
    REQUIRE(heard.size() == 4);
    // The first was under way when the reading began.
    for (const size_t i : {2, 3}) {
        CAPTURE(i);
        CHECK(std::abs(heard[i] - heard[1] - 1000.0 * static_cast<double>(i - 1)) < 4);
    }
}

TEST_CASE("sound whose times jump to and fro is heard without holes") {
    const TempFolder folder;
    const std::string clip =
        folder.make("clip.mkv", "-f lavfi -i sine=f=440:r=48000,volume=4 -af "
                                "\"asetpts='PTS+0.012/TB*mod(floor(N/1024),2)'\" -c:a pcm_s16le -t 3");
    const DecodedSound sound = soundOf(clip);
    // Behind its first times, which are believed.
    const std::span<const float> heard = std::span(sound.samples).subspan(24000, 96000);
    for (size_t at = 0; at + 240 <= heard.size(); at += 240) {
        CAPTURE(at);
        CHECK(*std::ranges::max_element(heard.subspan(at, 240)) > 0.35F);
    }
}

TEST_CASE("channels that are set between a file's pictures and its sound are those of the sound") {
    const TempFolder folder;
    const std::string clip = folder.make("clip.mp4", "-f lavfi -i color=s=320x180:r=30 -f lavfi -i sine=f=200:r=48000 "
                                                     "-t 2 -c:v libx264 -c:a aac ");
    for (const int channels : {1, 2}) {
        CAPTURE(channels);
        Sink sink;
        PushPipeline pipeline(sink.callbacks(), SMALL, {48000, 3 - channels, 64});
        pipeline.openVideo(videoFile(clip, true));
        pipeline.setAudioChannels(channels);
        pipeline.openAudio({SourceKind::File, "", false});
        pipeline.start();
        REQUIRE(sink.waitForPackets(MediaKind::Audio, 60));
        pipeline.stop();
        const DecodedSound sound = decodeAudio(sink.of(MediaKind::Audio));
        REQUIRE(sound.samples.size() > 48000);
        // Piece by piece: where the machine did not run the tone begins anew.
        double tone = 0;
        double half = 1;
        double twice = 1;
        for (size_t from = sound.samples.size() - 24000; from + 4800 <= sound.samples.size(); from += 4800) {
            const std::span<const float> heard = std::span(sound.samples).subspan(from, 4800);
            tone = std::max(tone, rtcroom::test::amplitudeAt(heard, 200, 48000));
            half = std::min(half, rtcroom::test::amplitudeAt(heard, 100, 48000));
            twice = std::min(twice, rtcroom::test::amplitudeAt(heard, 400, 48000));
        }
        // An eighth of full scale, as in the file, in one channel as in two.
        CHECK(tone == doctest::Approx(0.125).epsilon(0.05));
        // Samples of one channel in the places of two, or the other way.
        CHECK(half < 0.01);
        CHECK(twice < 0.01);
    }
}

TEST_CASE("a file without loop ends once for each kind and the stream lives on") {
    const TempFolder folder;
    const std::string clip = folder.make("clip.mp4", FLASH_AND_BEEP + "-t 1");
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), SMALL, {});
    pipeline.openVideo(videoFile(clip));
    pipeline.openAudio({SourceKind::File, clip, false});
    const int64_t beginUs = engine::clockMicros();
    pipeline.start();
    REQUIRE(sink.waitFor([&] { return sink.ends.size() == 2; }));
    const double tookMs = static_cast<double>(engine::clockMicros() - beginUs) / 1000;
    CHECK(tookMs > 950);
    CHECK(tookMs < 1400);
    REQUIRE(sink.waitForPackets(MediaKind::Video, 2));
    REQUIRE(sink.waitForPackets(MediaKind::Audio, 2));
    pipeline.stop();
    CHECK(sink.ends.size() == 2);
    CHECK(sink.ends[0] != sink.ends[1]);
}

TEST_CASE("pictures are fitted to the stream's size and rate") {
    const TempFolder folder;
    const std::string tall = folder.make("tall.mkv", "-f lavfi -i color=c=white:s=240x480:r=60 -t 1 -c:v mpeg4");
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {640, 360, 15, 600, 1}, {});
    pipeline.openVideo(videoFile(tall, true));
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 20));
    pipeline.stop();
    for (const DecodedPicture &each : decodeVideo(sink.of(MediaKind::Video))) {
        CHECK(each.width == 640);
        CHECK(each.height == 360);
        // 180 of 640 columns are white, the rest are bars.
        CHECK(each.meanLuma == doctest::Approx((180.0 * 235 + 460 * 16) / 640).epsilon(0.05));
    }
    const auto arrivals = sink.of(MediaKind::Video);
    std::vector<double> stepsMs;
    for (size_t i = 2; i < arrivals.size(); ++i)
        stepsMs.push_back(static_cast<double>(arrivals[i].packet.dtsMs - arrivals[i - 1].packet.dtsMs));
    CHECK(percentile(stepsMs, 0.5) == doctest::Approx(1000.0 / 15).epsilon(0.05));
}

TEST_CASE("a file with one kind serves that kind, and says so when asked for the other") {
    const TempFolder folder;
    const std::string silent = folder.make("silent.mp4", "-f lavfi -i testsrc=s=320x180:r=30 -t 1 -c:v libx264");
    const std::string blind = folder.make("blind.m4a", "-f lavfi -i sine=f=440 -t 1 -c:a aac");
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), SMALL, {});
    CHECK(codeOf([&] { pipeline.openVideo(videoFile(blind)); }) == ErrorCode::NotMedia);
    CHECK_FALSE(pipeline.hasVideo());
    CHECK(codeOf([&] { pipeline.openAudio({SourceKind::File, silent, false}); }) == ErrorCode::NotMedia);
    pipeline.openVideo(videoFile(silent, true));
    CHECK(codeOf([&] { pipeline.openAudio({SourceKind::File, "", false}); }) == ErrorCode::NotMedia);
    pipeline.openAudio({SourceKind::File, blind, true});
    pipeline.start();
    CHECK(sink.waitForPackets(MediaKind::Video, 5));
    CHECK(sink.waitForPackets(MediaKind::Audio, 60));
    pipeline.stop();
    const auto sound = decodeAudio(sink.of(MediaKind::Audio));
    CHECK(sound.peak() > 0.05F);
}

TEST_CASE("what is not a media file is refused with its reason") {
    const TempFolder folder;
    const std::string whole = folder.make("whole.mp4", FLASH_AND_BEEP + "-t 2");
    std::filesystem::copy_file(whole, folder.file("cut.mp4"));
    std::filesystem::resize_file(folder.file("cut.mp4"), std::filesystem::file_size(whole) / 2);
    const std::string front = folder.make("front.mp4", FLASH_AND_BEEP + "-t 2 -movflags +faststart");
    std::filesystem::copy_file(front, folder.file("head.mp4"));
    std::filesystem::resize_file(folder.file("head.mp4"), 3000);
    std::ofstream(folder.file("text.txt")) << std::string(5000, 'x') << "\nhello\n";
    std::ofstream(folder.file("text.mp4")) << "this is no film\n";
    std::ofstream(folder.file("empty.mp4"));
    std::string noise(100'000, '\0');
    uint32_t state = 1;
    for (char &each : noise)
        each = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    std::ofstream(folder.file("noise.bin"), std::ios::binary) << noise;
    REQUIRE(mkfifo(folder.file("pipe").c_str(), 0600) == 0);

    Sink sink;
    PushPipeline pipeline(sink.callbacks(), SMALL, {});
    const auto open = [&](const std::string &path) { return codeOf([&] { pipeline.openVideo(videoFile(path)); }); };
    CHECK(open(folder.file("missing.mp4")) == ErrorCode::FileOpenFailed);
    CHECK(open(folder.path.string()) == ErrorCode::FileOpenFailed);
    CHECK(open("") == ErrorCode::FileOpenFailed);
    CHECK(open(std::string("a\0b", 3)) == ErrorCode::FileOpenFailed);
    CHECK(open(std::string(10'000, 'a')) == ErrorCode::FileOpenFailed);
    CHECK(open(folder.file("pipe")) == ErrorCode::FileOpenFailed);
    CHECK(open("/dev/zero") == ErrorCode::FileOpenFailed);
    CHECK(open("nosuchprotocol://x/y") == ErrorCode::FileOpenFailed);
    CHECK(open(folder.file("empty.mp4")) == ErrorCode::NotMedia);
    CHECK(open(folder.file("text.txt")) == ErrorCode::NotMedia);
    CHECK(open(folder.file("text.mp4")) == ErrorCode::NotMedia);
    CHECK(open(folder.file("noise.bin")) == ErrorCode::NotMedia);
    CHECK(open(folder.file("cut.mp4")) == ErrorCode::NotMedia);
    CHECK(open(folder.file("head.mp4")) == ErrorCode::NotMedia);
    CHECK(codeOf([&] { pipeline.openAudio({SourceKind::File, "", false}); }) == ErrorCode::FileOpenFailed);
    CHECK_FALSE(pipeline.hasVideo());
    // A colon in a name is no protocol.
    std::filesystem::copy_file(whole, folder.file("http:a.mp4"));
    CHECK_FALSE(open(folder.file("http:a.mp4")));
    CHECK(pipeline.hasVideo());
}

TEST_CASE("a file that is damaged in the middle plays past the damage") {
    const TempFolder folder;
    const std::string clip = folder.make("clip.ts", FLASH_AND_BEEP + "-t 2 -g 15");
    {
        std::fstream stream(clip, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekp(static_cast<std::streamoff>(std::filesystem::file_size(clip) / 3));
        stream << std::string(20'000, '\x55');
    }
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), SMALL, {});
    pipeline.openVideo(videoFile(clip));
    pipeline.openAudio({SourceKind::File, "", false});
    pipeline.start();
    CHECK(sink.waitFor([&] { return sink.ends.size() == 2; }));
    CHECK(sink.errors.empty());
}

TEST_CASE("a stop while a file is read does not wait for it and keeps its position") {
    const TempFolder folder;
    const std::string clip = folder.make("clip.mp4", FLASH_AND_BEEP + "-t 3");
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), SMALL, {});
    pipeline.openVideo(videoFile(clip));
    pipeline.openAudio({SourceKind::File, "", false});
    int64_t playedUs = 0;
    int64_t quickestUs = INT64_MAX;
    while (playedUs < 2'600'000) {
        const int64_t startUs = engine::clockMicros();
        pipeline.start();
        REQUIRE(sink.waitForPackets(MediaKind::Video, 7));
        const int64_t stopUs = engine::clockMicros();
        pipeline.stop();
        const int64_t tookUs = engine::clockMicros() - stopUs;
        CHECK(tookUs < stopLimitUs);
        quickestUs = std::min(quickestUs, tookUs);
        playedUs += stopUs - startUs;
    }
    CHECK(quickestUs < stopGoalUs);
    CHECK(sink.ends.empty());
    pipeline.start();
    CHECK(sink.waitFor([&] { return sink.ends.size() == 2; }, 1500));
    const int64_t closeUs = engine::clockMicros();
    pipeline.stop();
    pipeline.closeVideo();
    pipeline.closeAudio();
    CHECK(engine::clockMicros() - closeUs < stopLimitUs);
}

TEST_CASE("an interrupt ends an opening that waits for a silent server") {
    // A listener that never answers: the kernel accepts, nobody reads.
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    REQUIRE(bind(server, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0);
    REQUIRE(listen(server, 4) == 0);
    REQUIRE(getsockname(server, reinterpret_cast<sockaddr *>(&address), &length) == 0);
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), SMALL, {});
    std::atomic<bool> opened{false};
    std::optional<ErrorCode> code;
    const int64_t beginUs = engine::clockMicros();
    std::thread opener([&] {
        code = codeOf([&] {
            pipeline.openVideo(
                videoFile("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/a.flv?key=1"));
        });
        opened = true;
    });
    while (!opened) {
        pipeline.interrupt();
        std::this_thread::yield();
    }
    opener.join();
    close(server);
    CHECK(code == ErrorCode::Aborted);
    CHECK(engine::clockMicros() - beginUs < 1'000'000);
}

TEST_CASE("a closed preview leaves the sound of the same file running") {
    const TempFolder folder;
    const std::string clip = folder.make("clip.mp4", FLASH_AND_BEEP + "-t 1");
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), SMALL, {});
    pipeline.openVideo(videoFile(clip, true));
    pipeline.openAudio({SourceKind::File, "", true});
    pipeline.start();
    REQUIRE(sink.waitForPackets(MediaKind::Video, 10));
    pipeline.setPauseVideo(true);
    REQUIRE(sink.waitForPackets(MediaKind::Video, 1));
    pipeline.closeVideo();
    size_t before = 0;
    {
        const std::lock_guard lock(sink.mutex);
        before = sink.arrivals.size();
    }
    REQUIRE(sink.waitForPackets(MediaKind::Audio, 110));
    pipeline.setPauseVideo(false);
    pipeline.openVideo(videoFile(clip, true));
    REQUIRE(sink.waitForPackets(MediaKind::Video, 30));
    pipeline.stop();
    CHECK(sink.arrivals.size() > before);
    CHECK(decodeAudio(sink.of(MediaKind::Audio)).beeps().size() >= 2);
    const auto pictures = decodeVideo(sink.of(MediaKind::Video));
    CHECK(std::any_of(pictures.end() - 30, pictures.end(), [](const DecodedPicture &p) { return p.meanLuma > 128; }));
}
