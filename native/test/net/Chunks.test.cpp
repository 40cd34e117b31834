#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "embedded/media/ByteOrder.h"
#include "embedded/net/ProtocolError.h"
#include "embedded/rtmp/ChunkReader.h"
#include "embedded/rtmp/ChunkWriter.h"

using namespace rtcroom::embedded;

namespace {

Bytes drain(OutputBuffer &out, size_t step = SIZE_MAX) {
    Bytes bytes;
    while (!out.empty()) {
        const iovec part = out.front().front();
        const size_t count = std::min(step, part.iov_len);
        const auto *from = static_cast<const uint8_t *>(part.iov_base);
        bytes.insert(bytes.end(), from, from + count);
        out.consume(count);
    }
    return bytes;
}

/// Feeds bytes in pieces of sizes that `piece` gives.
template <typename Piece>
std::vector<Message> readAll(ChunkReader &reader, std::span<const uint8_t> bytes, Piece piece) {
    std::vector<Message> out;
    while (!bytes.empty()) {
        const auto room = reader.writable();
        REQUIRE(!room.empty());
        const size_t count = std::min<size_t>({piece(), bytes.size(), room.size()});
        std::ranges::copy(bytes.first(count), room.begin());
        reader.commit(count);
        bytes = bytes.subspan(count);
        for (Message message; reader.next(message);)
            out.push_back(std::move(message));
    }
    return out;
}

std::vector<Message> readAll(std::span<const uint8_t> bytes) {
    ChunkReader reader;
    return readAll(reader, bytes, [] { return SIZE_MAX; });
}

Bytes chunkSizeMessage(uint32_t size) {
    Bytes out{2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    writeBigEndian(out.data() + 12, size, 4);
    return out;
}

void append(Bytes &out, const Bytes &more) { out.insert(out.end(), more.begin(), more.end()); }

} // namespace

TEST_CASE("messages survive chunking at any chunk size and any split of the byte stream") {
    std::minstd_rand random(7);
    constexpr ChunkStreamId chunkStreams[] = {ChunkStreamId::Audio, ChunkStreamId::Video, ChunkStreamId::Data};
    constexpr MessageType types[] = {MessageType::Audio, MessageType::Video, MessageType::DataAmf0};
    for (int round = 0; round < 200; ++round) {
        const uint32_t chunkSize = 5 + random() % 5000;
        ChunkWriter writer;
        OutputBuffer out;
        Bytes size(4);
        writeBigEndian(size.data(), chunkSize, 4);
        writer.write(out, {ChunkStreamId::Control, MessageType::SetChunkSize, 0, 0}, {},
                     std::make_shared<const Bytes>(size));
        writer.setChunkSize(chunkSize);
        struct Sent {
            MessageType type;
            uint32_t timestamp;
            Bytes body;
        };
        std::vector<Sent> sent;
        // Near the mark of extended timestamps, near the wrap, or anywhere.
        uint32_t time = round % 3 == 0 ? 0xfffff0 : round % 3 == 1 ? 0xfffffff0 : static_cast<uint32_t>(random());
        for (int i = 0; i < 30; ++i) {
            const size_t which = random() % 3;
            Bytes prefix(random() % 6);
            auto payload = std::make_shared<Bytes>(random() % 20000);
            for (uint8_t &byte : prefix)
                byte = static_cast<uint8_t>(random());
            for (uint8_t &byte : *payload)
                byte = static_cast<uint8_t>(random());
            time += i == 10 ? 0x1234567 : i == 20 ? 0xffffff : random() % 50;
            writer.write(out, {chunkStreams[which], types[which], time, 1}, prefix, payload);
            append(prefix, *payload);
            sent.push_back({types[which], time, prefix});
        }
        const Bytes bytes = drain(out, 1 + random() % 3000);
        ChunkReader reader;
        const auto got = readAll(reader, bytes, [&] { return size_t{1} + random() % (round % 2 ? 7 : 9000); });
        REQUIRE(got.size() == sent.size() + 1);
        for (size_t i = 0; i < sent.size(); ++i) {
            CHECK(got[i + 1].type == sent[i].type);
            CHECK(got[i + 1].timestamp == sent[i].timestamp);
            CHECK(got[i + 1].streamId == 1);
            CHECK(got[i + 1].body == sent[i].body);
        }
        CHECK(reader.mediaBytes() ==
              std::accumulate(sent.begin(), sent.end(), size_t{0}, [](size_t sum, const Sent &each) {
                  return sum + (isMedia(each.type) ? each.body.size() : 0);
              }));
    }
}

TEST_CASE("all four header formats and interleaved chunk streams are understood") {
    Bytes bytes = chunkSizeMessage(4);
    append(bytes, {4, 0, 0, 100, 0, 0, 6, 8, 1, 0, 0, 0, 'a', 'b', 'c', 'd'}); // audio, half
    append(bytes, {6, 0, 0, 90, 0, 0, 2, 9, 1, 0, 0, 0, 'V', 'W'});            // video in between
    append(bytes, {0xc4, 'e', 'f'});                                           // the audio's rest
    append(bytes, {0x44, 0, 0, 20, 0, 0, 1, 8, 'g'});                          // type 1: +20, new length
    append(bytes, {0x84, 0, 0, 21, 'h'});                                      // type 2: +21
    append(bytes, {0xc4, 'i'});                                                // type 3: +21 again
    append(bytes, {0, 10, 0, 0, 5, 0, 0, 0, 18, 0, 0, 0, 0});                  // two-byte id, empty message
    append(bytes, {1, 1, 2, 0, 0, 6, 0, 0, 1, 18, 0, 0, 0, 0, 'j'});           // three-byte id
    const auto got = readAll(bytes);
    REQUIRE(got.size() == 8);
    CHECK(got[1].body == Bytes{'V', 'W'});
    CHECK(got[1].timestamp == 90);
    CHECK(got[2].body == Bytes{'a', 'b', 'c', 'd', 'e', 'f'});
    CHECK(got[2].timestamp == 100);
    CHECK(got[3].timestamp == 120);
    CHECK(got[4].timestamp == 141);
    CHECK(got[5].timestamp == 162);
    CHECK(got[5].body == Bytes{'i'});
    CHECK(got[6].body.empty());
    CHECK(got[7].timestamp == 6);
}

TEST_CASE("an extended timestamp is repeated in later chunks, or left out by sloppy senders") {
    const Bytes head{4, 0xff, 0xff, 0xff, 0, 0, 6, 8, 1, 0, 0, 0, 1, 2, 3, 4, 'a', 'b', 'c', 'd'};
    for (const bool repeated : {true, false}) {
        Bytes bytes = chunkSizeMessage(4);
        append(bytes, head);
        bytes.push_back(0xc4);
        if (repeated)
            append(bytes, {1, 2, 3, 4});
        append(bytes, {'e', 'f'});
        append(bytes, {5, 0, 0, 0, 0, 0, 1, 8, 1, 0, 0, 0, 'z'});
        const auto got = readAll(bytes);
        REQUIRE(got.size() == 3);
        CHECK(got[1].timestamp == 0x01020304);
        CHECK(got[1].body == Bytes{'a', 'b', 'c', 'd', 'e', 'f'});
        CHECK(got[2].body == Bytes{'z'});
    }
}

TEST_CASE("an abort message throws away what is there of a message") {
    Bytes bytes = chunkSizeMessage(4);
    append(bytes, {4, 0, 0, 0, 0, 0, 6, 8, 1, 0, 0, 0, 'a', 'b', 'c', 'd'});
    append(bytes, {2, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0, 4});
    append(bytes, {4, 0, 0, 9, 0, 0, 1, 8, 1, 0, 0, 0, 'x'});
    const auto got = readAll(bytes);
    REQUIRE(got.size() == 3);
    CHECK(got[2].body == Bytes{'x'});
}

TEST_CASE("chunk sizes: 1 and the largest work, 0 and more are errors") {
    Bytes tiny = chunkSizeMessage(1);
    append(tiny, {4, 0, 0, 0, 0, 0, 3, 8, 1, 0, 0, 0, 'a', 0xc4, 'b', 0xc4, 'c'});
    CHECK(readAll(tiny).back().body == Bytes{'a', 'b', 'c'});
    CHECK(readAll(chunkSizeMessage(0x7fffffff)).size() == 1);
    CHECK_THROWS_AS(readAll(chunkSizeMessage(0)), ProtocolError);
    CHECK_THROWS_AS(readAll(chunkSizeMessage(0x80000000)), ProtocolError);
}

TEST_CASE("hostile chunk streams meet limits") {
    SUBCASE("a header that refers to none") { CHECK_THROWS_AS(readAll(Bytes{0xc4, 0}), ProtocolError); }
    SUBCASE("an announced size is not believed before its bytes come") {
        Bytes bytes = chunkSizeMessage(0x7fffffff);
        append(bytes, {4, 0, 0, 0, 0xff, 0xff, 0xff, 9, 1, 0, 0, 0});
        CHECK(readAll(bytes).size() == 1);
    }
    SUBCASE("many chunk streams") {
        Bytes bytes;
        for (int id = 0; id < 200; ++id)
            append(bytes, {0, static_cast<uint8_t>(id), 0, 0, 0, 0, 0, 0, 18, 0, 0, 0, 0});
        CHECK_THROWS_AS(readAll(bytes), ProtocolError);
    }
    SUBCASE("many unfinished messages") {
        Bytes bytes = chunkSizeMessage(4 * 1024 * 1024);
        for (int id = 0; id < 20; ++id) {
            append(bytes, {0, static_cast<uint8_t>(id), 0, 0, 0, 0xff, 0, 0, 9, 1, 0, 0, 0});
            bytes.resize(bytes.size() + 4 * 1024 * 1024);
        }
        CHECK_THROWS_AS(readAll(bytes), ProtocolError);
    }
    SUBCASE("random bytes") {
        std::minstd_rand random(3);
        int refused = 0;
        for (int round = 0; round < 3000; ++round) {
            Bytes bytes(random() % 400);
            for (uint8_t &byte : bytes)
                byte = static_cast<uint8_t>(random() % 3 == 0 ? random() : random() % 8);
            try {
                readAll(bytes);
            } catch (const ProtocolError &) {
                ++refused;
            }
        }
        CHECK(refused > 0);
    }
}

TEST_CASE("payloads are sent as slices of the packet, not as copies") {
    ChunkWriter writer;
    writer.setChunkSize(65536);
    OutputBuffer out;
    const auto payload = std::make_shared<const Bytes>(100000);
    writer.write(out, {ChunkStreamId::Video, MessageType::Video, 0, 1}, Bytes{0x17, 1, 0, 0, 0}, payload);
    const auto parts = out.front();
    REQUIRE(parts.size() == 4);
    CHECK(parts[0].iov_len == 12 + 5);
    CHECK(parts[1].iov_base == payload->data());
    CHECK(parts[1].iov_len == 65536 - 5);
    CHECK(parts[2].iov_len == 1);
    CHECK(parts[3].iov_base == payload->data() + 65536 - 5);
    out.consume(out.size());
    CHECK(payload.use_count() == 1);
}
