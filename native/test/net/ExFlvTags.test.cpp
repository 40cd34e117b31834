#include <doctest/doctest.h>

#include "embedded/rtmp/Amf0.h"
#include "embedded/rtmp/Commands.h"
#include "embedded/rtmp/FlvTagHeader.h"
#include "embedded/rtmp/FlvTags.h"
#include "embedded/rtmp/StreamMetadata.h"
#include "test/net/TestPackets.h"

using namespace rtcroom::embedded;
using namespace rtcroom::test;

namespace {

struct Reader {
    std::vector<EncodedPacket> video(Bytes tag, uint32_t time = 0) {
        return read(MessageType::Video, time, std::move(tag));
    }
    std::vector<EncodedPacket> audio(Bytes tag, uint32_t time = 0) {
        return read(MessageType::Audio, time, std::move(tag));
    }
    std::vector<EncodedPacket> read(MessageType type, uint32_t time, Bytes tag) {
        std::vector<EncodedPacket> packets;
        Message message{type, time, 1, std::move(tag)};
        reader.read(message, [&](EncodedPacket packet) { packets.push_back(std::move(packet)); });
        return packets;
    }
    FlvTagReader reader;
};

Bytes text(std::string_view value) { return {value.begin(), value.end()}; }

Bytes join(std::initializer_list<Bytes> parts) {
    Bytes out;
    for (const Bytes &part : parts)
        for (const uint8_t byte : part)
            out.push_back(byte);
    return out;
}

/// x265's, 320×180, in a record with the arrays that ISO/IEC 14496-15 asks for; `lengthSize` of NAL units.
Bytes hvcC(uint8_t lengthSize = 4) {
    const Bytes sps{0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00,
                    0x03, 0x00, 0x00, 0x03, 0x00, 0x3c, 0xa0, 0x0a, 0x08, 0x0b, 0x9f, 0x7c};
    Bytes out{1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 60, 0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0};
    out.push_back(static_cast<uint8_t>(0x0c | (lengthSize - 1)));
    out.push_back(1);
    return join({out, {0xa1, 0, 1, 0, static_cast<uint8_t>(sps.size())}, sps});
}

/// A sequence header of main profile, level 4 (index 8), reduced to its size: 320×180.
Bytes av1C() { return {0x81, 0x08, 0x0c, 0, 0x0a, 5, 0x1a, 0x21, 0xe7, 0xf6, 0x60}; }

Bytes opusHead() { return join({text("OpusHead"), {1, 2, 0x38, 0x01, 0x80, 0xbb, 0, 0, 0, 0, 0}}); }

EncodedPacket packetOf(CodecId codec, MediaKind kind, Bytes data, bool config, int64_t dtsMs = 0, int32_t ctsMs = 0) {
    EncodedPacket packet = makePacket(kind, std::move(data), dtsMs, true);
    packet.codec = codec;
    packet.isConfig = config;
    packet.ctsMs = ctsMs;
    return packet;
}

Bytes tagOf(const EncodedPacket &packet) {
    const FlvTagHeader header(packet);
    return join({Bytes(header.bytes().begin(), header.bytes().end()), *packet.data});
}

const Bytes nal{0, 0, 0, 3, 0x26, 0x01, 0xaf};

} // namespace

TEST_CASE("enhanced tags have the bytes of the specification") {
    using enum CodecId;
    const Bytes data{9};
    const auto video = [&](CodecId codec, bool config, bool key, int32_t cts) {
        EncodedPacket packet = packetOf(codec, MediaKind::Video, data, config, 0, cts);
        packet.keyFrame = key;
        return tagOf(packet);
    };
    CHECK(video(Hevc, true, false, 0) == join({{0x90}, text("hvc1"), data}));
    CHECK(video(Hevc, false, true, 0) == join({{0x93}, text("hvc1"), data}));
    CHECK(video(Hevc, false, false, 0) == join({{0xa3}, text("hvc1"), data}));
    CHECK(video(Hevc, false, false, -2) == join({{0xa1}, text("hvc1"), {0xff, 0xff, 0xfe}, data}));
    CHECK(video(Av1, true, false, 0) == join({{0x90}, text("av01"), data}));
    CHECK(video(Av1, false, true, 0) == join({{0x91}, text("av01"), data}));
    CHECK(video(Av1, false, false, 0) == join({{0xa1}, text("av01"), data}));
    CHECK(tagOf(packetOf(Opus, MediaKind::Audio, data, true)) == join({{0x90}, text("Opus"), data}));
    CHECK(tagOf(packetOf(Opus, MediaKind::Audio, data, false)) == join({{0x91}, text("Opus"), data}));
    // As ever.
    CHECK(video(H264, false, true, 5) == join({{0x17, 1, 0, 0, 5}, data}));
    CHECK(tagOf(packetOf(Aac, MediaKind::Audio, data, false)) == join({{0xaf, 1}, data}));
}

TEST_CASE("enhanced tags of each codec are read, whoever wrote them") {
    struct Row {
        const char *fourCc;
        CodecId codec;
        Bytes config;
        Bytes unit;
    };
    const Row rows[]{{"hvc1", CodecId::Hevc, hvcC(), nal},
                     {"avc1", CodecId::H264, *videoConfig().data, nal},
                     {"av01", CodecId::Av1, av1C(), {0x32, 1, 0xaa}},
                     {"vp09", CodecId::Vp9, {0, 0x14, 0x82, 2, 2, 2, 0, 0}, {0x82, 0x49}}};
    for (const Row &row : rows) {
        CAPTURE(row.fourCc);
        Reader reader;
        CHECK(reader.video(join({{0x93}, text(row.fourCc), row.unit})).empty());
        const auto config = reader.video(join({{0x90}, text(row.fourCc), row.config}), 7);
        REQUIRE(config.size() == 1);
        CHECK(config[0].isConfig);
        CHECK(config[0].codec == row.codec);
        CHECK(*config[0].data == row.config);
        const bool hasTime = row.codec == CodecId::Hevc || row.codec == CodecId::H264;
        const Bytes time = hasTime ? Bytes{0xff, 0xff, 0xf0} : Bytes{};
        const auto key = reader.video(join({{0x91}, text(row.fourCc), time, row.unit}), 40);
        REQUIRE(key.size() == 1);
        CHECK(key[0].codec == row.codec);
        CHECK(key[0].keyFrame);
        CHECK(key[0].dtsMs == 40);
        CHECK(key[0].ctsMs == (hasTime ? -16 : 0));
        CHECK(*key[0].data == row.unit);
        const auto inter = reader.video(join({{0xa3}, text(row.fourCc), row.unit}), 80);
        REQUIRE(inter.size() == 1);
        CHECK_FALSE(inter[0].keyFrame);
        CHECK(inter[0].ctsMs == 0);
        CHECK(reader.reader.damaged() == 0);
    }
    Reader reader;
    const auto config = reader.audio(join({{0x90}, text("Opus"), opusHead()}));
    REQUIRE(config.size() == 1);
    CHECK(config[0].codec == CodecId::Opus);
    // Comments may follow, which are no configuration.
    CHECK(reader.audio(join({{0x90}, text("Opus"), text("OpusTags\x01")})).empty());
    const auto sound = reader.audio(join({{0x91}, text("Opus"), {0xfc, 1}}), 20);
    REQUIRE(sound.size() == 1);
    CHECK(*sound[0].data == Bytes{0xfc, 1});
    CHECK(sound[0].dtsMs == 20);
    CHECK(reader.audio(join({{0x90}, text("mp4a"), {0x11, 0x88}})).at(0).codec == CodecId::Aac);
    CHECK(reader.audio(join({{0x91}, text("mp4a"), {0x21, 1}})).size() == 1);
}

TEST_CASE("a stream may change its codec, and units of the one before are left out") {
    Reader reader;
    reader.video(tagOf(videoConfig()));
    CHECK(reader.video(tagOf(videoPacket(0, true, 50))).size() == 1);
    CHECK(reader.video(join({{0x90}, text("hvc1"), hvcC()})).size() == 1);
    CHECK(reader.video(tagOf(videoPacket(40, true, 50))).empty());
    CHECK(reader.video(join({{0x93}, text("hvc1"), nal}), 80).size() == 1);
    CHECK(reader.video(tagOf(videoConfig())).size() == 1);
    CHECK(reader.video(tagOf(videoPacket(120, true, 50))).size() == 1);
}

TEST_CASE("HEVC as number 12 is read like H.264, with short NAL lengths as well") {
    Reader reader;
    const auto config = reader.video(join({{0x1c, 0, 0, 0, 0}, hvcC(2)}));
    REQUIRE(config.size() == 1);
    CHECK(config[0].codec == CodecId::Hevc);
    CHECK(*config[0].data == hvcC(4));
    const auto unit = reader.video({0x1c, 1, 0, 0, 9, 0, 3, 0x26, 0x01, 0xaf}, 40);
    REQUIRE(unit.size() == 1);
    CHECK(unit[0].ctsMs == 9);
    CHECK(*unit[0].data == nal);
}

TEST_CASE("ModEx packets are skipped, of one byte and of many") {
    Reader reader;
    reader.video(join({{0x90}, text("hvc1"), hvcC()}));
    const Bytes nano{0x97, 2, 1, 2, 3, 0x03};
    CHECK(reader.video(join({nano, text("hvc1"), nal})).size() == 1);
    // Two, the first of 300 bytes.
    const Bytes many = join({{0x97, 0xff, 0x01, 0x2b}, Bytes(300, 7), {0x07, 0, 9, 0x03}, text("hvc1"), nal});
    CHECK(reader.video(many).size() == 1);
    for (size_t size = 0; size < many.size() - nal.size(); ++size)
        CHECK(reader.video(Bytes(many.begin(), many.begin() + static_cast<std::ptrdiff_t>(size))).empty());
}

TEST_CASE("what is cut off, in several tracks, a command or of another codec is skipped") {
    Reader reader;
    reader.video(join({{0x90}, text("hvc1"), hvcC()}));
    reader.audio(join({{0x90}, text("Opus"), opusHead()}));
    const Bytes unit = join({{0x91}, text("hvc1"), {0, 0, 0}, nal});
    for (size_t size = 0; size < unit.size(); ++size)
        for (const EncodedPacket &packet :
             reader.video(Bytes(unit.begin(), unit.begin() + static_cast<std::ptrdiff_t>(size)))) {
            // Its header was whole: a picture that is lost.
            CHECK(packet.data->empty());
            CHECK_FALSE(packet.keyFrame);
        }
    for (const Bytes &tag :
         {join({{0x96, 0x01}, text("hvc1"), {0}, nal}), join({{0xd3, 0}, text("hvc1"), nal}),
          join({{0x93}, text("vvc1"), nal}), join({{0x92}, text("hvc1")}), join({{0x94}, text("hvc1"), nal}),
          join({{0x95}, text("av01"), nal}), join({{0xb3}, text("hvc1"), nal})})
        CHECK(reader.video(tag).empty());
    for (const Bytes &tag : {Bytes{0x90}, Bytes{0x91, 'O', 'p', 'u'}, join({{0x91}, text("Opus")}),
                             join({{0x95, 0x01}, text("Opus"), {0, 1}}), join({{0x93}, text("Opus"), {1}}),
                             join({{0x91}, text("hvc1"), {1}}), join({{0x91}, text("ac-3"), {1}})})
        CHECK(reader.audio(tag).empty());
    const uint64_t before = reader.reader.damaged();
    const Bytes config = hvcC();
    for (const Bytes &bad : {Bytes(config.begin(), config.begin() + 20), join({{2}, config}), Bytes{1}})
        CHECK(reader.video(join({{0x90}, text("hvc1"), bad})).empty());
    CHECK(reader.video(join({{0x90}, text("av01"), {0x01, 0, 0, 0}})).empty());
    CHECK(reader.audio(join({{0x90}, text("Opus"), text("OpusHea")})).empty());
    CHECK(reader.reader.damaged() == before + 5);
    REQUIRE(reader.video(join({{0x90}, text("av01"), av1C()})).size() == 1);
    for (const Bytes &bad : {Bytes{0x32, 2, 0xaa}, Bytes{0xb2, 1, 0xaa}, Bytes{0x32, 0x80}, Bytes{0x36}}) {
        const auto lost = reader.video(join({{0x91}, text("av01"), bad}));
        REQUIRE(lost.size() == 1);
        CHECK(lost[0].data->empty());
        CHECK_FALSE(lost[0].keyFrame);
    }
    CHECK(reader.video(join({{0x91}, text("av01"), {0x32, 1, 0xaa}})).size() == 1);
    CHECK(reader.reader.damaged() == before + 9);
}

TEST_CASE("metadata tells the size and the FourCC of a codec") {
    EncodedPacket hevc = packetOf(CodecId::Hevc, MediaKind::Video, hvcC(), true);
    EncodedPacket av1 = packetOf(CodecId::Av1, MediaKind::Video, av1C(), true);
    EncodedPacket opus = packetOf(CodecId::Opus, MediaKind::Audio, opusHead(), true);
    for (const EncodedPacket &video : {hevc, av1}) {
        const auto values = readAmf0(metadataBody(videoFormatOf(video), audioFormatOf(opus)));
        REQUIRE(values.size() == 3);
        CHECK(*values[2].find("width")->number() == 320);
        CHECK(*values[2].find("height")->number() == 180);
        CHECK(*values[2].find("videocodecid")->number() == (video.codec == CodecId::Hevc ? 0x68766331 : 0x61763031));
        CHECK(*values[2].find("audiocodecid")->number() == 0x4f707573);
        CHECK(*values[2].find("audiosamplerate")->number() == 48000);
        CHECK(*std::get_if<bool>(&values[2].find("stereo")->value) == (opusHead()[9] == 2));
    }
    const auto unknown = readAmf0(metadataBody(VideoFormat{.codec = CodecId::Vp9}, std::nullopt));
    CHECK(unknown[2].find("width") == nullptr);
}

TEST_CASE("connect tells the codecs in the words of both versions, and without any nothing of it") {
    const StreamUrl url = StreamUrl::parse("rtmp://127.0.0.1/live/a");
    const std::vector codecs{CodecId::Hevc, CodecId::Opus};
    for (const auto role : {SessionRole::Play, SessionRole::Publish}) {
        const auto values = readAmf0(connectCommand(url, role, codecs));
        REQUIRE(values.size() == 3);
        const AmfValue *list = values[2].find("fourCcList");
        REQUIRE(list);
        REQUIRE(list->object());
        REQUIRE(list->object()->size() == 2);
        CHECK(*list->object()->at(0).value.string() == "hvc1");
        CHECK(*list->object()->at(1).value.string() == "Opus");
        const double flag = role == SessionRole::Play ? 1 : 2;
        CHECK(*values[2].find("videoFourCcInfoMap")->find("hvc1")->number() == flag);
        CHECK(values[2].find("videoFourCcInfoMap")->find("Opus") == nullptr);
        CHECK(*values[2].find("audioFourCcInfoMap")->find("Opus")->number() == flag);
        CHECK(*values[2].find("capsEx")->number() == (role == SessionRole::Play ? 4 : 0));
        const auto plain = readAmf0(connectCommand(url, role));
        for (const AmfProperty &property : *plain[2].object())
            CHECK(property.name.find("ourCc") == std::string::npos);
    }
}
