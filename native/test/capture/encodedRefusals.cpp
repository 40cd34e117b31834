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
