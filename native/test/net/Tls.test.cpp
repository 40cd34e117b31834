#include <doctest/doctest.h>

#include "embedded/net/Tls.h"
#include "engine/Error.h"
#include "test/net/SessionRunner.h"
#include "test/support/FlvFile.h"
#include "test/support/ScriptedServer.h"

using namespace rtcroom::test;
using rtcroom::engine::EngineException;

// Certificates, and servers that do speak TLS: test/interop/tls.test.ts.

namespace {

void checkBoth(SessionEnd end, const std::function<void(Peer &)> &script,
               const rtcroom::engine::NetworkOptions &options = quick()) {
    ScriptedServer server(script);
    const std::string host = "127.0.0.1:" + std::to_string(server.port());
    Publisher publisher(options);
    publisher.start("rtmps://" + host + "/live/s3cret");
    Player player(options);
    player.start("https://" + host + "/live/s3cret.flv");
    for (const SessionResult &result : {publisher.finish(), player.finish()}) {
        CAPTURE(result.message);
        CHECK(result.end == end);
        CHECK(result.message.find("s3cret") == std::string::npos);
    }
    CHECK(publisher.flags.count("connected") == 0);
}

/// The head of a TLS record.
Bytes record(uint8_t type, size_t size) {
    return {type, 3, 3, static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size & 0xff)};
}

void readHello(Peer &peer) {
    Bytes some(4096);
    peer.readSome(some);
}

} // namespace

TEST_CASE("a server that speaks no TLS, or broken TLS, fails the handshake at once") {
    const std::vector<Bytes> answers{
        toBytes("HTTP/1.1 400 Bad Request\r\n\r\n"),
        Bytes(3073, 3),
        record(22, 0xffff),
        record(23, 100),
        {21, 3, 3, 0, 2, 2, 40},
    };
    for (const Bytes &answer : answers)
        checkBoth(SessionEnd::HandshakeFailed, [&](Peer &peer) {
            readHello(peer);
            peer.write(answer);
            peer.write(Bytes(100, 7));
            peer.stayUntilClientGoes();
        });
}

TEST_CASE("a server that stops in the TLS handshake fails it in time, one that goes has disconnected") {
    checkBoth(
        SessionEnd::HandshakeFailed, [](Peer &peer) { peer.stayUntilClientGoes(); }, quick(300));
    checkBoth(
        SessionEnd::HandshakeFailed,
        [](Peer &peer) {
            readHello(peer);
            peer.write(record(22, 1000));
            peer.stayUntilClientGoes();
        },
        quick(300));
    for (const bool reset : {false, true})
        checkBoth(SessionEnd::ServerDisconnected, [&](Peer &peer) {
            readHello(peer);
            if (reset)
                peer.resetOnClose();
        });
}

TEST_CASE("warnings without end do not keep a stop waiting, nor the deadline") {
    const auto flood = [](Peer &peer) {
        readHello(peer);
        for (;;)
            peer.write(Bytes{21, 3, 3, 0, 2, 1, 90});
    };
    ScriptedServer server(flood);
    Publisher publisher;
    publisher.start("rtmps://127.0.0.1:" + std::to_string(server.port()) + "/live/x");
    publisher.session().stop();
    CHECK(publisher.finish().end == SessionEnd::Stopped);
    checkBoth(SessionEnd::HandshakeFailed, flood, quick(300));
}

TEST_CASE("what is no certificate is refused as an authority") {
    CHECK_NOTHROW(checkTls({}));
    CHECK_THROWS_AS(checkTls({.ca = "/etc/ssl/ca.pem"}), EngineException);
    CHECK_THROWS_AS(checkTls({.ca = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}),
                    EngineException);
}
