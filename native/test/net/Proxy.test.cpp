#include <doctest/doctest.h>

#include "embedded/net/Proxy.h"
#include "engine/Error.h"
#include "test/net/SessionRunner.h"
#include "test/support/FlvFile.h"
#include "test/support/ScriptedServer.h"

using namespace rtcroom::test;
using rtcroom::engine::EngineException;
using rtcroom::engine::ErrorCode;

namespace {

/// By byte, so that no read brings a whole answer.
void writeApart(Peer &peer, const Bytes &bytes) {
    for (const uint8_t &byte : bytes)
        peer.write({&byte, 1});
}

void beginPublish(Peer &peer) {
    peer.acceptConnect();
    peer.readCommand("publish");
    peer.sendStatus(1, "status", "NetStream.Publish.Start");
    peer.stayUntilClientGoes();
}

rtcroom::engine::NetworkOptions through(const std::string &scheme, int port, const std::string &user = "",
                                        int timeoutMs = 20000) {
    auto options = quick(timeoutMs);
    options.proxy = scheme + "://" + user + "127.0.0.1:" + std::to_string(port);
    return options;
}

SessionResult publishThrough(const std::string &scheme, const std::function<void(Peer &)> &proxy,
                             const std::string &user = "", int timeoutMs = 20000) {
    ScriptedServer server(proxy);
    Publisher publisher(through(scheme, server.port(), user, timeoutMs));
    publisher.start("rtmp://media.test/live/s3cret");
    const SessionResult result = publisher.finish();
    CHECK(result.message.find("s3cret") == std::string::npos);
    CHECK(result.message.find("the proxy " + scheme + "://127.0.0.1:") != std::string::npos);
    return result;
}

} // namespace

TEST_CASE("a proxy's URL comes apart, user and password decoded") {
    const ProxyUrl plain = ProxyUrl::parse("http://proxy.example.com/");
    CHECK(plain.kind == ProxyUrl::Kind::Http);
    CHECK(plain.port == 80);
    CHECK(plain.user.empty());
    const ProxyUrl full = ProxyUrl::parse("socks5://us%40er:p%3ass:w@rd@[::1]:9050");
    CHECK(full.kind == ProxyUrl::Kind::Socks5);
    CHECK(full.host == "::1");
    CHECK(full.user == "us@er");
    CHECK(full.password == "p:ss:w@rd");
    CHECK(full.display() == "the proxy socks5://[::1]:9050");
    CHECK(ProxyUrl::parse("socks5h://h").port == 1080);
}

TEST_CASE("a bad proxy's URL is an invalid argument, and its password stays secret") {
    for (const std::string &url :
         {std::string("s3cret"), std::string("https://u:s3cret@h"), std::string("http://u:s3cret@"),
          std::string("http://u:s3cret@h/path"), std::string("http://:s3cret@h"), std::string("http://u:s3cret%@h"),
          std::string("http://a%3ab:s3cret@h"), std::string("socks5://u:s3cret@h:x"),
          "socks5://u:s3cret" + std::string(300, 'a') + "@h"}) {
        CAPTURE(url);
        try {
            ProxyUrl::parse(url);
            FAIL("was taken");
        } catch (const EngineException &error) {
            CHECK(error.error().code == ErrorCode::InvalidArgument);
            CHECK(std::string(error.what()).find("cret") == std::string::npos);
        }
    }
}

TEST_CASE("a push goes through an HTTP proxy that resolves the name itself") {
    std::string request;
    ScriptedServer proxy([&](Peer &peer) {
        request = peer.readHead();
        writeApart(peer, toBytes("HTTP/1.0 200 Connection established\r\nVia: x\r\n\r\n"));
        beginPublish(peer);
    });
    Publisher publisher(through("http", proxy.port(), "user:p%40ss@"));
    publisher.start("rtmp://media.test:19350/live/x");
    REQUIRE(publisher.flags.await("begun"));
    CHECK(request.starts_with("CONNECT media.test:19350 HTTP/1.1\r\nHost: media.test:19350\r\n"));
    CHECK(request.find("\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n") != std::string::npos);
}

TEST_CASE("a push goes through a SOCKS5 proxy by name, and by address, with and without a password") {
    struct Case {
        std::string host;
        Bytes address;
        Bytes bound;
    };
    Bytes v6(17);
    v6[0] = 4;
    v6[16] = 1;
    const std::vector<Case> cases{
        {"media.test", Bytes{3, 10, 'm', 'e', 'd', 'i', 'a', '.', 't', 'e', 's', 't'}, {1, 1, 2, 3, 4, 5, 6}},
        {"127.0.0.2", {1, 127, 0, 0, 2}, {3, 2, 'a', 'b', 0, 1}},
        {"[::1]", v6,
         [] {
             Bytes bound(19);
             bound[0] = 4;
             return bound;
         }()},
    };
    for (const auto &[host, address, bound] : cases)
        for (const bool password : {false, true}) {
            CAPTURE(host);
            Bytes hello, login, request;
            ScriptedServer proxy([&, address = address, bound = bound](Peer &peer) {
                hello = peer.readExactly(password ? 4 : 3);
                writeApart(peer, {5, static_cast<uint8_t>(password ? 2 : 0)});
                if (password) {
                    login = peer.readExactly(9);
                    writeApart(peer, {1, 0});
                }
                request = peer.readExactly(3 + address.size() + 2);
                Bytes answer{5, 0, 0};
                answer += bound;
                writeApart(peer, answer);
                beginPublish(peer);
            });
            Publisher publisher(through("socks5", proxy.port(), password ? "us:word@" : ""));
            publisher.start("rtmp://" + host + ":258/live/x");
            REQUIRE(publisher.flags.await("begun"));
            CHECK(hello == (password ? Bytes{5, 2, 0, 2} : Bytes{5, 1, 0}));
            if (password)
                CHECK(login == Bytes{1, 2, 'u', 's', 4, 'w', 'o', 'r', 'd'});
            Bytes expected{5, 1, 0};
            expected += address;
            expected += Bytes{1, 2};
            CHECK(request == expected);
        }
}

TEST_CASE("what an HTTP proxy answers ends a session as its own") {
    const auto endOf = [](const std::string &answer) {
        return publishThrough("http",
                              [&](Peer &peer) {
                                  peer.readHead();
                                  peer.write(toBytes(answer));
                                  peer.stayUntilClientGoes();
                              })
            .end;
    };
    CHECK(endOf("HTTP/1.1 407 s3cret\r\nProxy-Authenticate: Basic\r\n\r\n") == SessionEnd::ProxyRefused);
    CHECK(endOf("HTTP/1.1 403 No\r\n\r\n") == SessionEnd::ProxyRefused);
    CHECK(endOf("HTTP/1.1 302 No\r\nLocation: http://x/\r\n\r\n") == SessionEnd::ProxyRefused);
    CHECK(endOf("HTTP/1.1 502 Bad Gateway\r\n\r\n") == SessionEnd::ConnectFailed);
    CHECK(endOf("HTTP/1.1 504 Timeout\r\n\r\n") == SessionEnd::ConnectFailed);
    CHECK(endOf("HTTP/1.1 200 OK\r\n\r\nadvertisement") == SessionEnd::HandshakeFailed);
    CHECK(endOf("\x05\x01") == SessionEnd::HandshakeFailed);
    CHECK(endOf("HTTP/1.1 200 OK\r\nX: " + std::string(20000, 'x')) == SessionEnd::HandshakeFailed);
}

TEST_CASE("what a SOCKS5 proxy answers ends a session as its own") {
    const auto endOf = [](const Bytes &first, const Bytes &second, const std::string &user = "") {
        return publishThrough(
                   "socks5",
                   [&](Peer &peer) {
                       peer.readExactly(user.empty() ? 3 : 4);
                       peer.write(first);
                       if (!second.empty()) {
                           Bytes some(64);
                           peer.readSome(some);
                           peer.write(second);
                       }
                       peer.stayUntilClientGoes();
                   },
                   user)
            .end;
    };
    CHECK(endOf({5, 0xff}, {}) == SessionEnd::ProxyRefused);
    CHECK(endOf({5, 2}, {}) == SessionEnd::ProxyRefused);
    CHECK(endOf({5, 1}, {}, "u:s3cret@") == SessionEnd::ProxyRefused);
    CHECK(endOf({5, 2}, {1, 1}, "u:s3cret@") == SessionEnd::ProxyRefused);
    CHECK(endOf({'H', 'T'}, {}) == SessionEnd::HandshakeFailed);
    CHECK(endOf({5, 0}, {4, 0}) == SessionEnd::HandshakeFailed);
    CHECK(endOf({5, 0}, {5, 0, 0, 9, 0}) == SessionEnd::HandshakeFailed);
    CHECK(endOf({5, 0}, {5, 2}) == SessionEnd::ProxyRefused);
    for (const uint8_t reply : {1, 3, 4, 5, 6, 7, 8, 200})
        CHECK(endOf({5, 0}, {5, reply}) == SessionEnd::ConnectFailed);
}

TEST_CASE("a proxy that is not there, is silent or goes is told as such, and stop does not wait for it") {
    int deadPort = 0;
    {
        ScriptedServer gone([](Peer &) {});
        deadPort = gone.port();
    }
    for (const std::string scheme : {"http", "socks5"}) {
        Publisher publisher(through(scheme, deadPort));
        const SessionResult dead = publisher.session().run("rtmp://127.0.0.1/live/x");
        CHECK(dead.end == SessionEnd::ConnectFailed);
        CHECK(dead.message.find("the proxy") != std::string::npos);
        CHECK(publishThrough(
                  scheme, [](Peer &peer) { peer.stayUntilClientGoes(); }, "", 300)
                  .end == SessionEnd::HandshakeFailed);
        CHECK(publishThrough(scheme, [](Peer &peer) { peer.readExactly(3); }).end == SessionEnd::ServerDisconnected);
        Flags reached;
        ScriptedServer silent([&](Peer &peer) {
            reached.raise("accepted");
            peer.stayUntilClientGoes();
        });
        Publisher stopping(through(scheme, silent.port()));
        stopping.start("rtmp://media.test/live/x");
        REQUIRE(reached.await("accepted"));
        stopping.session().stop();
        CHECK(stopping.finish().end == SessionEnd::Stopped);
    }
    auto unknown = quick();
    unknown.proxy = "http://no-such-host.invalid";
    Publisher publisher(unknown);
    const SessionResult lost = publisher.session().run("rtmp://127.0.0.1/live/x");
    CHECK(lost.end == SessionEnd::DnsFailed);
    CHECK(lost.message.find("the proxy") != std::string::npos);
}
