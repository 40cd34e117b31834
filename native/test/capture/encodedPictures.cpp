#include "encodedRelay.h"

namespace engine = rtcroom::engine;
using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;

TEST_CASE("H.264 of the application goes out bit by bit, with its times") {
    Relay relay;
    relay.pipeline->openVideo(h264Source());
    relay.pipeline->start();
    const size_t count = 25;
    const Pace pace(media().pictures[0].dtsMs);
    for (size_t i = 0; i < count; ++i) {
        pace.await(media().pictures[i].dtsMs);
        relay.send(i);
    }
    REQUIRE(relay.waitForPictures(count));
    relay.pipeline->stop();
    const auto all = relay.sink.of(MediaKind::Video);
    REQUIRE(all[0].packet.isConfig);
    CHECK(*all[0].packet.data == media().videoConfig);
    const auto pictures = relay.pictures();
    REQUIRE(pictures.size() == count);
    for (size_t i = 0; i < pictures.size(); ++i) {
        CHECK(annexB(*pictures[i].packet.data) == media().pictures[i].bytes);
        CHECK(pictures[i].packet.keyFrame == media().pictures[i].keyFrame);
    }
    // One configuration, and the distances of the application's clock.
    CHECK(all.size() == pictures.size() + 1);
    for (size_t i = 0; i < count; ++i)
        CHECK(pictures[i].packet.dtsMs - pictures[0].packet.dtsMs ==
              media().pictures[i].dtsMs - media().pictures[0].dtsMs);
    checkRising(pictures);
    for (const DecodedPicture &each : decodeVideo(all))
        CHECK(each.clock);
    const auto stats = relay.pipeline->stats();
    CHECK(stats.framesEncoded == count);
    CHECK(stats.encoderName == "application");
    CHECK(relay.sizes == std::vector<engine::Size>{{320, 180}});
    CHECK(relay.sink.encoders.empty());
    CHECK(relay.pipeline->encodedVideo().size == engine::Size{320, 180});
}

TEST_CASE("before the first key frame nothing goes out, and one is asked for") {
    Relay relay;
    relay.pipeline->openVideo(h264Source());
    // Parameter sets are kept from before the start.
    relay.pipeline->sendUserVideo(h264(media().pictures[0].sets));
    relay.pipeline->start();
    REQUIRE(relay.waitForWanted(1));
    for (size_t i = 1; i < 4; ++i)
        relay.send(i);
    const size_t key = keyFrameAfter(1);
    relay.pipeline->sendUserVideo(h264(media().pictures[key].bytes, media().pictures[key].dtsMs));
    relay.send(key + 1);
    REQUIRE(relay.waitForPictures(2));
    relay.pipeline->stop();
    CHECK(relay.wanted == 1);
    CHECK(relay.pictures()[0].packet.keyFrame);
    CHECK(decodeVideo(relay.sink.of(MediaKind::Video)).size() == 2);
    CHECK(relay.pipeline->stats().framesDropped >= 1);
    // Again a start, again a key frame with its configuration.
    relay.pipeline->start();
    REQUIRE(relay.waitForWanted(2));
    relay.send(key + 2);
    const size_t next = keyFrameAfter(key + 2);
    relay.send(next);
    REQUIRE(relay.waitForPictures(3));
    relay.pipeline->stop();
    const auto all = relay.sink.of(MediaKind::Video);
    CHECK(all[all.size() - 2].packet.isConfig);
    CHECK(all.back().packet.keyFrame);
}

TEST_CASE("a key frame that is wanted is told once, until it had time to be made") {
    Relay relay;
    relay.pipeline->openVideo(h264Source());
    relay.pipeline->start();
    REQUIRE(relay.waitForWanted(1));
    relay.pipeline->requestKeyFrame();
    relay.pipeline->requestKeyFrame();
    CHECK(relay.wanted == 1);
    relay.send(0);
    REQUIRE(relay.waitForPictures(1));
    // That one is there; the connection may want another.
    relay.pipeline->requestKeyFrame();
    CHECK(relay.wanted == 2);
}

TEST_CASE("wrong order and wrong times are refused, and the stream goes on") {
    Relay relay;
    relay.pipeline->openVideo(h264Source());
    relay.pipeline->start();
    relay.send(0);
    relay.send(2);
    const Bytes &picture = media().pictures[3].bytes;
    const auto refused = [&](int64_t timestampMs, int64_t dtsMs = -1) {
        return codeOf([&] { relay.pipeline->sendUserVideo(h264(picture, timestampMs, dtsMs)); });
    };
    const int64_t last = media().pictures[2].dtsMs;
    CHECK(refused(last) == ErrorCode::InvalidArgument);
    CHECK(refused(last - 20) == ErrorCode::InvalidArgument);
    CHECK(refused(last + 10, last + 20) == ErrorCode::InvalidArgument);
    CHECK(refused(last + 20'000, last + 10) == ErrorCode::InvalidArgument);
    CHECK(refused(-1, last + 10) == ErrorCode::InvalidArgument);
    CHECK(refused(INT64_MAX) == ErrorCode::InvalidArgument);
    CHECK(codeOf([&] {
              relay.pipeline->sendUserVideo({picture.data(), picture.size(), 320, 180, last + 10});
          }) == ErrorCode::InvalidState);
    CHECK(codeOf([&] {
              relay.pipeline->sendUserVideo(h264(Bytes{1, 2, 3}, last + 10));
          }) == ErrorCode::InvalidArgument);
    CHECK(codeOf([&] {
              engine::UserVideo none = h264({}, last + 10);
              none.size = 5;
              relay.pipeline->sendUserVideo(none);
          }) == ErrorCode::InvalidArgument);
    CHECK(refused(last + 33) == std::nullopt);
    REQUIRE(relay.waitForPictures(3));
    // A file that is repeated: the clock begins anew, with a key frame.
    relay.pipeline->sendUserVideo(h264(media().pictures[keyFrameAfter(3)].whole(), last + 5000));
    CHECK(refused(5) == ErrorCode::InvalidArgument);
    relay.pipeline->sendUserVideo(h264(media().pictures[0].whole(), 0));
    REQUIRE(relay.waitForPictures(5));
    relay.pipeline->stop();
    checkRising(relay.pictures());
}

TEST_CASE("B-frames keep the distance of decoding and showing") {
    Relay relay;
    relay.pipeline->openVideo(h264Source());
    relay.pipeline->start();
    relay.pipeline->sendUserVideo(h264(media().pictures[0].whole(), 1080, 1000));
    relay.pipeline->sendUserVideo(h264(media().pictures[1].bytes, 1200, 1040));
    relay.pipeline->sendUserVideo(h264(media().pictures[2].bytes, 1120, 1080));
    REQUIRE(relay.waitForPictures(3));
    relay.pipeline->stop();
    const auto pictures = relay.pictures();
    CHECK(pictures[0].packet.ctsMs == 80);
    CHECK(pictures[1].packet.ctsMs == 160);
    CHECK(pictures[2].packet.ctsMs == 40);
    CHECK(pictures[2].packet.dtsMs - pictures[0].packet.dtsMs == 80);
}

TEST_CASE("where the network has no room a GOP loses its end and no picture in its middle") {
    std::atomic<bool> room{true};
    Relay relay([&](PushPipeline::Callbacks &callbacks) { callbacks.admitsEncoded = [&] { return room.load(); }; });
    relay.pipeline->openVideo(h264Source());
    relay.pipeline->start();
    REQUIRE(relay.waitForWanted(1));
    const size_t second = keyFrameAfter(1);
    const size_t third = keyFrameAfter(second + 1);
    relay.send(0);
    relay.send(1);
    REQUIRE(relay.waitForPictures(2));
    room = false;
    relay.send(2);
    for (int i = 0; i < 200 && relay.pipeline->stats().framesSkipped < 1; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    CHECK(relay.pipeline->stats().framesSkipped == 1);
    CHECK(relay.wanted == 1);
    // A picture that others would refer to is missing: what follows is of no use, and a key frame is asked for.
    room = true;
    relay.send(3);
    REQUIRE(relay.waitForWanted(2));
    CHECK(relay.pipeline->stats().framesDropped == 1);
    // No room for a key frame either.
    room = false;
    relay.send(second);
    for (int i = 0; i < 200 && relay.pipeline->stats().framesSkipped < 2; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    room = true;
    relay.send(second + 1);
    relay.send(third);
    REQUIRE(relay.waitForPictures(3));
    relay.pipeline->stop();
    const auto pictures = relay.pictures();
    REQUIRE(pictures.size() == 3);
    CHECK(annexB(*pictures[2].packet.data) == media().pictures[third].bytes);
    CHECK(decodeVideo(relay.sink.of(MediaKind::Video)).size() == 3);
}

TEST_CASE("a picture that no other refers to is left out by itself") {
    std::atomic<bool> room{true};
    Relay relay([&](PushPipeline::Callbacks &callbacks) { callbacks.admitsEncoded = [&] { return room.load(); }; });
    relay.pipeline->openVideo(h264Source());
    relay.pipeline->start();
    relay.send(0);
    REQUIRE(relay.waitForPictures(1));
    room = false;
    Bytes unreferenced = media().pictures[1].bytes;
    unreferenced[4] &= 0x9f; // nal_ref_idc 0
    relay.pipeline->sendUserVideo(h264(unreferenced, media().pictures[1].dtsMs));
    for (int i = 0; i < 200 && relay.pipeline->stats().framesSkipped < 1; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    room = true;
    relay.send(2);
    REQUIRE(relay.waitForPictures(2));
    relay.pipeline->stop();
    CHECK(annexB(*relay.pictures()[1].packet.data) == media().pictures[2].bytes);
}

TEST_CASE("pictures of another size go on at their key frame, with their configuration") {
    const EncodedMedia other = makeMedia({480, 272}, 4);
    Relay relay;
    relay.pipeline->openVideo(h264Source());
    relay.pipeline->start();
    relay.send(0);
    relay.send(1);
    relay.pipeline->sendUserVideo(h264(other.pictures[0].whole(), media().pictures[1].dtsMs + 33));
    relay.pipeline->sendUserVideo(h264(other.pictures[1].bytes, media().pictures[1].dtsMs + 66));
    REQUIRE(relay.waitForPictures(4));
    relay.pipeline->stop();
    const auto pictures = decodeVideo(relay.sink.of(MediaKind::Video));
    REQUIRE(pictures.size() == 4);
    CHECK(pictures[1].width == 320);
    CHECK(pictures[3].width == 480);
    CHECK(pictures[3].clock);
    CHECK(relay.sizes == std::vector<engine::Size>{{320, 180}, {480, 272}});
}

TEST_CASE("a flood of encoded pictures while nothing takes them is bounded, and a stop is quick") {
    Sink sink;
    std::atomic<bool> hold{true};
    PushPipeline::Callbacks callbacks = sink.callbacks();
    callbacks.onPacket = [&](EncodedPacket) {
        while (hold)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    };
    PushPipeline pipeline(std::move(callbacks), {320, 180, 15, 400, 1}, {});
    pipeline.openVideo(h264Source());
    pipeline.start();
    int64_t time = 0;
    for (int round = 0; round < 30; ++round)
        for (const auto &picture : media().pictures)
            pipeline.sendUserVideo(h264(picture.whole(), ++time));
    hold = false;
    // Counted when the pipeline's thread comes by again.
    for (int i = 0; i < 5000 && pipeline.stats().framesDropped <= 300; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    CHECK(pipeline.stats().framesDropped > 300);
    const int64_t before = engine::clockMicros();
    pipeline.stop();
    CHECK(engine::clockMicros() - before < stopLimitUs);
}
