#include "encodedRelay.h"

namespace engine = rtcroom::engine;
using namespace rtcroom::embedded;
using namespace rtcroom::embedded::test;

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
