#include <doctest/doctest.h>

#include <mutex>

#include "test/net/FullBacklog.h"
#include "test/net/SessionRunner.h"
#include "test/support/ScriptedServer.h"

using namespace rtcroom::test;

namespace {

SessionResult publishTo(const std::function<void(Peer &)> &script,
                        const rtcroom::engine::NetworkOptions &options = quick()) {
    ScriptedServer server(script);
    Publisher publisher(options);
    publisher.start(server.url("s3cret?sign=s3cret"));
    return publisher.finish();
}

SessionResult playFrom(const std::function<void(Peer &)> &script,
                       const rtcroom::engine::NetworkOptions &options = quick()) {
    ScriptedServer server(script);
    Player player(options);
    player.start(server.url("s3cret?sign=s3cret"));
    return player.finish();
}

/// Both kinds of session, same end.
void checkBoth(SessionEnd end, const std::function<void(Peer &)> &script,
               const rtcroom::engine::NetworkOptions &options = quick()) {
    for (const SessionResult &result : {publishTo(script, options), playFrom(script, options)}) {
        CHECK(result.end == end);
        CHECK(!result.message.empty());
        CHECK(result.message.find("s3cret") == std::string::npos);
        CHECK(result.serverCode.find("s3cret") == std::string::npos);
    }
}

void beginStream(Peer &peer, const std::string &command) {
    peer.acceptConnect();
    peer.readCommand(command);
    peer.sendStatus(1, "status", command == "play" ? "NetStream.Play.Start" : "NetStream.Publish.Start");
}

} // namespace

TEST_CASE("bad URLs, dead ports and unknown hosts end a session as such") {
    Publisher publisher;
    CHECK(publisher.session().run("http://h/a/b").end == SessionEnd::InvalidUrl);
    CHECK(publisher.session().run("rtmp://no-such-host.invalid/live/x").end == SessionEnd::DnsFailed);
    int deadPort = 0;
    {
        ScriptedServer gone([](Peer &) {});
        deadPort = gone.port();
    }
    CHECK(publisher.session().run("rtmp://127.0.0.1:" + std::to_string(deadPort) + "/live/x").end ==
          SessionEnd::ConnectFailed);
}

TEST_CASE("all addresses of a name are tried") {
    // localhost is ::1 first where IPv6 is on; the server listens on 127.0.0.1 only.
    ScriptedServer server([](Peer &peer) {
        beginStream(peer, "publish");
        peer.stayUntilClientGoes();
    });
    Publisher publisher;
    publisher.start("rtmp://localhost:" + std::to_string(server.port()) + "/live/x");
    CHECK(publisher.flags.await("begun"));
    CHECK(publisher.session().stats().serverAddress == "127.0.0.1:" + std::to_string(server.port()));
    publisher.session().stop();
    CHECK(publisher.finish().end == SessionEnd::Stopped);
}

TEST_CASE("a server that accepts and says nothing fails the handshake") {
    checkBoth(
        SessionEnd::HandshakeFailed, [](Peer &peer) { peer.stayUntilClientGoes(); }, quick(300));
}

TEST_CASE("half a handshake, or none of an answer after it, fails in time") {
    checkBoth(
        SessionEnd::HandshakeFailed,
        [](Peer &peer) {
            peer.write(Bytes{3});
            peer.write(Bytes(1000));
            peer.stayUntilClientGoes();
        },
        quick(300));
    checkBoth(
        SessionEnd::HandshakeFailed,
        [](Peer &peer) {
            peer.acceptHandshake();
            peer.stayUntilClientGoes();
        },
        quick(300));
}

TEST_CASE("garbage instead of a handshake fails it at once") {
    const std::string http = "HTTP/1.1 400 Bad Request\r\n\r\n";
    checkBoth(SessionEnd::HandshakeFailed, [&](Peer &peer) {
        peer.write({reinterpret_cast<const uint8_t *>(http.data()), http.size()});
        peer.stayUntilClientGoes();
    });
}

TEST_CASE("a server that closes or resets the connection at any stage has disconnected") {
    const std::vector<std::function<void(Peer &)>> stages{
        [](Peer &) {},
        [](Peer &peer) { peer.readExactly(1537); },
        [](Peer &peer) {
            peer.readExactly(1537);
            peer.write(Bytes(2000, 3));
        },
        [](Peer &peer) { peer.acceptHandshake(); },
        [](Peer &peer) {
            peer.acceptHandshake();
            peer.readCommand("connect");
        },
        [](Peer &peer) { peer.acceptConnect(); },
    };
    for (const auto &stage : stages)
        for (const bool reset : {false, true})
            checkBoth(SessionEnd::ServerDisconnected, [&](Peer &peer) {
                stage(peer);
                if (reset)
                    peer.resetOnClose();
            });
    CHECK(publishTo([](Peer &peer) { beginStream(peer, "publish"); }).end == SessionEnd::ServerDisconnected);
    CHECK(playFrom([](Peer &peer) { beginStream(peer, "play"); }).end == SessionEnd::ServerDisconnected);
}

TEST_CASE("a refused connection is final and tells the server's code") {
    const auto refuse = [](Peer &peer) {
        peer.acceptHandshake();
        peer.readCommand("connect");
        peer.sendResult("_error", transaction::connect, [](Amf0Writer &body) {
            body.null().object().property("level").string("error");
            body.property("code").string("NetConnection.Connect.Rejected");
            body.property("description").string("key s3cret is wrong").end();
        });
    };
    checkBoth(SessionEnd::Refused, refuse);
    CHECK(publishTo(refuse).serverCode == "NetConnection.Connect.Rejected");
}

TEST_CASE("a refused publish is final, even when the server closes right after it") {
    for (const std::string code : {"NetStream.Publish.BadName", "NetStream.Publish.Denied", "NetStream.Own.Error"}) {
        const SessionResult result = publishTo([&](Peer &peer) {
            peer.acceptConnect();
            peer.readCommand("publish");
            peer.sendStatus(1, "error", code, "/live/s3cret is taken");
        });
        CHECK(result.end == SessionEnd::Refused);
        CHECK(result.serverCode == code);
        CHECK(result.message.find("s3cret") == std::string::npos);
    }
}

TEST_CASE("statuses end a play: not found, failed, unpublished, stopped, end of stream, close") {
    const auto playStatus = [](const std::string &level, const std::string &code) {
        return playFrom([&](Peer &peer) {
            beginStream(peer, "play");
            peer.sendStatus(1, level, code);
            peer.stayUntilClientGoes();
        });
    };
    CHECK(playStatus("error", "NetStream.Play.StreamNotFound").end == SessionEnd::StreamNotFound);
    CHECK(playStatus("error", "NetStream.Play.Failed").end == SessionEnd::Refused);
    CHECK(playStatus("status", "NetStream.Play.UnpublishNotify").end == SessionEnd::StreamEnded);
    CHECK(playStatus("status", "NetStream.Play.Stop").end == SessionEnd::StreamEnded);
    CHECK(playFrom([](Peer &peer) {
              beginStream(peer, "play");
              peer.sendMessage(MessageType::UserControl, 0, 0, {0, 1, 0, 0, 0, 1});
              peer.stayUntilClientGoes();
          }).end == SessionEnd::StreamEnded);
    CHECK(playFrom([](Peer &peer) {
              beginStream(peer, "play");
              peer.sendResult("close", 0, [](Amf0Writer &body) { body.null(); });
              peer.stayUntilClientGoes();
          }).end == SessionEnd::ServerDisconnected);
}

TEST_CASE("errors of releaseStream and FCPublish are no refusal") {
    ScriptedServer server([](Peer &peer) {
        peer.acceptHandshake();
        peer.readCommand("connect");
        for (const int id : {transaction::releaseStream, transaction::fcPublish})
            peer.sendResult("_error", id, [](Amf0Writer &body) {
                body.null().object().property("level").string("error");
                body.property("code").string("NetConnection.Call.Failed").end();
            });
        peer.sendResult("_result", transaction::createStream, [](Amf0Writer &body) { body.null().number(1); });
        peer.readCommand("publish");
        peer.sendStatus(1, "status", "NetStream.Publish.Start");
        peer.stayUntilClientGoes();
    });
    Publisher publisher;
    publisher.start(server.url());
    CHECK(publisher.flags.await("begun"));
}

TEST_CASE("a name that is taken after a lost publish may be our own, before one it is another's") {
    std::atomic<int> clients{0};
    ScriptedServer server([&](Peer &peer) {
        const int client = ++clients;
        peer.acceptConnect();
        peer.readCommand("publish");
        if (client == 2) {
            peer.sendStatus(1, "status", "NetStream.Publish.Start");
            return;
        }
        peer.sendStatus(1, "error", "NetStream.Publish.BadName");
        peer.stayUntilClientGoes();
    });
    RtmpPublishSession session({}, quick());
    const auto run = [&] { return session.run(server.url()); };
    CHECK(run().end == SessionEnd::Refused);
    CHECK(run().end == SessionEnd::ServerDisconnected);
    const SessionResult taken = run();
    CHECK(taken.end == SessionEnd::NameTaken);
    CHECK(taken.serverCode == "NetStream.Publish.BadName");
    CHECK(taken.message.find("still hold the connection") != std::string::npos);
    session.reset();
    CHECK(run().end == SessionEnd::Refused);
}

TEST_CASE("a taken name while publishing is a refusal") {
    ScriptedServer server([](Peer &peer) {
        peer.acceptConnect();
        peer.readCommand("publish");
        peer.sendStatus(1, "status", "NetStream.Publish.Start");
        peer.sendStatus(1, "error", "NetStream.Publish.BadName");
        peer.stayUntilClientGoes();
    });
    Publisher publisher;
    publisher.start(server.url());
    CHECK(publisher.finish().end == SessionEnd::Refused);
}

TEST_CASE("a stream number other than 1 is used") {
    ScriptedServer server([](Peer &peer) {
        peer.acceptConnect(7);
        peer.readCommand("publish");
        peer.sendStatus(1, "error", "NetStream.Publish.BadName");
        peer.readCommand("publish");
        peer.sendStatus(7, "status", "NetStream.Publish.Start");
        for (;;) {
            const Message message = peer.readMessage();
            if (message.type == MessageType::Audio && message.streamId == 7)
                peer.sendStatus(7, "error", "NetStream.Publish.Denied");
        }
    });
    Publisher publisher;
    publisher.start(server.url());
    REQUIRE(publisher.flags.await("begun"));
    publisher.session().send(audioConfig());
    publisher.session().send(audioPacket(0, 10));
    CHECK(publisher.finish().serverCode == "NetStream.Publish.Denied");
}

TEST_CASE("metadata comes first and at time 0, configs before media, times never step back") {
    std::mutex mutex;
    std::vector<Message> got;
    Flags seen;
    ScriptedServer server([&](Peer &peer) {
        beginStream(peer, "publish");
        for (;;) {
            Message message = peer.readMessage();
            if (message.type != MessageType::Video && message.type != MessageType::Audio &&
                message.type != MessageType::DataAmf0)
                continue;
            const std::lock_guard lock(mutex);
            got.push_back(std::move(message));
            seen.raise("message");
        }
    });
    Publisher publisher;
    publisher.session().send(videoConfig());
    publisher.session().send(audioConfig());
    publisher.start(server.url());
    REQUIRE(publisher.flags.await("begun"));
    for (const EncodedPacket &packet :
         {audioPacket(-20, 10), videoPacket(5000, true, 100), videoPacket(4990, false, 100)})
        publisher.session().send(packet);
    REQUIRE(seen.await("message", 6));
    const std::lock_guard lock(mutex);
    const std::vector<std::pair<MessageType, uint32_t>> expected{
        {MessageType::DataAmf0, 0}, {MessageType::Video, 0},    {MessageType::Audio, 0},
        {MessageType::Audio, 0},    {MessageType::Video, 5000}, {MessageType::Video, 5000}};
    for (size_t i = 0; i < expected.size(); ++i) {
        CHECK(got[i].type == expected[i].first);
        CHECK(got[i].timestamp == expected[i].second);
    }
}

TEST_CASE("short and unknown messages are ignored") {
    Player player;
    ScriptedServer server([](Peer &peer) {
        beginStream(peer, "play");
        for (int type = 0; type < 256; ++type)
            if (type != static_cast<int>(MessageType::CommandAmf0) &&
                type != static_cast<int>(MessageType::CommandAmf3))
                peer.sendMessage(static_cast<MessageType>(type), 0, 1, type % 2 ? Bytes{} : Bytes{0});
        peer.sendMessage(MessageType::WindowAckSize, 0, 0, {0, 0, 0, 0});
        peer.sendMessage(MessageType::Audio, 0, 1, {0xaf, 0, 0x11, 0x88});
        peer.stayUntilClientGoes();
    });
    player.start(server.url());
    CHECK(player.flags.await("packet"));
}

TEST_CASE("pings are answered, and a flood of them is survived") {
    Flags server_flags;
    ScriptedServer server([&](Peer &peer) {
        beginStream(peer, "play");
        peer.sendMessage(MessageType::UserControl, 0, 0, {0, 6, 1, 2, 3, 4});
        for (;;) {
            const Message message = peer.readMessage();
            if (message.type == MessageType::UserControl && message.body == Bytes{0, 7, 1, 2, 3, 4})
                break;
        }
        for (int i = 0; i < 200000; ++i)
            peer.sendMessage(MessageType::UserControl, 0, 0, {0, 6, 0, 0, 0, 0});
        peer.sendMessage(MessageType::Audio, 0, 1, {0xaf, 0, 0x11, 0x88});
        peer.stayUntilClientGoes();
    });
    Player player;
    player.start(server.url());
    CHECK(player.flags.await("packet"));
}

TEST_CASE("received bytes are acknowledged by half windows") {
    Flags seen;
    ScriptedServer server([&](Peer &peer) {
        peer.acceptConnect();
        peer.sendMessage(MessageType::WindowAckSize, 0, 0, {0, 0, 0x40, 0});
        peer.readCommand("play");
        peer.sendStatus(1, "status", "NetStream.Play.Start");
        peer.sendMessage(MessageType::Audio, 0, 1, Bytes(20000));
        while (peer.readMessage().type != MessageType::Acknowledgement) {
        }
        seen.raise("ack");
        peer.stayUntilClientGoes();
    });
    Player player;
    player.start(server.url());
    CHECK(seen.await("ack"));
}

TEST_CASE("a play without media has no data, whatever else comes; a large frame on a slow link has") {
    using std::chrono::milliseconds;
    const auto every = [](milliseconds step, const std::function<void()> &act) {
        for (;;) {
            act();
            std::this_thread::sleep_for(step);
        }
    };
    const auto ping = [](Peer &peer) { peer.sendMessage(MessageType::UserControl, 0, 0, {0, 6, 0, 0, 0, 0}); };
    // A video message of 60,000 bytes begins.
    const Bytes header{6, 0, 0, 0, 0, 0xea, 0x60, 9, 1, 0, 0, 0};
    const std::vector<std::pair<std::string, std::function<void(Peer &)>>> silent{
        {"pings", [&](Peer &peer) { every(milliseconds(20), [&] { ping(peer); }); }},
        {"pings in the midst of a message",
         [&](Peer &peer) {
             peer.write(header);
             peer.write(Bytes(128));
             every(milliseconds(20), [&] { ping(peer); });
         }},
        {"a message that drips",
         [&](Peer &peer) {
             peer.write(header);
             every(milliseconds(20), [&] { peer.write(Bytes(1)); });
         }},
        {"empty messages",
         [&](Peer &peer) { every(milliseconds(20), [&] { peer.sendMessage(MessageType::Audio, 0, 1, {}); }); }},
        {"metadata",
         [&](Peer &peer) { every(milliseconds(20), [&] { peer.sendMessage(MessageType::DataAmf0, 0, 1, {5}); }); }},
    };
    for (const auto &[name, script] : silent) {
        CAPTURE(name);
        const SessionResult result = playFrom(
            [&, &script = script](Peer &peer) {
                beginStream(peer, "play");
                script(peer);
            },
            quick(20000, 500));
        CHECK(result.end == SessionEnd::NoData);
    }
    ScriptedServer slow([&](Peer &peer) {
        beginStream(peer, "play");
        peer.sendMessage(MessageType::SetChunkSize, 0, 0, {0, 1, 0, 0});
        peer.write(header);
        // All of it takes three times as long as the stream may be silent.
        for (int sent = 0; sent < 60000; sent += 2000) {
            peer.write(Bytes(2000, 0x17));
            std::this_thread::sleep_for(milliseconds(50));
        }
        peer.sendStatus(1, "status", "NetStream.Play.Stop");
        peer.stayUntilClientGoes();
    });
    Player player(quick(20000, 500));
    player.start(slow.url());
    CHECK(player.finish().end == SessionEnd::StreamEnded);
}

TEST_CASE("a server that takes no more has no data for the publisher, and keeps a bounded queue") {
    ScriptedServer server([](Peer &peer) {
        beginStream(peer, "publish");
        peer.stayDeaf();
    });
    Publisher publisher(quick(20000, 1000));
    publisher.start(server.url());
    REQUIRE(publisher.flags.await("begun"));
    publisher.session().send(videoConfig());
    for (int i = 0; i < 40; ++i)
        publisher.session().send(videoPacket(i * 33, true, 1'000'000));
    CHECK(publisher.session().stats().queuedPackets <= 9);
    CHECK(publisher.finish().end == SessionEnd::NoData);
}

TEST_CASE("answers to pings are no progress of a publisher whose server takes no more") {
    ScriptedServer server(
        [](Peer &peer) {
            beginStream(peer, "publish");
            for (;;) {
                peer.sendMessage(MessageType::UserControl, 0, 0, {0, 6, 0, 0, 0, 0});
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            }
        },
        {.receiveBuffer = 4096});
    Publisher publisher(quick(20000, 500));
    publisher.start(server.url());
    REQUIRE(publisher.flags.await("begun"));
    // More than the server's kernel takes, and little enough for ours to take all of it and the answers, too.
    publisher.session().send(videoConfig());
    publisher.session().send(videoPacket(0, true, 16'000));
    CHECK(publisher.finish().end == SessionEnd::NoData);
}

TEST_CASE("stop ends a session at every stage, and until reset it stays stopped") {
    const std::vector<std::pair<std::string, std::function<void(Peer &)>>> stages{
        {"handshake", [](Peer &peer) { peer.stayUntilClientGoes(); }},
        {"answer",
         [](Peer &peer) {
             peer.acceptHandshake();
             peer.stayUntilClientGoes();
         }},
        {"publish",
         [](Peer &peer) {
             beginStream(peer, "publish");
             peer.stayUntilClientGoes();
         }},
        {"play",
         [](Peer &peer) {
             beginStream(peer, "play");
             peer.stayUntilClientGoes();
         }},
    };
    for (const auto &[name, script] : stages) {
        CAPTURE(name);
        Flags reached;
        ScriptedServer server([&, run = script](Peer &peer) {
            reached.raise("accepted");
            run(peer);
        });
        const auto check = [&](auto &&runner) {
            const int before = reached.count("accepted");
            runner.start(server.url());
            REQUIRE(reached.await("accepted", before + 1));
            if (name == "answer")
                REQUIRE(runner.flags.await("connected"));
            runner.session().stop();
            CHECK(runner.finish().end == SessionEnd::Stopped);
            CHECK(runner.session().run(server.url()).end == SessionEnd::Stopped);
            runner.session().reset();
            runner.start(server.url());
            REQUIRE(reached.await("accepted", before + 2));
            runner.session().stop();
            CHECK(runner.finish().end == SessionEnd::Stopped);
        };
        if (name != "play")
            check(Publisher());
        if (name != "publish")
            check(Player());
    }
}

TEST_CASE("stop ends a publisher whose server takes nothing") {
    ScriptedServer server([](Peer &peer) {
        beginStream(peer, "publish");
        peer.stayDeaf();
    });
    Publisher publisher;
    publisher.start(server.url());
    REQUIRE(publisher.flags.await("begun"));
    for (int i = 0; i < 20; ++i)
        publisher.session().send(videoPacket(i * 33, true, 1'000'000));
    publisher.session().stop();
    CHECK(publisher.finish().end == SessionEnd::Stopped);
}

TEST_CASE("stop ends a connect that nobody answers, and a lookup") {
    const FullBacklog server;
    Publisher connecting;
    connecting.start(server.url());
    connecting.session().stop();
    CHECK(connecting.finish().end == SessionEnd::Stopped);
    Player looking;
    looking.start("rtmp://some-name.invalid/live/x");
    looking.session().stop();
    CHECK(looking.finish().end == SessionEnd::Stopped);
}

TEST_CASE("a connect that nobody answers fails at the deadline") {
    const FullBacklog server;
    rtcroom::engine::NetworkOptions options = quick();
    options.connectTimeoutMs = 300;
    Publisher publisher(options);
    publisher.start(server.url());
    CHECK(publisher.finish().end == SessionEnd::ConnectFailed);
}
