#include <doctest/doctest.h>

#include <random>

#include "embedded/media/ByteOrder.h"
#include "embedded/rtmp/Amf0.h"
#include "embedded/rtmp/FlvTagHeader.h"
#include "embedded/rtmp/FlvTags.h"
#include "embedded/rtmp/StreamMetadata.h"
#include "test/net/TestPackets.h"

using namespace rtcroom::embedded;
using namespace rtcroom::test;

namespace {

Bytes tagBody(const EncodedPacket &packet) {
    const FlvTagHeader header(packet);
    Bytes out(header.bytes().begin(), header.bytes().end());
    out.insert(out.end(), packet.data->begin(), packet.data->end());
    return out;
}

class Collector {
  public:
    void feed(MessageType type, uint32_t timestamp, Bytes body) {
        Message message{type, timestamp, 1, std::move(body)};
        reader.read(message, [this](EncodedPacket packet) { packets.push_back(std::move(packet)); });
    }
    void feed(const EncodedPacket &packet) {
        feed(packet.kind == MediaKind::Video ? MessageType::Video : MessageType::Audio,
             static_cast<uint32_t>(packet.dtsMs), tagBody(packet));
    }
    FlvTagReader reader;
    std::vector<EncodedPacket> packets;
};

} // namespace

TEST_CASE("packets become FLV tags and packets again") {
    Collector out;
    EncodedPacket shifted = videoPacket(40, false, 300);
    shifted.ctsMs = -20;
    for (const EncodedPacket &packet :
         {videoConfig(), audioConfig(), videoPacket(0, true, 2000), audioPacket(21, 100), shifted}) {
        out.feed(packet);
        REQUIRE(!out.packets.empty());
        const EncodedPacket &got = out.packets.back();
        CHECK(got.kind == packet.kind);
        CHECK(got.isConfig == packet.isConfig);
        CHECK(got.dtsMs == packet.dtsMs);
        CHECK(got.ctsMs == packet.ctsMs);
        CHECK(*got.data == *packet.data);
        if (packet.kind == MediaKind::Video && !packet.isConfig)
            CHECK(got.keyFrame == packet.keyFrame);
    }
    CHECK(out.packets.size() == 5);
}

TEST_CASE("a config comes before coded units, and once") {
    Collector out;
    out.feed(videoPacket(0, true, 100));
    out.feed(audioPacket(0, 100));
    CHECK(out.packets.empty());
    out.feed(videoConfig());
    out.feed(videoConfig());
    CHECK(out.packets.size() == 1);
}

TEST_CASE("short NAL lengths become 4 bytes, in units and in the config") {
    for (const int size : {1, 2}) {
        Collector out;
        Bytes config = *videoConfig().data;
        config[4] = static_cast<uint8_t>(0xfc | (size - 1));
        Bytes body{0x17, 0, 0, 0, 0};
        body.insert(body.end(), config.begin(), config.end());
        out.feed(MessageType::Video, 0, body);
        REQUIRE(out.packets.size() == 1);
        CHECK((*out.packets[0].data)[4] == 0xff);
        Bytes unit{0x17, 1, 0, 0, 0};
        for (const Bytes &nal : {Bytes{0x67, 1, 2}, Bytes{0x65, 3, 4, 5}}) {
            unit.resize(unit.size() + static_cast<size_t>(size));
            unit.back() = static_cast<uint8_t>(nal.size());
            unit.insert(unit.end(), nal.begin(), nal.end());
        }
        out.feed(MessageType::Video, 0, unit);
        REQUIRE(out.packets.size() == 2);
        CHECK(*out.packets[1].data == Bytes{0, 0, 0, 3, 0x67, 1, 2, 0, 0, 0, 4, 0x65, 3, 4, 5});
    }
}

TEST_CASE("foreign codecs, enhanced headers and damaged configurations are skipped") {
    Collector out;
    out.feed(videoConfig());
    out.feed(audioConfig());
    out.packets.clear();
    out.feed(MessageType::Video, 0, {});
    out.feed(MessageType::Audio, 0, {});
    out.feed(MessageType::Video, 0, {0x17});
    out.feed(MessageType::Video, 0, {0x12, 1, 2, 3, 4, 5, 6});                        // Sorenson H.263
    out.feed(MessageType::Video, 0, {0x91, 'h', 'v', 'c', '1', 0, 0, 0, 1, 2, 3, 4}); // enhanced RTMP, HEVC
    out.feed(MessageType::Audio, 0, {0x2f, 1, 2, 3, 4});                              // MP3
    out.feed(MessageType::Audio, 0, {0x95, 'O', 'p', 'u', 's', 1, 2});                // enhanced RTMP, Opus
    out.feed(MessageType::Video, 0, {0x57, 0, 0, 0, 0, 0, 0});                        // info frame
    out.feed(MessageType::Video, 0, {0x17, 2, 0, 0, 0, 0});                           // end of sequence
    CHECK(out.reader.damaged() == 0);
    out.feed(MessageType::Video, 0, {0x17, 0, 0, 0, 0, 9, 9}); // no config
    out.feed(MessageType::Audio, 0, {0xaf, 0, 0xff});
    CHECK(out.reader.damaged() == 2);
    CHECK(out.packets.empty());
}

TEST_CASE("a damaged picture comes without data at its time, and is no key frame") {
    Collector out;
    out.feed(videoConfig());
    out.feed(MessageType::Video, 40, {0x17, 1, 0, 0, 0, 0, 0, 0, 9, 1}); // a NAL unit longer than its tag
    CHECK(out.reader.damaged() == 1);
    REQUIRE(out.packets.size() == 2);
    CHECK(out.packets[1].data->empty());
    CHECK(out.packets[1].dtsMs == 40);
    CHECK_FALSE(out.packets[1].keyFrame);
}

TEST_CASE("an ADTS header is taken off") {
    Collector out;
    out.feed(audioConfig());
    Bytes body{0xaf, 1, 0xff, 0xf1, 0x4c, 0x40, 0x01, 0x7f, 0xfc, 1, 2, 3, 4}; // 11 bytes in all
    out.feed(MessageType::Audio, 0, body);
    REQUIRE(out.packets.size() == 2);
    CHECK(*out.packets[1].data == Bytes{1, 2, 3, 4});
}

TEST_CASE("time begins anywhere, runs on past 2^32 and may step back a little") {
    Collector late;
    for (const uint32_t time : {0xffffff00u, 0xfffffff0u, 0x10u, 0xfffffffau, 0x100u}) {
        EncodedPacket packet = audioPacket(time, 10);
        if (time == 0xffffff00u)
            late.feed(MessageType::Audio, time, tagBody(audioConfig()));
        late.feed(MessageType::Audio, time, tagBody(packet));
    }
    REQUIRE(late.packets.size() == 6);
    CHECK(late.packets[1].dtsMs == 0xffffff00);
    CHECK(late.packets[3].dtsMs == 0x100000010);
    CHECK(late.packets[4].dtsMs == 0xfffffffa);
    CHECK(late.packets[5].dtsMs == 0x100000100);
}

TEST_CASE("headers that a server sends with time 0 do not shift a stream that has run for 25 days and more") {
    Collector out;
    out.feed(videoConfig());
    out.feed(audioConfig());
    out.feed(MessageType::Audio, 0x90000000, tagBody(audioPacket(0, 10)));
    EncodedPacket changed = videoConfig();
    Bytes bytes = *changed.data;
    bytes[3] = 0x1f;
    changed.data = std::make_shared<const Bytes>(bytes);
    out.feed(changed);
    out.feed(MessageType::Video, 0x90000010, tagBody(videoPacket(0, true, 50)));
    REQUIRE(out.packets.size() == 5);
    CHECK(out.packets[2].dtsMs == 0x90000000);
    CHECK(out.packets[4].dtsMs == 0x90000010);
}

TEST_CASE("an aggregate message is a row of tags on the message's time") {
    Bytes aggregate;
    const auto add = [&aggregate](MessageType type, uint32_t time, const Bytes &body) {
        Bytes head(11);
        head[0] = static_cast<uint8_t>(type);
        writeBigEndian(head.data() + 1, body.size(), 3);
        writeBigEndian(head.data() + 4, time & 0xffffff, 3);
        head[7] = static_cast<uint8_t>(time >> 24);
        aggregate.insert(aggregate.end(), head.begin(), head.end());
        aggregate.insert(aggregate.end(), body.begin(), body.end());
        aggregate.resize(aggregate.size() + 4);
    };
    add(MessageType::Video, 5000, tagBody(videoConfig()));
    add(MessageType::Audio, 5000, tagBody(audioConfig()));
    add(MessageType::Video, 5010, tagBody(videoPacket(0, true, 50)));
    add(MessageType::DataAmf0, 5015, {2, 0, 0});
    add(MessageType::Audio, 5020, tagBody(audioPacket(0, 50)));
    Collector out;
    out.feed(MessageType::Aggregate, 100, aggregate);
    REQUIRE(out.packets.size() == 4);
    CHECK(out.packets[2].dtsMs == 110);
    CHECK(out.packets[3].dtsMs == 120);
    for (size_t size = 0; size < aggregate.size(); ++size) {
        Collector cut;
        cut.feed(MessageType::Aggregate, 0,
                 Bytes(aggregate.begin(), aggregate.begin() + static_cast<std::ptrdiff_t>(size)));
        CHECK(cut.packets.size() <= 4);
    }
}

TEST_CASE("sequence headers tell picture and sound") {
    const auto video = readVideoFormat(*videoConfig().data);
    REQUIRE(video);
    CHECK(video->width == 640);
    CHECK(video->height == 360);
    const auto audio = readAudioFormat(*audioConfig().data);
    REQUIRE(audio);
    CHECK(audio->sampleRate == 48000);
    CHECK(audio->channels == 1);
    const Bytes whole = *videoConfig().data;
    for (size_t size = 0; size < whole.size(); ++size)
        readVideoFormat(std::span(whole).first(size));
    std::minstd_rand random(5);
    for (int round = 0; round < 20000; ++round) {
        Bytes bytes = whole;
        for (int i = 0; i < 4; ++i)
            bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
        if (const auto format = readVideoFormat(bytes)) {
            CHECK(format->width > 0);
            CHECK(format->height > 0);
        }
        readAudioFormat(std::span(bytes).subspan(random() % bytes.size()));
    }
}

TEST_CASE("metadata holds what is known and nothing else") {
    const auto values = readAmf0(metadataBody(VideoFormat{640, 360, 30}, AudioFormat{48000, 1}));
    REQUIRE(values.size() == 3);
    CHECK(*values[0].string() == "@setDataFrame");
    CHECK(*values[1].string() == "onMetaData");
    CHECK(*values[2].find("width")->number() == 640);
    CHECK(*values[2].find("framerate")->number() == 30);
    CHECK(*values[2].find("audiosamplerate")->number() == 48000);
    const auto soundOnly = readAmf0(metadataBody(std::nullopt, AudioFormat{44100, 2}));
    CHECK(soundOnly[2].find("width") == nullptr);
}
