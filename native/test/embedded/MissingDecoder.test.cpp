#include <doctest/doctest.h>

#include <thread>

#include "embedded/EmbeddedPlayer.h"
#include "test/support/FlvFile.h"
#include "test/support/RecordingListener.h"
#include "test/support/ScriptedServer.h"

using namespace rtcroom;
using namespace rtcroom::test;
namespace event = engine::event;

namespace {

EncodedPacket packetOf(CodecId codec, Bytes data, bool config, int64_t dtsMs) {
    EncodedPacket packet;
    packet.codec = codec;
    packet.kind = kindOf(codec);
    packet.isConfig = config;
    packet.keyFrame = true;
    packet.dtsMs = dtsMs;
    packet.data = std::make_shared<const Bytes>(std::move(data));
    return packet;
}

/// As much of a configuration as is looked at before a decoder is sought, and as much of a picture.
Bytes configOf(CodecId codec) {
    if (codec == CodecId::Av1)
        return {0x81, 0, 0x0c, 0};
    if (codec == CodecId::Hevc) {
        Bytes hvcC(23);
        hvcC[0] = 1;
        hvcC[21] = 3;
        return hvcC;
    }
    Bytes head = toBytes("OpusHead");
    head += Bytes{1, 2, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0};
    return head;
}

Bytes unitOf(CodecId codec) {
    if (codec == CodecId::Opus)
        return {0xf8, 0xff, 0xfe}; // 20 ms of silence
    return {0, 0, 0, 3, 0x26, 1, 0xaf};
}

/// Configurations, then a unit of each codec every 20 ms until the client goes.
void stream(Peer &peer, const std::vector<CodecId> &codecs) {
    peer.readHead();
    Bytes begin = toBytes("HTTP/1.1 200 OK\r\n\r\n");
    begin += flvHeader();
    for (const CodecId codec : codecs)
        begin += flvTag(packetOf(codec, configOf(codec), true, 0));
    peer.write(begin);
    for (int64_t ms = 0;; ms += 20) {
        for (const CodecId codec : codecs)
            peer.write(flvTag(packetOf(codec, unitOf(codec), false, ms)));
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

struct Playing {
    Playing(const ScriptedServer &server, const std::vector<CodecId> &lacking)
        : player(options(), listener, [lacking](CodecId codec) {
              return std::ranges::find(lacking, codec) == lacking.end() ? findDecoder(codec) : nullptr;
          }) {
        player.startPlay("http://127.0.0.1:" + std::to_string(server.port()) + "/a.flv", engine::PlayType::LiveRtmpAcc,
                         started.completion());
    }
    static engine::PlayerOptions options() {
        engine::PlayerOptions out;
        out.audioOutput = true;
        return out;
    }

    RecordingListener listener;
    Outcome started;
    EmbeddedPlayer player;
};

} // namespace

TEST_CASE("a stream that this FFmpeg cannot decode fails to start, with the codec and a remedy") {
    for (const auto &[codec, code] : {std::pair(CodecId::Hevc, event::PLAY_ERR_HEVC_DECODE_FAIL),
                                      std::pair(CodecId::Av1, event::PLAY_WARNING_VIDEO_DECODE_FAIL),
                                      std::pair(CodecId::Opus, event::PLAY_WARNING_AUDIO_DECODE_FAIL)}) {
        const std::string name = codecName(codec);
        CAPTURE(name);
        ScriptedServer server([codec = codec](Peer &peer) { stream(peer, {codec}); });
        Playing playing(server, {codec});
        CHECK(playing.started.code() == engine::ErrorCode::DecodeFailed);
        CHECK(playing.started.message().find(name) != std::string::npos);
        CHECK(playing.started.message().find("install") != std::string::npos);
        CHECK(playing.listener.count(code) == 1);
        CHECK_FALSE(playing.player.isPlaying());
        CHECK(playing.listener.count(event::PLAY_EVT_PLAY_BEGIN) == 0);
        // It may be tried again at once.
        Outcome again;
        playing.player.startPlay("http://127.0.0.1:" + std::to_string(server.port()) + "/a.flv",
                                 engine::PlayType::LiveRtmpAcc, again.completion());
        playing.player.stopPlay({});
        CHECK(again.code() == engine::ErrorCode::Aborted);
    }
}

TEST_CASE("the sound of a stream plays whose pictures cannot be decoded, and the event tells why there are none") {
    ScriptedServer server([](Peer &peer) { stream(peer, {CodecId::Hevc, CodecId::Opus}); });
    Playing playing(server, {CodecId::Hevc});
    CHECK_FALSE(playing.started.code());
    CHECK(playing.listener.count(event::PLAY_ERR_HEVC_DECODE_FAIL) == 1);
    CHECK(playing.listener.count(event::PLAY_EVT_PLAY_BEGIN) == 1);
    CHECK(playing.player.isPlaying());
    CHECK(playing.listener.waitFor([](RecordingListener &l) { return l.audioCountLocked() >= 50; }));
    CHECK(playing.listener.count(event::PLAY_ERR_HEVC_DECODE_FAIL) == 1);
}
