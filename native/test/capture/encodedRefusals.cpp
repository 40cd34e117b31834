#include "encodedRelay.h"

namespace engine = rtcroom::engine;
using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;

TEST_CASE("what would change encoded pictures and sound is refused, in either order") {
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 15, 400, 1}, {});
    pipeline.openVideo(h264Source());
    pipeline.openAudio(aacSource());
    CHECK(codeOf([&] { pipeline.setMirrored(true); }) == ErrorCode::InvalidState);
    CHECK(codeOf([&] { pipeline.setBeauty(0, 5, 0); }) == ErrorCode::InvalidState);
    CHECK(codeOf([&] { pipeline.setWatermark("/nonexistent", 0, 0, 0.2); }) == ErrorCode::InvalidState);
    CHECK(codeOf([&] { pipeline.setVolume(100); }) == ErrorCode::InvalidState);
    CHECK(codeOf([&] { pipeline.requireMixable(); }) == ErrorCode::InvalidState);
    CHECK(codeOf([&] { pipeline.setVolume(-1); }) == ErrorCode::InvalidArgument);
    CHECK(codeOf([&] { pipeline.setBeauty(0, 0, 0); }) == std::nullopt);
    CHECK(codeOf([&] { pipeline.setMirrored(false); }) == std::nullopt);
    CHECK(codeOf([&] { pipeline.setVolume(65535); }) == std::nullopt);
    const std::vector<uint8_t> pcm(960);
    CHECK(codeOf([&] { pipeline.sendUserAudio({pcm.data(), pcm.size(), 48000, 1, -1}); }) == ErrorCode::InvalidState);
    pipeline.closeVideo();
    pipeline.closeAudio();
    pipeline.setMirrored(true);
    pipeline.setVolume(100);
    CHECK(codeOf([&] { pipeline.openVideo(h264Source()); }) == ErrorCode::InvalidState);
    CHECK(codeOf([&] { pipeline.openAudio(aacSource()); }) == ErrorCode::InvalidState);
    CHECK_FALSE(pipeline.hasVideo());
    CHECK_FALSE(pipeline.hasAudio());
    pipeline.openVideo({SourceKind::User, ""});
    pipeline.openAudio({SourceKind::User, "", false});
    CHECK(codeOf([&] { pipeline.sendUserVideo(h264(media().pictures[0].whole())); }) == ErrorCode::InvalidState);
    CHECK(codeOf([&] {
              pipeline.sendUserAudio({pcm.data(), pcm.size(), 0, 0, -1, engine::UserAudioFormat::Adts});
          }) == ErrorCode::InvalidState);
}

TEST_CASE("encoded sources are of the stream's codecs alone") {
    Sink sink;
    VideoSettings hevc;
    hevc.codec = CodecId::Hevc;
    AudioSettings opus;
    opus.codec = CodecId::Opus;
    PushPipeline pipeline(sink.callbacks(), hevc, opus);
    CHECK(codeOf([&] { pipeline.openVideo(h264Source()); }) == ErrorCode::InvalidArgument);
    CHECK(codeOf([&] { pipeline.openAudio(aacSource()); }) == ErrorCode::InvalidArgument);
}

TEST_CASE("no mirror, effect or volume gets on while an encoded source takes its place") {
    const TempFolder folder;
    const std::string mark = folder.make("mark.png", "-f lavfi -i color=white:s=16x16 -frames:v 1");
    Sink sink;
    PushPipeline pipeline(sink.callbacks(), {320, 180, 30, 600, 1}, {48000, 1, 64});
    std::atomic<bool> done{false};
    std::atomic<int> mirrors{0}, beauties{0}, marks{0}, volumes{0};
    // Each stays on for a while, so that the other thread sees it; one that is refused is tried again at once.
    const auto keep = [](std::atomic<int> &times) {
        ++times;
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    };
    std::thread setter([&] {
        while (!done) {
            if (!codeOf([&] { pipeline.setMirrored(true); }))
                keep(mirrors);
            pipeline.setMirrored(false);
            if (!codeOf([&] { pipeline.setBeauty(0, 5, 0); }))
                keep(beauties);
            pipeline.setBeauty(0, 0, 0);
            if (!codeOf([&] { pipeline.setVolume(1000); }))
                keep(volumes);
            pipeline.setVolume(65535);
        }
    });
    std::thread marker([&] {
        while (!done) {
            if (!codeOf([&] { pipeline.setWatermark(mark, 0, 0, 0.2); }))
                keep(marks);
            pipeline.setWatermark("", 0, 0, 0);
        }
    });
    int pictures = 0, sounds = 0;
    const auto enough = [&] {
        return std::min({pictures, sounds, mirrors.load(), beauties.load(), marks.load(), volumes.load()}) >= 200;
    };
    const int64_t deadlineUs = engine::clockMicros() + 20'000'000;
    while (!enough() && engine::clockMicros() < deadlineUs) {
        if (!codeOf([&] { pipeline.openVideo(h264Source()); })) {
            ++pictures;
            // What is on would refuse another one.
            CHECK_FALSE(codeOf([&] { pipeline.openVideo(h264Source()); }));
            CHECK(codeOf([&] { pipeline.setMirrored(true); }) == ErrorCode::InvalidState);
        }
        if (!codeOf([&] { pipeline.openAudio(aacSource()); })) {
            ++sounds;
            CHECK(pipeline.volume() == 65535);
        }
        pipeline.closeVideo();
        pipeline.closeAudio();
    }
    done = true;
    setter.join();
    marker.join();
    // Each got its turn, however slow the machine.
    for (const int times : {pictures, sounds, mirrors.load(), beauties.load(), marks.load(), volumes.load()})
        CHECK(times > 0);
}
