#include "encodedRelay.h"

#include <future>

namespace engine = rtcroom::engine;
using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;

TEST_CASE("raw and encoded sources take turns in a push, with a key frame at the seam") {
    Relay relay;
    relay.pipeline->openVideo({SourceKind::Synthetic, ""});
    relay.pipeline->start();
    REQUIRE(relay.waitForPictures(5));
    relay.pipeline->openVideo(h264Source());
    REQUIRE(relay.waitForWanted(1));
    const int64_t seamUs = engine::clockMicros();
    for (size_t i = 0; i < 5; ++i)
        relay.send(i);
    REQUIRE(relay.sink.waitFor([&] { return relay.sink.arrivals.back().atUs > seamUs; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    relay.pipeline->openVideo({SourceKind::Synthetic, ""});
    REQUIRE(relay.sink.waitForPackets(MediaKind::Video, 5));
    relay.pipeline->stop();
    const auto all = relay.sink.of(MediaKind::Video);
    for (size_t i = 0; i + 1 < all.size(); ++i)
        if (all[i].packet.isConfig)
            CHECK(all[i + 1].packet.keyFrame);
    CHECK(std::ranges::count_if(all, [](const Arrival &each) { return each.packet.isConfig; }) == 3);
    checkRising(relay.pictures());
    for (const DecodedPicture &each : decodeVideo(all))
        CHECK(each.clock);
    // The stream's time is that of the clock, whoever encoded.
    const auto pictures = relay.pictures();
    CHECK(pictures.back().packet.dtsMs - pictures.front().packet.dtsMs ==
          doctest::Approx((pictures.back().atUs - pictures.front().atUs) / 1000.0).epsilon(0.1));
    CHECK(relay.sink.errors.empty());
}

TEST_CASE("raw and encoded sound take turns, and its times go on") {
    Relay relay;
    relay.pipeline->openAudio({SourceKind::Synthetic, "", false});
    relay.pipeline->start();
    REQUIRE(relay.sink.waitForPackets(MediaKind::Audio, 10));
    relay.pipeline->openAudio(aacSource());
    for (size_t i = 0; i < 10; ++i)
        relay.pipeline->sendUserAudio({media().sounds[i].unit->data(), media().sounds[i].unit->size(), 0, 0, -1,
                                       engine::UserAudioFormat::Aac, media().audioConfig});
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    relay.pipeline->openAudio({SourceKind::Synthetic, "", false});
    REQUIRE(relay.sink.waitForPackets(MediaKind::Audio, 10));
    relay.pipeline->stop();
    const auto all = relay.sink.of(MediaKind::Audio);
    CHECK(std::ranges::count_if(all, [](const Arrival &each) { return each.packet.isConfig; }) == 3);
    for (size_t i = 1; i < all.size(); ++i)
        CHECK(all[i].packet.dtsMs >= all[i - 1].packet.dtsMs);
    CHECK(relay.sink.errors.empty());
}

TEST_CASE("a pause shows its card, and the application's pictures go on at a key frame") {
    Relay relay;
    relay.pipeline->openVideo(h264Source());
    relay.pipeline->start();
    relay.send(0);
    REQUIRE(relay.waitForPictures(1));
    relay.pipeline->setPauseVideo(true);
    REQUIRE(relay.waitForPictures(2));
    relay.send(1);
    REQUIRE(relay.waitForPictures(4));
    const int before = relay.wanted;
    relay.pipeline->setPauseVideo(false);
    REQUIRE(relay.waitForWanted(before + 1));
    const size_t key = keyFrameAfter(1);
    relay.send(key - 1);
    relay.send(key);
    REQUIRE(relay.sink.waitFor([&] {
        const EncodedPacket &last = relay.sink.arrivals.back().packet;
        return !last.isConfig && annexB(*last.data) == media().pictures[key].bytes;
    }));
    relay.pipeline->stop();
    const auto pictures = decodeVideo(relay.sink.of(MediaKind::Video));
    CHECK(pictures.front().clock);
    CHECK_FALSE(pictures[1].clock);
    CHECK(pictures[1].width == 320);
    CHECK(pictures.back().clock);
    checkRising(relay.pictures());
}

TEST_CASE("encoded pictures are decoded for a snapshot, from the key frame before") {
    TempFolder folder;
    Relay relay;
    relay.pipeline->openVideo(h264Source());
    relay.pipeline->start();
    for (size_t i = 0; i < 5; ++i)
        relay.send(i);
    REQUIRE(relay.waitForPictures(5));
    std::promise<std::optional<engine::Error>> done;
    relay.pipeline->snapshot(folder.file("shot.png"),
                             [&](std::optional<engine::Error> error) { done.set_value(std::move(error)); });
    auto result = done.get_future();
    relay.send(5);
    REQUIRE(result.wait_for(std::chrono::seconds(5)) == std::future_status::ready);
    CHECK_FALSE(result.get());
    relay.pipeline->stop();
    CHECK(std::filesystem::file_size(folder.file("shot.png")) > 1000);
}

TEST_CASE("what goes out is handed out when asked for, raw or decoded") {
    std::mutex mutex;
    std::vector<engine::VideoFrame> frames;
    std::vector<engine::AudioFrame> sounds;
    Relay relay([&](PushPipeline::Callbacks &callbacks) {
        callbacks.onOutgoingPicture = [&](engine::VideoFrame frame) {
            const std::lock_guard lock(mutex);
            frames.push_back(std::move(frame));
        };
        callbacks.onOutgoingSound = [&](engine::AudioFrame frame) {
            const std::lock_guard lock(mutex);
            sounds.push_back(std::move(frame));
        };
    });
    const auto clockOf = [](const engine::VideoFrame &frame) {
        return ClockPattern::read(frame.buffer->data(), frame.width, frame.width, frame.height);
    };
    const auto waitForFrames = [&](size_t count) {
        for (int i = 0; i < 500; ++i) {
            {
                const std::lock_guard lock(mutex);
                if (frames.size() >= count)
                    return true;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return false;
    };
    relay.pipeline->openVideo({SourceKind::Synthetic, ""});
    relay.pipeline->openAudio({SourceKind::Synthetic, "", false});
    relay.pipeline->start();
    REQUIRE(relay.waitForPictures(3));
    CHECK(frames.empty());
    CHECK(sounds.empty());
    relay.pipeline->setOutgoingFormat(engine::OutputVideoFormat::I420);
    relay.pipeline->setOutgoingSound(true);
    REQUIRE(waitForFrames(5));
    {
        const std::lock_guard lock(mutex);
        const auto clock = clockOf(frames.front());
        REQUIRE(clock);
        CHECK(std::llabs(clock->clockUs - frames.front().decodedAtUs) < 40'000);
        CHECK_FALSE(sounds.empty());
        CHECK(sounds.front().sampleRate == 48000);
        CHECK(sounds.front().samples == 1024);
    }
    // The times are those of the packets.
    relay.pipeline->setOutgoingFormat(engine::OutputVideoFormat::None);
    REQUIRE(relay.sink.waitForPackets(MediaKind::Video, 2));
    size_t count = 0;
    {
        const std::lock_guard lock(mutex);
        count = frames.size();
        const auto pictures = relay.pictures();
        for (const engine::VideoFrame &frame : frames)
            CHECK(std::ranges::any_of(pictures,
                                      [&](const Arrival &each) { return each.packet.dtsMs == frame.timestampMs; }));
    }
    relay.pipeline->openVideo(h264Source());
    REQUIRE(relay.waitForWanted(1));
    for (size_t i = 0; i < 4; ++i)
        relay.send(i);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    {
        const std::lock_guard lock(mutex);
        CHECK(frames.size() <= count + 1);
        frames.clear();
    }
    relay.pipeline->setOutgoingFormat(engine::OutputVideoFormat::RGBA);
    relay.send(4);
    relay.send(5);
    REQUIRE(waitForFrames(2));
    relay.pipeline->stop();
    CHECK(frames.front().format == engine::PixelFormat::RGBA);
    CHECK(frames.front().size == size_t{320} * 180 * 4);
}
