#include "encodedMedia.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

namespace engine = rtcroom::engine;
using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;

namespace {

engine::VideoSourceOptions h264Source() {
    engine::VideoSourceOptions options;
    options.kind = SourceKind::User;
    options.userFormat = engine::UserVideoFormat::H264;
    return options;
}

engine::AudioSourceOptions aacSource() {
    engine::AudioSourceOptions options;
    options.kind = SourceKind::User;
    options.userFormat = engine::UserAudioFormat::Aac;
    return options;
}

const EncodedMedia &media() {
    static const EncodedMedia made = makeMedia({320, 180}, 60);
    return made;
}

/// A pipeline whose application sends `media()`, and what came of it.
struct Relay {
    explicit Relay(const std::function<void(PushPipeline::Callbacks &)> &change = {}) {
        PushPipeline::Callbacks callbacks = sink.callbacks();
        callbacks.onKeyFrameWanted = [this] { ++wanted; };
        callbacks.onEncodedVideo = [this](engine::Size size) {
            const std::lock_guard lock(sink.mutex);
            sizes.push_back(size);
        };
        if (change)
            change(callbacks);
        pipeline = std::make_unique<PushPipeline>(std::move(callbacks), VideoSettings{320, 180, 30, 800, 0.5},
                                                  AudioSettings{});
    }

    void send(size_t picture) {
        pipeline->sendUserVideo(h264(media().pictures[picture].whole(), media().pictures[picture].dtsMs));
    }
    bool waitForPictures(size_t count) {
        return sink.waitFor([&] { return sink.count(MediaKind::Video) >= count; });
    }
    bool waitForWanted(int count) {
        for (int i = 0; i < 500 && wanted < count; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return wanted >= count;
    }
    std::vector<Arrival> pictures() {
        std::vector<Arrival> found;
        for (Arrival &each : sink.of(MediaKind::Video))
            if (!each.packet.isConfig)
                found.push_back(std::move(each));
        return found;
    }

    Sink sink;
    std::atomic<int> wanted{0};
    std::vector<engine::Size> sizes;
    std::unique_ptr<PushPipeline> pipeline;
};

/// Waits for the times of an application that sends live.
class Pace {
  public:
    explicit Pace(int64_t firstMs) : beginUs_(engine::clockMicros() - firstMs * 1000) {}
    void await(int64_t timeMs) const {
        const int64_t left = beginUs_ + timeMs * 1000 - engine::clockMicros();
        std::this_thread::sleep_for(std::chrono::microseconds(std::max<int64_t>(0, left)));
    }

  private:
    const int64_t beginUs_;
};

size_t keyFrameAfter(size_t from) {
    while (!media().pictures[from].keyFrame)
        ++from;
    return from;
}

void checkRising(const std::vector<Arrival> &arrivals) {
    for (size_t i = 1; i < arrivals.size(); ++i)
        CHECK(arrivals[i].packet.dtsMs > arrivals[i - 1].packet.dtsMs);
}

} // namespace

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

TEST_CASE("AAC of the application goes out bit by bit; muted, it is silence of its own format") {
    Relay relay;
    relay.pipeline->openAudio(aacSource());
    relay.pipeline->start();
    const auto &sounds = media().sounds;
    REQUIRE(sounds.size() > 60);
    const auto send = [&](size_t i) {
        const EncodedMedia::Sound &sound = sounds[i];
        if (i % 2) {
            const Bytes adts = sound.adts();
            relay.pipeline->sendUserAudio({adts.data(), adts.size(), 0, 0, sound.dtsMs, engine::UserAudioFormat::Adts});
        } else {
            relay.pipeline->sendUserAudio({sound.unit->data(),
                                           sound.unit->size(),
                                           0,
                                           0,
                                           sound.dtsMs,
                                           engine::UserAudioFormat::Aac,
                                           {0x11, 0x88}});
        }
    };
    // The two ways say the same: 48 kHz, mono.
    const Pace pace(sounds[0].dtsMs);
    for (size_t i = 0; i < 40; ++i) {
        pace.await(sounds[i].dtsMs);
        send(i);
    }
    REQUIRE(relay.sink.waitFor([&] { return relay.sink.count(MediaKind::Audio) >= 40; }));
    relay.pipeline->setMute(true);
    // The loudest there are.
    std::vector<std::shared_ptr<const Bytes>> loud;
    for (const EncodedMedia::Sound &sound : sounds)
        loud.push_back(sound.unit);
    std::ranges::sort(loud, std::ranges::greater(), [](const auto &unit) { return unit->size(); });
    for (size_t i = 0; i < 3; ++i) {
        pace.await(sounds[40 + i].dtsMs);
        relay.pipeline->sendUserAudio(
            {loud[i]->data(), loud[i]->size(), 0, 0, sounds[40 + i].dtsMs, engine::UserAudioFormat::Aac, {0x11, 0x88}});
    }
    REQUIRE(relay.sink.waitFor([&] { return relay.sink.count(MediaKind::Audio) >= 43; }));
    relay.pipeline->stop();
    const auto all = relay.sink.of(MediaKind::Audio);
    REQUIRE(all.size() == 44);
    REQUIRE(all[0].packet.isConfig);
    for (size_t i = 0; i < 40; ++i) {
        CHECK(*all[1 + i].packet.data == *sounds[i].unit);
        CHECK(all[1 + i].packet.dtsMs - all[1].packet.dtsMs == sounds[i].dtsMs - sounds[0].dtsMs);
    }
    const auto peakOf = [&](const std::vector<std::shared_ptr<const Bytes>> &units) {
        std::vector<Arrival> arrivals{all[0]};
        for (size_t i = 0; i < units.size(); ++i) {
            Arrival unit = all[1];
            unit.packet.dtsMs = static_cast<int64_t>(i) * 21;
            unit.packet.data = units[i];
            arrivals.push_back(unit);
        }
        return decodeAudio(arrivals).peak();
    };
    CHECK(peakOf({loud[0], loud[1], loud[2]}) > 0.1F);
    CHECK(peakOf({all[41].packet.data, all[42].packet.data, all[43].packet.data}) < 0.001F);
    CHECK(relay.pipeline->stats().audioBytes > 0);
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

TEST_CASE("what a server sends at once passes quickly, and leaves the stream's time at the clock") {
    Relay relay;
    relay.pipeline->openVideo(h264Source());
    relay.pipeline->openAudio(aacSource());
    relay.pipeline->start();
    const int64_t beginUs = engine::clockMicros();
    size_t sound = 0;
    for (size_t i = 0; i < media().pictures.size(); ++i) {
        relay.send(i);
        for (; sound < media().sounds.size() && media().sounds[sound].dtsMs <= media().pictures[i].dtsMs; ++sound) {
            const EncodedMedia::Sound &each = media().sounds[sound];
            relay.pipeline->sendUserAudio({each.unit->data(), each.unit->size(), 0, 0, each.dtsMs,
                                           engine::UserAudioFormat::Aac, media().audioConfig});
        }
    }
    REQUIRE(relay.waitForPictures(media().pictures.size()));
    const int64_t tookMs = (engine::clockMicros() - beginUs) / 1000;
    relay.pipeline->stop();
    const auto pictures = relay.pictures();
    checkRising(pictures);
    CHECK(pictures.back().packet.dtsMs - pictures.front().packet.dtsMs < tookMs + 250);
    // Of the sound what has a place in that time.
    int64_t endMs = 0;
    size_t units = 0;
    for (const Arrival &each : relay.sink.of(MediaKind::Audio)) {
        if (each.packet.isConfig)
            continue;
        CHECK(each.packet.dtsMs >= endMs - 12);
        endMs = each.packet.dtsMs + 21;
        ++units;
    }
    CHECK(units >= 3);
    CHECK(units < media().sounds.size() / 2);
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
