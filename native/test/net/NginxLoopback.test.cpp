#include <doctest/doctest.h>

#include <iostream>

#include "test/net/SessionRunner.h"
#include "test/support/NginxRtmp.h"

using namespace rtcroom::test;

namespace {

struct Unit {
    MediaKind kind;
    bool config;
    bool key;
    int64_t dtsMs;
    Bytes data;
    bool operator==(const Unit &) const = default;
};

Unit unitOf(const EncodedPacket &packet, int64_t shiftMs = 0) {
    const bool key = packet.kind == MediaKind::Video && !packet.isConfig && packet.keyFrame;
    return {packet.kind, packet.isConfig, key, packet.isConfig ? 0 : packet.dtsMs - shiftMs, *packet.data};
}

std::vector<Unit> unitsOf(const std::vector<EncodedPacket> &packets, MediaKind kind, int64_t shiftMs) {
    std::vector<Unit> out;
    for (const EncodedPacket &packet : packets)
        if (packet.kind == kind)
            out.push_back(unitOf(packet, shiftMs));
    return out;
}

} // namespace

TEST_CASE("what is published through nginx-rtmp is played byte for byte, at times below and above 24 and 32 bits") {
    const NginxRtmp nginx;
    // The last one's pictures come to 2^32 ms within a second.
    for (const int64_t base : {int64_t{0}, int64_t{0xfffff0}, int64_t{0x90000000}, int64_t{0xfffffc00}}) {
        CAPTURE(base);
        const std::string url = nginx.url("loop" + std::to_string(base));
        Publisher publisher;
        publisher.session().send(videoConfig());
        publisher.session().send(audioConfig());
        publisher.start(url);
        REQUIRE(publisher.flags.await("begun"));
        REQUIRE(publisher.flags.await("key"));
        Player player;
        player.start(url);
        REQUIRE(player.flags.await("begun"));
        // nginx-rtmp gives a player nothing but the headers before the next key frame; sound shows that it is there.
        constexpr int64_t joinMs = 20000;
        const int64_t first = std::max<int64_t>(base - joinMs, 0);
        int64_t time = first;
        for (; player.flags.count("packet") == 0; time += 10) {
            publisher.session().send(audioPacket(time, 50));
            REQUIRE(time - first < joinMs);
            std::this_thread::yield();
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        std::vector<EncodedPacket> sent;
        const int64_t start = std::max(time, base);
        for (int i = 0; i < 60; ++i) {
            sent.push_back(videoPacket(start + i * 33, i % 30 == 0, i % 30 == 0 ? 150000 : 3000));
            sent.push_back(audioPacket(start + i * 33, 200));
        }
        for (const EncodedPacket &packet : sent)
            publisher.session().send(packet);
        const auto arrived = [&](const Unit &last) {
            const auto packets = player.packets();
            return std::ranges::any_of(packets, [&](const EncodedPacket &packet) {
                return packet.kind == last.kind && !packet.isConfig && *packet.data == last.data;
            });
        };
        const auto giveUp = std::chrono::steady_clock::now() + patience;
        while (!(arrived(unitOf(sent[sent.size() - 1])) && arrived(unitOf(sent[sent.size() - 2])))) {
            REQUIRE(std::chrono::steady_clock::now() < giveUp);
            player.flags.await("packet", player.flags.count("packet"));
            std::this_thread::yield();
        }
        const auto packets = player.packets();
        const auto video = unitsOf(packets, MediaKind::Video, 0);
        const auto sentVideo = unitsOf(sent, MediaKind::Video, 0);
        REQUIRE(video.size() == sentVideo.size() + 1);
        CHECK(video[0].config);
        CHECK(video[0].data == *videoConfig().data);
        CHECK(std::equal(sentVideo.begin(), sentVideo.end(), video.begin() + 1));
        const auto audio = unitsOf(packets, MediaKind::Audio, 0);
        const auto sentAudio = unitsOf(sent, MediaKind::Audio, 0);
        REQUIRE(audio.size() > sentAudio.size());
        CHECK(audio[0].config);
        CHECK(std::equal(sentAudio.rbegin(), sentAudio.rend(), audio.rbegin()));
        CHECK((packets.back().dtsMs > 0xffffffff) == (base == 0xfffffc00));

        player.session().stop();
        CHECK(player.finish().end == SessionEnd::Stopped);
        publisher.session().stop();
        CHECK(publisher.finish().end == SessionEnd::Stopped);
        CHECK(publisher.session().stats().droppedPackets == 0);
        CHECK(player.session().stats().bytesReceived > 300000);
    }
}

TEST_CASE("a second publisher on a taken stream is refused by nginx-rtmp") {
    const NginxRtmp nginx;
    Publisher first;
    first.start(nginx.url("taken"));
    REQUIRE(first.flags.await("begun"));
    Publisher second;
    second.start(nginx.url("taken"));
    const SessionResult result = second.finish();
    CHECK(result.end == SessionEnd::Refused);
    CHECK(result.serverCode == "NetStream.Publish.BadName");
}

TEST_CASE("an unknown app of nginx-rtmp ends the session with a reason") {
    const NginxRtmp nginx;
    Publisher publisher;
    publisher.start("rtmp://127.0.0.1:" + std::to_string(nginx.port()) + "/nowhere/x");
    const SessionEnd end = publisher.finish().end;
    CHECK((end == SessionEnd::ServerDisconnected || end == SessionEnd::Refused));
}

TEST_CASE("the end of a publisher, and of nginx-rtmp, ends the play") {
    NginxRtmp nginx;
    const auto startBoth = [&](Publisher &publisher, Player &player, const std::string &name) {
        publisher.session().send(audioConfig());
        publisher.start(nginx.url(name));
        REQUIRE(publisher.flags.await("begun"));
        player.start(nginx.url(name));
        REQUIRE(player.flags.await("begun"));
        for (int i = 0; player.flags.count("packet") < 2; ++i) {
            publisher.session().send(audioPacket(i * 10, 50));
            REQUIRE(i < 2000);
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    };
    {
        Publisher publisher;
        Player player;
        startBoth(publisher, player, "leaving");
        publisher.session().stop();
        CHECK(player.finish().end == SessionEnd::StreamEnded);
    }
    {
        Publisher publisher;
        Player player;
        startBoth(publisher, player, "killed");
        nginx.stop();
        CHECK(publisher.finish().end == SessionEnd::ServerDisconnected);
        CHECK(player.finish().end == SessionEnd::ServerDisconnected);
    }
}

TEST_CASE("connect and stop through nginx-rtmp take milliseconds") {
    const NginxRtmp nginx;
    using Clock = std::chrono::steady_clock;
    const auto ms = [](Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); };
    std::vector<double> connects, stops;
    for (int i = 0; i < 15; ++i) {
        Publisher publisher;
        const auto start = Clock::now();
        publisher.start(nginx.url("quick" + std::to_string(i)));
        REQUIRE(publisher.flags.await("begun"));
        const auto begun = Clock::now();
        publisher.session().stop();
        CHECK(publisher.finish().end == SessionEnd::Stopped);
        connects.push_back(ms(begun - start));
        stops.push_back(ms(Clock::now() - begun));
    }
    std::ranges::sort(connects);
    std::ranges::sort(stops);
    MESSAGE("connect to Publish.Start, ms: median ", connects[7], ", max ", connects[14]);
    MESSAGE("stop() to the end of run(), ms: median ", stops[7], ", max ", stops[14]);
    CHECK(connects[7] < 1000);
    CHECK(stops[7] < 1000);
}
