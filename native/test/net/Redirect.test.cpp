#include <doctest/doctest.h>

#include <atomic>

#include "embedded/rtmp/RedirectTrail.h"
#include "test/net/SessionRunner.h"
#include "test/support/ScriptedServer.h"

using namespace rtcroom::test;

namespace {

enum class Manner { Error, Status, ErrorAndClose };

void redirect(Peer &peer, const std::string &target, Manner manner = Manner::Error, double code = 302) {
    peer.acceptHandshake();
    peer.readCommand("connect");
    const bool status = manner == Manner::Status;
    peer.sendResult(status ? "onStatus" : "_error", status ? 0 : transaction::connect, [&](Amf0Writer &body) {
        body.null().object().property("level").string("error");
        body.property("code").string("NetConnection.Connect.Rejected").property("description").string("s3cret");
        body.property("ex").object().property("code").number(code).property("redirect").string(target).end().end();
    });
    if (manner != Manner::ErrorAndClose)
        peer.stayUntilClientGoes();
}

std::string appUrl(const ScriptedServer &server, const std::string &app = "other") {
    return "rtmp://" + server.authority() + "/" + app;
}

SessionResult play(const std::function<void(Peer &)> &script) {
    ScriptedServer server(script);
    Player player;
    player.start(server.url("s3cret?sign=s3cret"));
    const SessionResult result = player.finish();
    CHECK((result.message + result.serverCode).find("s3cret") == std::string::npos);
    return result;
}

template <typename Client> void checkFollowed(const std::string &name, Manner manner) {
    std::string app, tcUrl, key;
    ScriptedServer last([&](Peer &peer) {
        peer.acceptHandshake();
        const Command connect = peer.readCommand("connect");
        app = connect.arguments[0].text("app");
        tcUrl = connect.arguments[0].text("tcUrl");
        // A number other than the one that is assumed: nothing of the first server's is left.
        peer.sendResult("_result", transaction::createStream, [](Amf0Writer &body) { body.null().number(3); });
        peer.readCommand(name);
        key = *peer.readCommand(name).arguments[1].string();
        peer.sendStatus(3, "status", name == "play" ? "NetStream.Play.Start" : "NetStream.Publish.Start");
        peer.stayUntilClientGoes();
    });
    ScriptedServer first([&](Peer &peer) { redirect(peer, appUrl(last) + "/", manner); });
    Client client;
    client.start(first.url("s3cret?sign=s3cret"));
    REQUIRE(client.flags.await("begun"));
    CHECK(client.flags.count("connected") == 1);
    client.session().stop();
    CHECK(client.finish().end == SessionEnd::Stopped);
    CHECK(app == "other");
    CHECK(tcUrl == appUrl(last));
    CHECK(key == "s3cret?sign=s3cret");
    CHECK(client.session().stats().serverAddress == last.authority());
}

} // namespace

TEST_CASE("a rejected connect that names another server is followed there, with the stream's key") {
    for (const Manner manner : {Manner::Error, Manner::Status, Manner::ErrorAndClose}) {
        CAPTURE(static_cast<int>(manner));
        checkFollowed<Publisher>("publish", manner);
        checkFollowed<Player>("play", manner);
    }
}

TEST_CASE("five redirects are followed and no more, and none in a circle") {
    std::atomic<int> connects{0};
    std::string own;
    const auto onward = [&](Peer &peer) { redirect(peer, own + "/app" + std::to_string(++connects)); };
    ScriptedServer server(onward);
    own = "rtmp://" + server.authority();
    for (const bool circle : {false, true}) {
        CAPTURE(circle);
        connects = 0;
        ScriptedServer circling([&](Peer &peer) {
            ++connects;
            redirect(peer, own + "/live");
        });
        if (circle)
            own = "rtmp://" + circling.authority();
        Player player;
        player.start(circle ? circling.url() : server.url());
        const SessionResult result = player.finish();
        CHECK(result.end == SessionEnd::Refused);
        CHECK(result.serverCode == "NetConnection.Connect.Rejected");
        CHECK(result.message.find(circle ? "in a circle" : "more than 5 times") != std::string::npos);
        CHECK(connects == (circle ? 1 : 6));
    }
}

TEST_CASE("a redirect to what is no address of an app is refused, one without its code is a rejection") {
    for (const std::string target : {"http://127.0.0.1/s3cret", "rtmp://127.0.0.1", "rtmp://127.0.0.1/",
                                     "rtmp://127.0.0.1/live?s3cret", "rtmp://u:s3cret@127.0.0.1/live", "s3cret"}) {
        CAPTURE(target);
        const SessionResult result = play([&](Peer &peer) { redirect(peer, target); });
        CHECK(result.end == SessionEnd::Refused);
        CHECK(result.message.find("no rtmp or rtmps address") != std::string::npos);
    }
    for (const double code : {301.0, 0.0, -302.0})
        CHECK(play([&](Peer &peer) {
                  redirect(peer, "rtmp://127.0.0.1/live", Manner::Error, code);
              }).message.find("refused the connection") != std::string::npos);
    CHECK(play([&](Peer &peer) { redirect(peer, ""); }).message.find("refused the connection") != std::string::npos);
}

TEST_CASE("a redirect to a server that is gone ends as its connect does, one in the midst of a stream is a refusal") {
    int deadPort = 0;
    {
        ScriptedServer gone([](Peer &) {});
        deadPort = gone.port();
    }
    const SessionResult result =
        play([&](Peer &peer) { redirect(peer, "rtmp://127.0.0.1:" + std::to_string(deadPort) + "/live"); });
    CHECK(result.end == SessionEnd::ConnectFailed);
    CHECK(play([](Peer &peer) {
              peer.acceptConnect();
              peer.readCommand("play");
              peer.sendStatus(1, "status", "NetStream.Play.Start");
              peer.sendResult("_error", transaction::connect, [](Amf0Writer &body) {
                  body.null().object().property("code").string("NetConnection.Connect.Rejected").property("ex");
                  body.object().property("code").number(302).property("redirect").string("rtmp://127.0.0.1/live");
                  body.end().end();
              });
              peer.stayUntilClientGoes();
          }).end == SessionEnd::Refused);
}

TEST_CASE("the whole way over redirects has one deadline") {
    ScriptedServer silent([](Peer &peer) { peer.stayUntilClientGoes(); });
    ScriptedServer first([&](Peer &peer) { redirect(peer, appUrl(silent)); });
    Publisher publisher(quick(500));
    publisher.start(first.url());
    CHECK(publisher.finish().end == SessionEnd::HandshakeFailed);
}

TEST_CASE("redirects lead from rtmp to rtmps, and never back") {
    RedirectTrail trail(StreamUrl::parse("rtmp://one/live/key"));
    CHECK(trail.follow("rtmps://two/app") == nullptr);
    CHECK(trail.url().tls);
    CHECK(trail.url().port == 443);
    CHECK(trail.url().streamKey == "key");
    CHECK(std::string(trail.follow("rtmp://three/app")).find("from rtmps to rtmp") != std::string::npos);
    CHECK(trail.url().host == "two");
    CHECK(trail.redirects() == 1);
}
