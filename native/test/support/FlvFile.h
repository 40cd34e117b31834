#pragma once

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "embedded/media/ByteOrder.h"
#include "embedded/rtmp/FlvTagHeader.h"

namespace rtcroom::test {

using namespace rtcroom::embedded;

inline Bytes toBytes(std::string_view text) { return {text.begin(), text.end()}; }

inline Bytes flvHeader() { return {'F', 'L', 'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0}; }

inline Bytes flvTag(uint8_t type, uint32_t timestamp, const Bytes &body) {
    Bytes out(11 + body.size() + 4);
    out[0] = type;
    writeBigEndian(out.data() + 1, body.size(), 3);
    writeBigEndian(out.data() + 4, timestamp & 0xffffff, 3);
    out[7] = static_cast<uint8_t>(timestamp >> 24);
    std::ranges::copy(body, out.begin() + 11);
    writeBigEndian(out.data() + 11 + body.size(), 11 + body.size(), 4);
    return out;
}

inline Bytes flvTag(const EncodedPacket &packet) {
    const FlvTagHeader header(packet);
    Bytes body(header.bytes().begin(), header.bytes().end());
    std::ranges::copy(*packet.data, std::back_inserter(body));
    return flvTag(packet.kind == MediaKind::Video ? 9 : 8, static_cast<uint32_t>(packet.dtsMs), body);
}

inline Bytes &operator+=(Bytes &to, const Bytes &more) {
    // By byte: GCC 12 sees an overflow in every insert that it inlines here.
    for (const uint8_t byte : more)
        to.push_back(byte);
    return to;
}

/// Of HTTP's chunked transfer coding.
inline Bytes httpChunk(const Bytes &data) {
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", data.size());
    Bytes out = toBytes(size);
    out += data;
    out += toBytes("\r\n");
    return out;
}

} // namespace rtcroom::test
