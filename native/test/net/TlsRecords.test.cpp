#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "embedded/media/EncodedPacket.h"
#include "embedded/net/TlsAlert.h"
#include "embedded/net/TlsRecords.h"

using namespace rtcroom::embedded;

namespace {

Bytes record(uint8_t type, size_t size, uint8_t fill = 7) {
    Bytes out{type, 3, 3, static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size & 0xff)};
    out.insert(out.end(), size, fill);
    return out;
}

void put(TlsRecords &records, std::span<const uint8_t> bytes) {
    const auto room = records.room();
    REQUIRE(room.size() >= bytes.size());
    std::ranges::copy(bytes, room.begin());
    records.add(bytes.size());
}

} // namespace

TEST_CASE("TLS records are whole when their last byte is here, and not before") {
    const Bytes sent = record(22, 300);
    TlsRecords records;
    for (const uint8_t byte : sent) {
        CHECK(records.next() == TlsRecords::Next::Part);
        put(records, std::span(&byte, 1));
    }
    REQUIRE(records.next() == TlsRecords::Next::Whole);
    CHECK(std::ranges::equal(records.record(), sent));
    records.consume(sent.size());
    CHECK(records.next() == TlsRecords::Next::Part);
}

TEST_CASE("TLS records are found one behind the other, without taking the first") {
    const Bytes first = record(22, 10, 1), second = record(20, 1, 2);
    TlsRecords records;
    put(records, first);
    put(records, second);
    CHECK(std::ranges::equal(records.record(), first));
    REQUIRE(records.next(first.size()) == TlsRecords::Next::Whole);
    CHECK(std::ranges::equal(records.record(first.size()), second));
    CHECK(records.next(first.size() + second.size()) == TlsRecords::Next::Part);
    CHECK(records.front(first.size() + second.size()).size() == 21);
}

TEST_CASE("what is no TLS record is told by its first bytes, what is too long by its header") {
    const auto nextOf = [](const Bytes &bytes) {
        TlsRecords records;
        put(records, bytes);
        return records.next();
    };
    CHECK(nextOf({'H'}) == TlsRecords::Next::NotTls);
    CHECK(nextOf({19}) == TlsRecords::Next::NotTls);
    CHECK(nextOf({24}) == TlsRecords::Next::NotTls);
    CHECK(nextOf({22, 2}) == TlsRecords::Next::NotTls);
    CHECK(nextOf({22, 3}) == TlsRecords::Next::Part);
    CHECK(nextOf({23, 3, 3, 0x48, 0x00}) == TlsRecords::Next::Part);
    CHECK(nextOf({23, 3, 3, 0x48, 0x01}) == TlsRecords::Next::TooLong);
    CHECK(nextOf({23, 3, 3, 0, 0}) == TlsRecords::Next::Whole);
}

TEST_CASE("TLS records pass through without end, in reads of any size") {
    std::mt19937 random(1);
    TlsRecords records;
    Bytes wire;
    for (int i = 0; i < 2000; ++i) {
        const Bytes each = record(23, random() % (TlsRecords::maxBodyBytes + 1), static_cast<uint8_t>(i));
        wire.insert(wire.end(), each.begin(), each.end());
    }
    size_t at = 0, whole = 0;
    while (whole < 2000) {
        const auto room = records.room();
        REQUIRE(!room.empty());
        const size_t count = std::min({room.size(), size_t{random() % 50'000 + 1}, wire.size() - at});
        std::copy_n(wire.begin() + static_cast<std::ptrdiff_t>(at), count, room.begin());
        records.add(count);
        at += count;
        for (; records.next() == TlsRecords::Next::Whole; ++whole) {
            const auto each = records.record();
            REQUIRE(std::ranges::all_of(each.subspan(TlsRecords::headerBytes),
                                        [&](uint8_t byte) { return byte == static_cast<uint8_t>(whole); }));
            records.consume(each.size());
        }
        REQUIRE(records.next() == TlsRecords::Next::Part);
    }
    CHECK(at == wire.size());
}

TEST_CASE("records that nobody takes fill their room and no more") {
    TlsRecords records;
    size_t held = 0;
    for (auto room = records.room(); !room.empty(); room = records.room()) {
        const size_t count = std::min<size_t>(room.size(), 1000);
        std::fill_n(room.begin(), count, uint8_t{22});
        records.add(count);
        held += count;
    }
    CHECK(held == TlsRecords::capacity);
}

TEST_CASE("alerts are read where they are not encrypted") {
    const auto fatal = plainAlert(Bytes{21, 3, 3, 0, 2, 2, 40});
    REQUIRE(fatal);
    CHECK(fatal->name() == "handshake_failure");
    CHECK(!fatal->isWarning());
    CHECK(plainAlert(Bytes{21, 3, 3, 0, 2, 1, 112})->isWarning());
    CHECK(!plainAlert(Bytes{21, 3, 3, 0, 2, 1, 0})->isWarning());
    CHECK(plainAlert(Bytes{21, 3, 3, 0, 2, 2, 200})->name() == "alert 200");
    CHECK(!plainAlert(record(21, 26)));
    CHECK(!plainAlert(record(22, 2)));
    CHECK(!plainAlert(Bytes{}));
}
