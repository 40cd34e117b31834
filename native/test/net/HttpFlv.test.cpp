#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>

#include "test/net/SessionRunner.h"
#include "test/support/FlvFile.h"
#include "test/support/ScriptedServer.h"

using namespace rtcroom::test;

namespace {

void answer(Peer &peer, const std::string &head, const Bytes &body = {}) {
    peer.readHead();
    Bytes bytes = toBytes("HTTP/1.1 " + head + "\r\n\r\n");
    bytes += body;
    peer.write(bytes);
}

Bytes shortStream() {
    Bytes out = flvHeader();
    for (const EncodedPacket &packet :
         {videoConfig(), audioConfig(), videoPacket(40, true, 2000), audioPacket(41, 100), videoPacket(80, false, 500)})
        out += flvTag(packet);
    return out;
}

std::string flvUrl(const ScriptedServer &server, const std::string &path = "/live/s3cret.flv?sign=s3cret") {
    return "http://127.0.0.1:" + std::to_string(server.port()) + path;
}

SessionResult playFrom(const std::function<void(Peer &)> &script,
                       const rtcroom::engine::NetworkOptions &options = quick()) {
    ScriptedServer server(script);
    Player player(options);
    player.start(flvUrl(server));
    const SessionResult result = player.finish();
    CHECK(result.message.find("s3cret") == std::string::npos);
    CHECK(result.serverCode.find("s3cret") == std::string::npos);
    return result;
}

} // namespace

TEST_CASE("HTTP-FLV is played in every framing, its packets as they were sent") {
    const std::vector<std::pair<std::string, Bytes>> framings{
        {"200 OK", shortStream()},
        {"200 OK\r\nContent-Length: " + std::to_string(shortStream().size()), shortStream()},
        {"200 OK\r\nTransfer-Encoding: chunked",
         [] {
             Bytes out;
             const Bytes stream = shortStream();
             for (size_t i = 0; i < stream.size(); i += 700)
                 out += httpChunk({stream.begin() + static_cast<std::ptrdiff_t>(i),
                                   stream.begin() + static_cast<std::ptrdiff_t>(std::min(i + 700, stream.size()))});
             out += toBytes("0\r\n\r\n");
             return out;
         }()},
    };
    for (const auto &[head, body] : framings) {
        CAPTURE(head);
        std::string request;
        ScriptedServer server([&, head = head, body = body](Peer &peer) {
            request = peer.readHead();
            peer.write(toBytes("HTTP/1.1 " + head + "\r\nContent-Type: video/x-flv\r\n\r\n"));
            // Apart, so that no read brings a whole tag.
            for (const uint8_t &byte : body)
                peer.write({&byte, 1});
        });
        Player player;
        player.start(flvUrl(server));
        const SessionResult result = player.finish();
        CHECK(result.end == SessionEnd::StreamEnded);
        CHECK(player.flags.all().front() == "connected");
        CHECK(player.flags.all()[1] == "begun");
        CHECK(player.flags.count("begun") == 1);
        const auto packets = player.packets();
        REQUIRE(packets.size() == 5);
        CHECK(packets[0].isConfig);
        CHECK(packets[1].isConfig);
        CHECK(*packets[2].data == *videoPacket(40, true, 2000).data);
        CHECK(packets[2].keyFrame);
        CHECK(packets[4].dtsMs == 80);
        CHECK(request.starts_with("GET /live/s3cret.flv?sign=s3cret HTTP/1.1\r\n"));
        CHECK(request.find("\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n") != std::string::npos);
        CHECK(request.find("\r\nUser-Agent: ") != std::string::npos);
        const NetStats stats = player.session().stats();
        CHECK(stats.bytesSent == request.size());
        CHECK(stats.bytesReceived > shortStream().size());
        CHECK(stats.serverAddress == "127.0.0.1:" + std::to_string(server.port()));
    }
}

TEST_CASE("times of HTTP-FLV run on past 2^32 ms") {
    constexpr int64_t base = 0xfffffc00;
    Bytes stream = flvHeader();
    std::vector<EncodedPacket> sent;
    for (int i = 0; i < 60; ++i) {
        sent.push_back(videoPacket(base + i * 33, i % 30 == 0, 300));
        sent.push_back(audioPacket(base + i * 33 + 5, 100));
    }
    for (EncodedPacket config : {videoConfig(), audioConfig()}) {
        config.dtsMs = base;
        stream += flvTag(config);
    }
    for (const EncodedPacket &packet : sent)
        stream += flvTag(packet);
    ScriptedServer server([&](Peer &peer) { answer(peer, "200 OK", stream); });
    Player player;
    player.start(flvUrl(server));
    CHECK(player.finish().end == SessionEnd::StreamEnded);
    const auto packets = player.packets();
    REQUIRE(packets.size() == sent.size() + 2);
    for (size_t i = 0; i < sent.size(); ++i)
        CHECK(packets[i + 2].dtsMs == sent[i].dtsMs);
    CHECK(packets.back().dtsMs > 0xffffffff);
}

TEST_CASE("HTTP statuses end a play as RTMP's refusals do") {
    const auto endOf = [](const std::string &status) {
        const SessionResult result = playFrom([&](Peer &peer) { answer(peer, status + " Text of s3cret"); });
        CHECK(result.serverCode == "HTTP " + status);
        return result.end;
    };
    CHECK(endOf("404") == SessionEnd::StreamNotFound);
    CHECK(endOf("410") == SessionEnd::StreamNotFound);
    CHECK(endOf("401") == SessionEnd::Refused);
    CHECK(endOf("403") == SessionEnd::Refused);
    CHECK(endOf("400") == SessionEnd::Refused);
    CHECK(endOf("204") == SessionEnd::Refused);
    CHECK(endOf("429") == SessionEnd::ServerDisconnected);
    CHECK(endOf("500") == SessionEnd::ServerDisconnected);
    CHECK(endOf("503") == SessionEnd::ServerDisconnected);
}

TEST_CASE("redirects are followed, to another server and from there") {
    ScriptedServer last([](Peer &peer) {
        const std::string request = peer.readHead();
        if (request.starts_with("GET /end.flv?x "))
            peer.write(toBytes("HTTP/1.1 200 OK\r\n\r\n"));
        else
            peer.write(toBytes("HTTP/1.1 303 See\r\nLocation: end.flv?x\r\n\r\n"));
        peer.write(shortStream());
    });
    for (const std::string status : {"301", "302", "303", "307", "308"}) {
        ScriptedServer first([&](Peer &peer) {
            answer(peer, status + " Moved\r\nLocation: " + flvUrl(last, "/first.flv") + "\r\nContent-Length: 0");
        });
        Player player;
        player.start(flvUrl(first));
        CHECK(player.finish().end == SessionEnd::StreamEnded);
        CHECK(player.packets().size() == 5);
        CHECK(player.flags.count("connected") == 1);
        CHECK(player.session().stats().serverAddress == "127.0.0.1:" + std::to_string(last.port()));
    }
}

TEST_CASE("redirects in a circle, too many, or to what is no HTTP are refused") {
    const auto redirect = [](const std::string &location) {
        const SessionResult result =
            playFrom([&](Peer &peer) { answer(peer, "302 Found\r\nLocation: " + location + "\r\nContent-Length: 0"); });
        CHECK(result.serverCode == "HTTP 302");
        CHECK(result.end == SessionEnd::Refused);
        return result.message;
    };
    CHECK(redirect("?sign=s3cret").find("circle") != std::string::npos);
    CHECK(redirect("rtmp://127.0.0.1/live/s3cret").find("no http") != std::string::npos);
    CHECK(redirect("").find("no http") != std::string::npos);
    std::atomic<int> requests{0};
    const SessionResult endless = playFrom([&](Peer &peer) {
        answer(peer, "302 Found\r\nLocation: /s3cret" + std::to_string(++requests) + "\r\nContent-Length: 0");
    });
    CHECK(endless.end == SessionEnd::Refused);
    CHECK(requests == 6);
}

TEST_CASE("what is no HTTP-FLV fails the handshake at once") {
    const std::vector<std::function<void(Peer &)>> servers{
        [](Peer &peer) { peer.write(toBytes("\x03RTMP s3cret")); },
        [](Peer &peer) { answer(peer, "200 OK\r\nContent-Type: text/html", toBytes("<html>s3cret</html>")); },
        [](Peer &peer) { answer(peer, "200 OK\r\nContent-Encoding: gzip", shortStream()); },
        [](Peer &peer) { answer(peer, "200 OK\r\nTransfer-Encoding: chunked", toBytes("s3cret\r\n")); },
        [](Peer &peer) { answer(peer, "101 Switching"); },
        [](Peer &peer) {
            peer.readHead();
            peer.write(toBytes("HTTP/1.1 200 OK\r\n"));
            for (;;)
                peer.write(toBytes("X-Endless: s3cret\r\n"));
        },
    };
    for (size_t i = 0; i < servers.size(); ++i) {
        CAPTURE(i);
        const SessionEnd end = playFrom([&](Peer &peer) {
                                   servers[i](peer);
                                   peer.stayUntilClientGoes();
                               }).end;
        CHECK(end == (i == 4 ? SessionEnd::Refused : SessionEnd::HandshakeFailed));
    }
}

TEST_CASE("a broken or broken-off stream is a lost connection") {
    Bytes badTag = shortStream();
    badTag += flvTag(0xff, 0, {1});
    CHECK(playFrom([&](Peer &peer) {
              answer(peer, "200 OK", badTag);
              peer.stayUntilClientGoes();
          }).end == SessionEnd::ServerDisconnected);
    Bytes half = shortStream();
    half.erase(half.end() - 20, half.end());
    for (const bool reset : {false, true})
        CHECK(playFrom([&](Peer &peer) {
                  answer(peer, "200 OK", half);
                  if (reset)
                      peer.resetOnClose();
              }).end == SessionEnd::ServerDisconnected);
    CHECK(playFrom([&](Peer &peer) {
              answer(peer, "200 OK\r\nTransfer-Encoding: chunked", httpChunk(shortStream()));
          }).end == SessionEnd::ServerDisconnected);
    CHECK(playFrom([&](Peer &) {}).end == SessionEnd::ServerDisconnected);
    CHECK(playFrom([&](Peer &peer) { answer(peer, "200 OK"); }).end == SessionEnd::ServerDisconnected);
}

TEST_CASE("a server that does not answer, or not to the end, fails in time; one that falls silent has no data") {
    CHECK(playFrom([](Peer &peer) { peer.stayUntilClientGoes(); }, quick(300)).end == SessionEnd::HandshakeFailed);
    CHECK(playFrom(
              [](Peer &peer) {
                  peer.readHead();
                  peer.write(toBytes("HTTP/1.1 200 OK\r\nX: "));
                  for (;;) {
                      peer.write(toBytes("x"));
                      std::this_thread::sleep_for(std::chrono::milliseconds(20));
                  }
              },
              quick(300))
              .end == SessionEnd::HandshakeFailed);
    for (const Bytes &begin : {shortStream(), Bytes()})
        CHECK(playFrom(
                  [&](Peer &peer) {
                      answer(peer, "200 OK", begin);
                      peer.stayUntilClientGoes();
                  },
                  quick(20000, 300))
                  .end == SessionEnd::NoData);
    CHECK(playFrom([](Peer &peer) { answer(peer, "404 Not Found\r\nContent-Encoding: gzip"); }).end ==
          SessionEnd::StreamNotFound);
    CHECK(playFrom(
              [](Peer &peer) {
                  answer(peer, "200 OK", flvHeader());
                  for (;;) {
                      peer.write(flvTag(18, 0, {2, 0, 0}));
                      std::this_thread::sleep_for(std::chrono::milliseconds(20));
                  }
              },
              quick(20000, 300))
              .end == SessionEnd::NoData);
}

TEST_CASE("stop ends an HTTP-FLV play at every stage, and in the midst of a flood") {
    const std::vector<std::function<void(Peer &)>> stages{
        [](Peer &peer) { peer.stayUntilClientGoes(); },
        [](Peer &peer) {
            peer.readHead();
            peer.write(toBytes("HTTP/1.1 200"));
            peer.stayUntilClientGoes();
        },
        [](Peer &peer) {
            answer(peer, "200 OK", shortStream());
            peer.stayUntilClientGoes();
        },
        [](Peer &peer) {
            answer(peer, "200 OK", shortStream());
            for (;;)
                peer.write(flvTag(videoPacket(100, false, 1000)));
        },
    };
    for (const auto &stage : stages) {
        ScriptedServer server(stage);
        Player player;
        player.start(flvUrl(server));
        REQUIRE(player.flags.await("connected"));
        player.session().stop();
        CHECK(player.finish().end == SessionEnd::Stopped);
        CHECK(player.session().run(flvUrl(server)).end == SessionEnd::Stopped);
    }
}

TEST_CASE("a publisher takes no HTTP address") {
    Publisher publisher;
    CHECK(publisher.session().run("http://127.0.0.1/live/x.flv").end == SessionEnd::InvalidUrl);
}
