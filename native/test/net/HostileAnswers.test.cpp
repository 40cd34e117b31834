#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <mutex>
#include <set>
#include <vector>

#include "test/net/SessionRunner.h"
#include "test/support/Allocated.h"
#include "test/support/FlvFile.h"
#include "test/support/ScriptedServer.h"

using namespace rtcroom::test;

// Every malformed answer at every stage of a session, for publishers and players: each ends in a way that can be told
// beforehand, at once or at its own deadline, in bounded memory and without a secret in its words.

namespace {

constexpr std::chrono::milliseconds shortTime{300};
constexpr size_t atOnce = 24;

/// How far a session has come when the answer arrives.
enum class Stage { Connected, HalfHandshake, HandshakeDone, ConnectAnswered, StreamCreated, Begun };
constexpr const char *stageNames[] = {"connected",        "half a handshake", "handshake done",
                                      "connect answered", "stream created",   "begun"};

/// What an answer does to a session that has the handshake behind it.
enum class Effect {
    Ignored,
    Broken,
    Refused,
    Begins, // it is taken for the stream's beginning
};

struct Answer {
    std::string name;
    Bytes bytes;
    Effect publishing;
    Effect playing;
    Answer(std::string theName, Bytes theBytes, Effect both)
        : Answer(std::move(theName), std::move(theBytes), both, both) {}
    Answer(std::string theName, Bytes theBytes, Effect whenPublishing, Effect whenPlaying)
        : name(std::move(theName)), bytes(std::move(theBytes)), publishing(whenPublishing), playing(whenPlaying) {}
};

Bytes messageBytes(MessageType type, Bytes body, uint32_t streamId = 0, ChunkStreamId on = ChunkStreamId::Command) {
    ChunkWriter writer;
    OutputBuffer out;
    writer.write(out, {on, type, 0, streamId}, {}, std::make_shared<const Bytes>(std::move(body)));
    Bytes bytes;
    while (!out.empty()) {
        const iovec part = out.front().front();
        const auto *from = static_cast<const uint8_t *>(part.iov_base);
        bytes += Bytes(from, from + part.iov_len);
        out.consume(part.iov_len);
    }
    return bytes;
}

Bytes command(const std::string &name, double transaction, const std::function<void(Amf0Writer &)> &rest = {}) {
    Amf0Writer body;
    body.string(name).number(transaction).null();
    if (rest)
        rest(body);
    return messageBytes(MessageType::CommandAmf0, body.take());
}

Bytes rawCommand(const Bytes &arguments, MessageType type = MessageType::CommandAmf0) {
    Bytes body;
    if (type == MessageType::CommandAmf3)
        body.push_back(0);
    body += Amf0Writer().string("onStatus").number(0).null().take();
    body += arguments;
    return messageBytes(type, body);
}

Bytes status(const std::string &level, const std::string &code) {
    return command("onStatus", 0, [&](Amf0Writer &body) {
        body.object().property("level").string(level).property("code").string(code);
        body.property("description").string("s3cret").end();
    });
}

Bytes streamNumber(double number) {
    return command("_result", transaction::createStream, [&](Amf0Writer &body) { body.number(number); });
}

Bytes nested(size_t depth) {
    Bytes out;
    for (size_t i = 0; i < depth; ++i)
        out += {3, 0, 1, 'a'};
    return out;
}

Bytes repeated(size_t count, const std::function<Bytes(size_t)> &each) {
    Bytes out;
    for (size_t i = 0; i < count; ++i)
        out += each(i);
    return out;
}

Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes out;
    for (const Bytes &part : parts)
        out += part;
    return out;
}

Bytes control(MessageType type, Bytes body) { return messageBytes(type, std::move(body), 0, ChunkStreamId::Control); }

const std::vector<Answer> &answers() {
    using enum Effect;
    using Type = MessageType;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    static const std::vector<Answer> all{
        // no RTMP
        {"garbage", Bytes(4096, 0xff), Broken},
        {"zeros", Bytes(4096, 0), Ignored},
        {"HTTP", toBytes("HTTP/1.1 400 s3cret\r\n\r\n"), Broken},
        // chunks
        {"half a chunk header", {3, 0, 0}, Ignored},
        {"half a message", {3, 0, 0, 0, 0, 0, 200, 20, 0, 0, 0, 0, 2, 0, 8}, Ignored},
        {"16 MB announced", joined({{3, 0, 0, 0, 0xff, 0xff, 0xff, 20, 0, 0, 0, 0}, Bytes(128)}), Ignored},
        {"a chunk that goes on with nothing", {0xc5, 1, 2, 3}, Broken},
        {"65 chunk streams",
         repeated(65, [](size_t id) { return Bytes{0, static_cast<uint8_t>(id), 0, 0, 0, 0, 0, 0, 18, 0, 0, 0, 0}; }),
         Broken},
        {"chunk size 0", control(Type::SetChunkSize, {0, 0, 0, 0}), Broken},
        {"chunk size 2^31", control(Type::SetChunkSize, {0x80, 0, 0, 0}), Broken},
        {"chunk size over 16 MB", control(Type::SetChunkSize, {1, 0, 0, 1}), Ignored},
        {"half a chunk size", control(Type::SetChunkSize, {0, 0}), Ignored},
        {"abort of nothing", control(Type::Abort, {0, 0, 0, 9}), Ignored},
        {"half an abort", control(Type::Abort, {0}), Ignored},
        {"abort in the midst",
         joined({{7, 0, 0, 0, 0, 1, 0, 20, 0, 0, 0, 0}, Bytes(128, 2), control(Type::Abort, {0, 0, 0, 7})}), Ignored},
        {"window 0", control(Type::WindowAckSize, {0, 0, 0, 0}), Ignored},
        {"bandwidth 0", control(Type::SetPeerBandwidth, {0, 0, 0, 0, 9}), Ignored},
        {"half a user control", control(Type::UserControl, {0}), Ignored},
        {"unknown user control", control(Type::UserControl, {0xff, 0xff, 0, 0, 0, 1}), Ignored},
        {"unknown message", messageBytes(static_cast<Type>(99), {1, 2, 3}), Ignored},
        // AMF
        {"empty command", messageBytes(Type::CommandAmf0, {}), Broken},
        {"command without a name", messageBytes(Type::CommandAmf0, {0, 0, 0, 0, 0, 0, 0, 0, 0}), Broken},
        {"command cut short", messageBytes(Type::CommandAmf0, {2, 0, 50, 'o'}), Broken},
        {"unknown AMF type", rawCommand({0x20}), Broken},
        {"AMF3 value", rawCommand({0x11, 0x0a, 0x0b, 1}, Type::CommandAmf3), Broken},
        {"empty AMF3 command", messageBytes(Type::CommandAmf3, {0}), Broken},
        {"AMF0 in an AMF3 command", rawCommand({5}, Type::CommandAmf3), Ignored},
        {"deep AMF", rawCommand(nested(50000)), Broken},
        {"wide AMF", rawCommand(Bytes(5000, 5)), Broken},
        {"string of -1 bytes", rawCommand({2, 0xff, 0xff, 'x'}), Broken},
        {"long string of -1 bytes", rawCommand({12, 0xff, 0xff, 0xff, 0xff, 'x'}), Broken},
        {"array of -1 values", rawCommand({10, 0xff, 0xff, 0xff, 0xff, 5}), Broken},
        {"object without an end", rawCommand({3, 0, 1, 'a', 5}), Broken},
        {"ECMA array with a wrong count", rawCommand({8, 0xff, 0xff, 0xff, 0xff, 0, 0, 9}), Ignored},
        // commands
        {"onStatus without info", rawCommand({}), Ignored},
        {"onStatus with a text for info", rawCommand(Amf0Writer().string("s3cret").take()), Ignored},
        {"onStatus with a number for code",
         command("onStatus", 0, [](Amf0Writer &body) { body.object().property("code").number(1).end(); }), Ignored},
        {"onStatus of unknown code", status("status", "s3cret"), Ignored},
        {"onStatus of no error with a long code", status("status", "NetStream." + std::string(70000, 'x')), Ignored},
        {"error without a code",
         command(
             "onStatus", 0,
             [](Amf0Writer &body) { body.object().property("level").string("error").property("code").null().end(); }),
         Refused},
        {"error with a secret for code", status("error", "s3cret"), Refused},
        {"_error of connect without info", command("_error", transaction::connect), Refused},
        {"_error of nothing we asked", command("_error", 99), Refused},
        {"_error of NaN", command("_error", nan), Refused},
        {"connect is answered with nothing", command("_result", transaction::connect), Ignored},
        {"connect is answered with a number",
         command("_result", transaction::connect, [](Amf0Writer &body) { body.number(7); }), Ignored},
        {"connect is answered with an error",
         command("_result", transaction::connect,
                 [](Amf0Writer &body) {
                     body.object().property("level").string("error").property("code").string("").end();
                 }),
         Refused},
        {"_result without a transaction", messageBytes(Type::CommandAmf0, Amf0Writer().string("_result").take()),
         Ignored},
        {"unknown command", command("s3cret", 7), Ignored},
        {"createStream NaN", streamNumber(nan), Broken},
        {"createStream infinite", streamNumber(std::numeric_limits<double>::infinity()), Broken},
        {"createStream 0", streamNumber(0), Broken},
        {"createStream -1", streamNumber(-1), Broken},
        {"createStream 2^32", streamNumber(4294967296.0), Broken},
        {"createStream with a text",
         command("_result", transaction::createStream, [](Amf0Writer &body) { body.string("1"); }), Broken},
        {"createStream without a number", command("_result", transaction::createStream), Broken},
        {"createStream answered twice alike", joined({streamNumber(1), streamNumber(1)}), Ignored},
        {"createStream answered twice", joined({streamNumber(1), streamNumber(2)}), Broken},
        {"begin before its time",
         joined({status("status", "NetStream.Publish.Start"), status("status", "NetStream.Play.Start")}), Begins},
        // media and data
        {"data that nests without end", messageBytes(Type::DataAmf0, nested(50000), 1), Ignored},
        {"empty data", messageBytes(Type::DataAmf0, {}, 1), Ignored},
        {"AMF3 data", messageBytes(Type::DataAmf3, {0x11, 0xff}, 1), Ignored},
        {"picture cut short", messageBytes(Type::Video, {0x17}, 1), Ignored, Begins},
        {"configuration of negative lengths",
         messageBytes(Type::Video, {0x17, 0, 0xff, 0xff, 0xff, 1, 0x64, 0, 0x1f, 0xff, 0xe1, 0xff, 0xff}, 1), Ignored,
         Begins},
        {"sound without a configuration", messageBytes(Type::Audio, {0xaf, 1, 0xff, 0xff}, 1), Ignored, Begins},
        {"aggregate of negative sizes", messageBytes(Type::Aggregate, Bytes(40, 0xff), 1), Ignored, Begins},
        {"empty picture", messageBytes(Type::Video, {}, 1), Ignored, Begins},
    };
    return all;
}

void reach(Peer &peer, Stage stage, bool publish) {
    if (stage >= Stage::HalfHandshake) {
        peer.readExactly(1537);
        peer.write(Bytes{3});
        peer.write(Bytes(stage == Stage::HalfHandshake ? 1000 : 3072));
    }
    if (stage >= Stage::HandshakeDone)
        peer.readExactly(1536);
    if (stage >= Stage::ConnectAnswered) {
        peer.readCommand("connect");
        peer.sendResult("_result", transaction::connect, [](Amf0Writer &body) {
            body.null().object().property("level").string("status");
            body.property("code").string("NetConnection.Connect.Success").end();
        });
    }
    if (stage >= Stage::StreamCreated) {
        peer.readCommand("createStream");
        peer.sendResult("_result", transaction::createStream, [](Amf0Writer &body) { body.null().number(1); });
    }
    if (stage >= Stage::Begun) {
        peer.readCommand(publish ? "publish" : "play");
        peer.sendStatus(1, "status", publish ? "NetStream.Publish.Start" : "NetStream.Play.Start");
    }
}

struct Expected {
    SessionEnd end;
    /// By one of the session's own deadlines, not at once.
    bool byTime = false;
    /// The session lives until the server goes.
    bool survives = false;
};

Expected expectedOf(Stage stage, bool publish, Effect effect) {
    if (stage < Stage::HandshakeDone)
        return {SessionEnd::HandshakeFailed, true};
    if (effect == Effect::Refused)
        return {SessionEnd::Refused};
    const bool begun = stage == Stage::Begun || effect == Effect::Begins;
    if (effect == Effect::Broken)
        return {begun ? SessionEnd::ServerDisconnected : SessionEnd::HandshakeFailed};
    if (!begun)
        return {SessionEnd::HandshakeFailed, true};
    if (publish)
        return {SessionEnd::ServerDisconnected, false, true};
    return {SessionEnd::NoData, true};
}

/// What is wrong with the end of a session; empty when nothing is.
std::string faultOf(const SessionResult &result, const std::set<SessionEnd> &ends) {
    if (!ends.contains(result.end))
        return "ended as " + std::to_string(static_cast<int>(result.end)) + ": " + result.message;
    if (result.message.empty() || (result.message + result.serverCode).find("s3cret") != std::string::npos)
        return "says '" + result.message + "' (" + result.serverCode + ")";
    return {};
}

template <typename Client>
SessionResult runAgainst(const std::string &url, const rtcroom::engine::NetworkOptions &options) {
    Client client(options);
    client.start(url);
    return client.finish();
}

std::string faultOf(Stage stage, bool publish, const Answer &answer) {
    const Expected expected = expectedOf(stage, publish, publish ? answer.publishing : answer.playing);
    std::atomic<bool> clientLeft{false};
    ScriptedServer server([&](Peer &peer) {
        reach(peer, stage, publish);
        peer.write(answer.bytes);
        if (expected.survives) {
            clientLeft = peer.leavesWithin(shortTime);
        } else {
            peer.leavesWithin(patience);
            clientLeft = true;
        }
    });
    // Only the deadline that is expected can pass, however slow the machine.
    const auto ms = static_cast<int>(shortTime.count());
    const auto options = expected.end == SessionEnd::NoData ? quick(20000, ms) : expected.byTime ? quick(ms) : quick();
    const std::string url = server.url("s3cret?sign=s3cret");
    const SessionResult result = publish ? runAgainst<Publisher>(url, options) : runAgainst<Player>(url, options);
    if (expected.survives && clientLeft)
        return "the session did not wait for the server to go: " + result.message;
    return faultOf(result, {expected.end});
}

struct Case {
    std::string name;
    std::function<std::string()> fault;
};

/// Runs them, many at a time: most of it is waiting.
void runAll(const std::vector<Case> &cases) {
    std::atomic<size_t> next{0};
    std::mutex mutex;
    std::vector<std::string> faults;
    std::vector<std::thread> threads;
    for (size_t i = 0; i < atOnce; ++i)
        threads.emplace_back([&] {
            for (size_t at = next++; at < cases.size(); at = next++) {
                std::string fault;
                try {
                    fault = cases[at].fault();
                } catch (const std::exception &error) {
                    fault = error.what();
                }
                const std::lock_guard lock(mutex);
                if (!fault.empty())
                    faults.push_back(cases[at].name + ": " + fault);
            }
        });
    for (std::thread &thread : threads)
        thread.join();
    for (const std::string &fault : faults)
        FAIL_CHECK(fault);
}

} // namespace

TEST_CASE("every malformed RTMP answer at every stage ends a session as told, in time, and keeps its secrets") {
    std::vector<Case> cases;
    for (const Answer &answer : answers())
        for (int stage = 0; stage <= static_cast<int>(Stage::Begun); ++stage)
            for (const bool publish : {true, false})
                cases.push_back(
                    {answer.name + ", " + stageNames[stage] + (publish ? ", publisher" : ", player"),
                     [&answer, stage, publish] { return faultOf(static_cast<Stage>(stage), publish, answer); }});
    const AllocationPeak peak;
    runAll(cases);
    // Buffers of 64 KB on both sides of each connection, and what an announced message may reserve.
    CHECK(peak.bytes() < atOnce * 2'000'000);
}

TEST_CASE("every malformed HTTP-FLV answer at every stage ends a play as told, in time, and keeps its secrets") {
    using Ends = std::set<SessionEnd>;
    const Ends noFlv{SessionEnd::HandshakeFailed}, broken{SessionEnd::ServerDisconnected}, silent{SessionEnd::NoData};
    const Bytes head = toBytes("HTTP/1.1 200 OK\r\nX-Key: s3cret\r\n\r\n");
    const Bytes halfHead(head.begin(), head.end() - 4);
    const Bytes halfTag = [] {
        const Bytes tag = flvTag(videoPacket(40, true, 2000));
        return Bytes(tag.begin(), tag.end() - 10);
    }();
    Bytes playing = flvHeader();
    for (const EncodedPacket &packet : {videoConfig(), audioConfig(), videoPacket(0, true, 500)})
        playing += flvTag(packet);
    const std::vector<std::pair<std::string, Bytes>> stages{
        {"nothing said", {}},
        {"half a head", halfHead},
        {"head", head},
        {"FLV header", joined({head, flvHeader()})},
        {"half a tag", joined({head, playing, halfTag})},
        {"playing", joined({head, playing})},
    };
    const Ends either{SessionEnd::ServerDisconnected, SessionEnd::NoData};
    // By stage; in the midst of a tag a part of the answer is that tag's.
    const auto tagAt = [&](const Ends &atTag) { return std::vector<Ends>{noFlv, noFlv, noFlv, atTag, either, atTag}; };
    const std::vector<Ends> headEnds{noFlv, {SessionEnd::HandshakeFailed, SessionEnd::NoData}, noFlv, broken, either,
                                     broken};
    const auto headerOf = [](uint8_t type, uint32_t size) {
        Bytes out = flvTag(type, 0, {});
        writeBigEndian(out.data() + 1, size, 3);
        return Bytes(out.begin(), out.begin() + 11);
    };
    struct FlvAnswer {
        std::string name;
        Bytes bytes;
        std::vector<Ends> ends;
    };
    std::vector<FlvAnswer> all{
        {"garbage", Bytes(4096, 0xff), tagAt(broken)},
        {"zeros", Bytes(4096, 0), tagAt(silent)},
        {"half a tag header", {9, 0, 0}, {noFlv, noFlv, silent, silent, silent, silent}},
        {"tag of 16 MB", joined({headerOf(9, 0xffffff), Bytes(100)}), tagAt(silent)},
        {"empty tag", flvTag(9, 0, {}), tagAt(silent)},
        {"encrypted tag", flvTag(9 | 0x20, 0, {1, 2}), tagAt(silent)},
        {"reserved tag", flvTag(0xc9, 0, {1}), tagAt(broken)},
        {"unknown tag", flvTag(17, 0, {1}), tagAt(silent)},
        {"script data that nests without end", flvTag(18, 0, nested(50000)), tagAt(silent)},
        {"tag with a wrong size behind it", joined({headerOf(8, 2), {0xaf, 1, 0xff, 0xff, 0xff, 0xff}}), tagAt(silent)},
        {"configuration of negative lengths",
         flvTag(9, 0, {0x17, 0, 0xff, 0xff, 0xff, 1, 0x64, 0, 0x1f, 0xff, 0xe1, 0xff, 0xff}), tagAt(silent)},
        {"FLV header with a far offset", {'F', 'L', 'V', 1, 5, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0}, tagAt(broken)},
        {"FLV header with a short offset", {'F', 'L', 'V', 1, 5, 0, 0, 0, 1, 0, 0, 0, 0}, tagAt(broken)},
        {"a page", toBytes("<html>s3cret</html>"), {noFlv, noFlv, noFlv, silent, either, silent}},
        {"RTMP", Bytes(3073, 3), tagAt(silent)},
    };
    for (const std::string headText :
         {"HTTP/1.1 -200 s3cret\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 99 OK\r\n\r\n", "HTTP/2 200\r\n\r\n",
          "ICY 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\ns3cret",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
          "HTTP/1.1 200 OK\r\nno header\r\n\r\n", "HTTP/1.1 200 OK\r\n: s3cret\r\n\r\n"})
        all.push_back({headText.substr(0, headText.size() - 4), toBytes(headText), headEnds});

    std::vector<Case> cases;
    for (const FlvAnswer &answer : all)
        for (size_t stage = 0; stage < stages.size(); ++stage)
            cases.push_back({answer.name + ", " + stages[stage].first, [&, stage] {
                                 const Ends &ends = answer.ends[stage];
                                 ScriptedServer server([&](Peer &peer) {
                                     peer.readHead();
                                     peer.write(stages[stage].second);
                                     peer.write(answer.bytes);
                                     peer.leavesWithin(patience);
                                 });
                                 const auto ms = static_cast<int>(shortTime.count());
                                 const bool begins = ends.contains(SessionEnd::NoData);
                                 const bool mayNot = ends.contains(SessionEnd::HandshakeFailed);
                                 const auto options = quick(mayNot ? ms : 20000, begins ? ms : 20000);
                                 return faultOf(runAgainst<Player>("http://127.0.0.1:" + std::to_string(server.port()) +
                                                                       "/live/s3cret.flv?sign=s3cret",
                                                                   options),
                                                ends);
                             }});
    const AllocationPeak peak;
    runAll(cases);
    CHECK(peak.bytes() < atOnce * 2'000'000);
}

TEST_CASE("a server that asks without end, and reads nothing, makes no session grow") {
    constexpr size_t small = 2'000'000, large = 40'000'000;
    // Unfinished messages have 32 MB in all, and a vector that grows is there twice.
    constexpr size_t largest = 100'000'000;
    constexpr size_t rounds = 30;
    const auto chunkStart = [](size_t id, uint32_t size) {
        Bytes out{0, static_cast<uint8_t>(id), 0, 0, 0, 0, 0, 0, 9, 1, 0, 0, 0};
        writeBigEndian(out.data() + 5, size, 3);
        return out;
    };
    const Bytes fourMb(4'000'000, 1);
    const Bytes chunksOfFourMb = control(MessageType::SetChunkSize, {0, 0x3d, 0x09, 0});
    using Send = std::function<void(Peer &, size_t)>;
    const auto again = [](const Bytes &one) -> Send {
        return [many = repeated(1000, [&](size_t) { return one; })](Peer &peer, size_t) { peer.write(many); };
    };
    struct Flood {
        std::string name;
        Stage stage;
        size_t limit;
        Bytes first;
        Send send;
    };
    const std::vector<Flood> floods{
        {"createStream with ever another number",
         Stage::ConnectAnswered,
         small,
         {},
         [](Peer &peer, size_t round) {
             peer.write(
                 repeated(1000, [&](size_t i) { return streamNumber(static_cast<double>(round * 1000 + i + 2)); }));
         }},
        {"createStream with the same number", Stage::ConnectAnswered, small, {}, again(streamNumber(7))},
        {"connect answered again", Stage::HandshakeDone, small, {}, again(command("_result", transaction::connect))},
        {"pings", Stage::Begun, small, {}, again(control(MessageType::UserControl, {0, 6, 0, 0, 0, 0}))},
        {"bandwidths", Stage::Begun, small, {}, again(control(MessageType::SetPeerBandwidth, {0, 0, 0, 1, 0}))},
        {"bytes to acknowledge", Stage::Begun, small, control(MessageType::WindowAckSize, {0, 0, 0, 1}),
         again(messageBytes(MessageType::DataAmf0, {5}, 1))},
        {"a beginning again",
         Stage::Begun,
         small,
         {},
         again(joined({status("status", "NetStream.Publish.Start"), status("status", "NetStream.Play.Start")}))},
        {"large messages that are aborted", Stage::Begun, large, chunksOfFourMb,
         [&](Peer &peer, size_t round) {
             peer.write(chunkStart(round % rounds, 16'000'000));
             peer.write(fourMb);
             peer.write(control(MessageType::Abort, {0, 0, 0, static_cast<uint8_t>(64 + round % rounds)}));
         }},
        {"large messages that begin anew", Stage::Begun, large, chunksOfFourMb,
         [&](Peer &peer, size_t round) {
             peer.write(chunkStart(round % rounds, 16'000'000));
             peer.write(fourMb);
             peer.write(chunkStart(round % rounds, 4));
             peer.write(Bytes(4));
         }},
        {"large messages without an end", Stage::Begun, largest, chunksOfFourMb,
         [&](Peer &peer, size_t round) {
             peer.write(chunkStart(round % rounds, 16'000'000));
             peer.write(fourMb);
         }},
    };
    for (const Flood &flood : floods)
        for (const bool publish : {true, false}) {
            CAPTURE(flood.name);
            CAPTURE(publish);
            ScriptedServer server([&](Peer &peer) {
                reach(peer, flood.stage, publish);
                peer.write(flood.first);
                for (size_t round = 0; round < rounds; ++round)
                    flood.send(peer, round);
            });
            const AllocationPeak peak;
            const SessionResult result =
                publish ? runAgainst<Publisher>(server.url(), quick()) : runAgainst<Player>(server.url(), quick());
            CHECK(faultOf(result, {SessionEnd::ServerDisconnected, SessionEnd::HandshakeFailed}) == "");
            CHECK(peak.bytes() < flood.limit);
        }
}
