// Writes the seeds of the corpora: fuzz_seeds <folder>. Takes the ffmpeg of the machine for pictures and sound.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "../playout/TestClip.h"
#include "../support/FlvFile.h"
#include "embedded/media/ByteOrder.h"
#include "embedded/media/CodecConfig.h"
#include "embedded/media/H264Config.h"
#include "embedded/media/HevcConfig.h"
#include "embedded/media/SeiMessages.h"
#include "embedded/record/PlainMp4.h"
#include "embedded/record/RecordFile.h"
#include "embedded/rtmp/ChunkWriter.h"
#include "embedded/rtmp/Commands.h"
#include "embedded/rtmp/FlvTagHeader.h"
#include "embedded/rtmp/StreamMetadata.h"

using namespace rtcroom;
using namespace rtcroom::embedded;
namespace fs = std::filesystem;

namespace {

fs::path corpora;

void seed(const char *target, const char *name, const Bytes &bytes) {
    fs::create_directories(corpora / target);
    std::ofstream(corpora / target / name, std::ios::binary)
        .write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

Bytes bytesOf(std::string_view text) { return {text.begin(), text.end()}; }

Bytes fileBytes(const fs::path &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void append(Bytes &out, std::span<const uint8_t> bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void appendNumber(Bytes &out, uint64_t value, size_t bytes) {
    out.resize(out.size() + bytes);
    writeBigEndian(out.data() + out.size() - bytes, value, bytes);
}

const EncodedPacket &first(const std::vector<EncodedPacket> &clip, MediaKind kind, bool config) {
    for (const EncodedPacket &packet : clip)
        if (packet.kind == kind && packet.isConfig == config)
            return packet;
    throw std::runtime_error("the clip lacks a kind");
}

MessageType messageType(const EncodedPacket &packet) {
    return packet.kind == MediaKind::Video ? MessageType::Video : MessageType::Audio;
}

void flvTags(const char *name, const std::vector<EncodedPacket> &clip) {
    Bytes tags;
    for (const EncodedPacket &packet : clip) {
        const FlvTagHeader header(packet);
        tags.push_back(static_cast<uint8_t>(messageType(packet)));
        appendNumber(tags, static_cast<uint64_t>(packet.dtsMs), 4);
        appendNumber(tags, header.bytes().size() + packet.data->size(), 2);
        append(tags, header.bytes());
        append(tags, *packet.data);
    }
    seed("FlvTags", name, tags);
}

void chunks(const std::vector<EncodedPacket> &clip) {
    OutputBuffer out;
    ChunkWriter writer;
    const auto command = std::make_shared<const Bytes>(createStreamCommand());
    writer.write(out, {ChunkStreamId::Command, MessageType::CommandAmf0, 0, 0}, {}, command);
    for (const EncodedPacket &packet : clip) {
        const FlvTagHeader header(packet);
        const auto stream = packet.kind == MediaKind::Video ? ChunkStreamId::Video : ChunkStreamId::Audio;
        writer.write(out, {stream, messageType(packet), static_cast<uint32_t>(packet.dtsMs), 1}, header.bytes(),
                     packet.data);
    }
    Bytes bytes{40};
    while (!out.empty()) {
        size_t taken = 0;
        for (const SendPart &part : out.front()) {
            const auto *data = static_cast<const uint8_t *>(part.iov_base);
            bytes.insert(bytes.end(), data, data + part.iov_len);
            taken += part.iov_len;
        }
        out.consume(taken);
    }
    seed("ChunkReader", "clip", bytes);
}

void amf() {
    seed("Amf0", "connect",
         connectCommand(StreamUrl::parse("rtmp://127.0.0.1/live/stream?txTime=1"), SessionRole::Play));
    seed("Amf0", "metadata", metadataBody(VideoFormat{640, 360, 25}, AudioFormat{48000, 2}));
    Amf0Writer status;
    status.string("onStatus").number(0).null().object();
    status.property("level").string("error");
    status.property("code").string("NetStream.Publish.BadName");
    status.property("description").string("taken");
    seed("Amf0", "status", status.end().take());
}

Bytes configAndUnit(const std::vector<EncodedPacket> &clip, MediaKind kind) {
    const Bytes &config = *first(clip, kind, true).data;
    Bytes record;
    appendNumber(record, config.size(), 2);
    append(record, config);
    append(record, *first(clip, kind, false).data);
    return record;
}

/// Length-prefixed parameter sets as an encoder has them: with start codes.
Bytes byteStream(const Bytes &sets) {
    Bytes stream{0, 0};
    for (size_t at = 0; at + 4 <= sets.size();) {
        const uint64_t size = readBigEndian(sets.data() + at, 4);
        append(stream, Bytes{0, 0, 0, 1});
        append(stream, std::span(sets).subspan(at + 4, size));
        at += 4 + size;
    }
    return stream;
}

void h264(const std::vector<EncodedPacket> &clip) {
    const Bytes &config = *first(clip, MediaKind::Video, true).data;
    seed("H264Config", "record", configAndUnit(clip, MediaKind::Video));
    seed("H264Config", "annexB", byteStream(h264ParameterSets(config)));
}

/// What an application with encoders of its own sends: the pictures, and the sound raw and as ADTS.
void encodedFrames(const std::vector<EncodedPacket> &clip) {
    const Bytes &sets = *first(clip, MediaKind::Video, true).data;
    const Bytes &sound = *first(clip, MediaKind::Audio, true).data;
    Bytes raw;
    Bytes adts;
    const auto call = [](Bytes &calls, uint8_t kind, const Bytes &bytes) {
        calls.push_back(kind);
        appendNumber(calls, bytes.size(), 2);
        append(calls, bytes);
    };
    for (const EncodedPacket &packet : clip) {
        if (packet.isConfig)
            continue;
        if (packet.kind == MediaKind::Video) {
            Bytes picture = packet.keyFrame ? byteStream(h264ParameterSets(sets)) : Bytes();
            append(picture, byteStream(*packet.data));
            call(raw, 0, picture);
            continue;
        }
        Bytes unit = sound;
        append(unit, *packet.data);
        call(raw, static_cast<uint8_t>(2 + sound.size()), unit);
        // AAC-LC, 16 kHz, mono.
        const size_t size = packet.data->size() + 7;
        Bytes frame{0xff,
                    0xf1,
                    0x60,
                    static_cast<uint8_t>(0x40 | size >> 11),
                    static_cast<uint8_t>(size >> 3),
                    static_cast<uint8_t>((size & 7) << 5 | 0x1f),
                    0xfc};
        append(frame, *packet.data);
        call(adts, 1, frame);
    }
    seed("EncodedFrames", "raw", raw);
    seed("EncodedFrames", "adts", adts);
}

/// What FFmpeg's FLV does not know.
void enhanced() {
    const std::string source = "-f lavfi -i testsrc2=size=32x32:rate=5 -t 1 -pix_fmt yuv420p -g 5 ";
    const auto hevc =
        test::makeClip(source + "-c:v libx265 -tune zerolatency -crf 45 -x265-params log-level=none", "mp4");
    const auto av1 = test::makeClip(source + "-c:v libaom-av1 -usage realtime -lag-in-frames 0 -cpu-used 8", "mp4");
    const auto opus = test::makeClip("-f lavfi -i sine=sample_rate=16000 -t 0.2 -c:a libopus -b:a 8k", "mp4");
    flvTags("hevc", hevc);
    flvTags("av1", av1);
    flvTags("opus", opus);
    for (const auto &[name, clip] : {std::pair("hevc", &hevc), std::pair("av1", &av1), std::pair("opus", &opus)}) {
        seed("EnhancedConfig", name, configAndUnit(*clip, clip->front().kind));
    }
    seed("EnhancedConfig", "annexB", byteStream(hevcParameterSets(*first(hevc, MediaKind::Video, true).data)));
}

void sei() {
    const std::vector<Bytes> messages{bytesOf("hello"), Bytes(3, 0), Bytes(300, 0xff)};
    Bytes unit;
    appendLengthPrefixed(unit, seiUnit(CodecId::H264, messages));
    seed("SeiMessages", "messages", unit);
}

void http(const std::vector<EncodedPacket> &clip) {
    Bytes flv = test::flvHeader();
    for (const EncodedPacket &packet : clip)
        append(flv, test::flvTag(packet));
    Bytes open = bytesOf(std::string(1, '\0') + "HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n\r\n");
    append(open, flv);
    seed("HttpFlv", "open", open);
    Bytes chunked = bytesOf("(HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    append(chunked, test::httpChunk(flv));
    append(chunked, bytesOf("0\r\n\r\n"));
    seed("HttpFlv", "chunked", chunked);
    seed("HttpFlv", "redirect", bytesOf("\x07HTTP/1.1 302 Found\r\nLocation: /b.flv\r\nContent-Length: 0\r\n\r\n"));
}

void mp4(const std::vector<EncodedPacket> &clip) {
    const test::TemporaryDirectory directory;
    const std::string path = directory / "a.mp4";
    {
        RecordFile file(path);
        for (const EncodedPacket &packet : clip)
            packet.isConfig ? file.config(packet) : file.write(packet);
        file.complete();
    }
    const Bytes fragmented = fileBytes(path);
    seed("Mp4Repair", "fragmented", fragmented);
    seed("Mp4Repair", "torn", {fragmented.begin(), fragmented.end() - 100});
    makePlainMp4(path);
    seed("Mp4Repair", "plain", fileBytes(path));
}

/// A library that needs one other: headers, one section, an import table.
void pe() {
    Bytes file(0x400, 0);
    const auto put = [&file](size_t at, uint64_t value, size_t bytes) {
        for (size_t i = 0; i < bytes; ++i)
            file[at + i] = static_cast<uint8_t>(value >> (8 * i));
    };
    const auto text = [&file](size_t at, std::string_view value) {
        std::copy(value.begin(), value.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
    };
    constexpr size_t pe = 0x80, optional = pe + 24, sections = optional + 240, raw = 0x200, address = 0x1000;
    text(0, "MZ");
    put(0x3c, pe, 4);
    text(pe, "PE");
    put(pe + 4, 0x8664, 2);
    put(pe + 6, 1, 2);
    put(pe + 20, 240, 2);
    put(pe + 22, 0x2022, 2);
    put(optional, 0x20b, 2);
    put(optional + 108, 16, 4);
    put(optional + 112 + 8, address, 4);
    put(optional + 112 + 12, 40, 4);
    text(sections, ".idata");
    put(sections + 8, 0x200, 4);
    put(sections + 12, address, 4);
    put(sections + 16, 0x200, 4);
    put(sections + 20, raw, 4);
    put(raw + 12, address + 0x40, 4);
    put(raw, address + 0x60, 4);
    text(raw + 0x40, "KERNEL32.dll");
    seed("PeFile", "library", file);
}

} // namespace

int main(int count, char **arguments) {
    if (count != 2) {
        std::cerr << "Usage: fuzz_seeds <folder>\n";
        return 2;
    }
    corpora = arguments[1];
    const auto clip = test::makeClip(
        "-f lavfi -i testsrc2=size=32x32:rate=5 -f lavfi -i sine=sample_rate=16000 -t 1 -c:v libx264 -tune zerolatency "
        "-g 5 -pix_fmt yuv420p -x264-params scenecut=0:crf=45 -c:a aac -b:a 8k -flags +global_header");
    chunks(clip);
    flvTags("clip", clip);
    enhanced();
    amf();
    h264(clip);
    encodedFrames(clip);
    sei();
    http(clip);
    mp4(clip);
    pe();
    seed("AacConfig", "stereo", *first(clip, MediaKind::Audio, true).data);
    seed("AacConfig", "spectralBandReplication", {0x2b, 0x92, 0x08, 0x00});
    seed("StreamUrl", "rtmp", bytesOf("rtmp://user@[::1]:1935/live/a?txSecret=1&txTime=2"));
    seed("StreamUrl", "proxy", bytesOf("socks5://us%65r:pass@[::1]:1080"));
    seed("StreamUrl", "flv", bytesOf("https://example.com/live/%61.flv"));
    seed("PlayAttribute", "all",
         bytesOf(R"({"AutoAdjustCacheTime":true,"MaxAutoAdjustCacheTime":5.0,"CacheTime":1.5,)"
                 R"("ConnectRetryCount":3,"ConnectRetryInterval":3,"x":"a\u00e9\n"})"));
    return 0;
}
