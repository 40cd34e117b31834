#pragma once

#include "embedded/media/ByteOrder.h"
#include "embedded/media/EncodedPacket.h"

namespace rtcroom::test {

using namespace rtcroom::embedded;

inline EncodedPacket makePacket(MediaKind kind, Bytes data, int64_t dtsMs, bool keyFrame) {
    EncodedPacket packet;
    packet.kind = kind;
    packet.codec = kind == MediaKind::Video ? CodecId::H264 : CodecId::Aac;
    packet.keyFrame = keyFrame;
    packet.dtsMs = dtsMs;
    packet.data = std::make_shared<const Bytes>(std::move(data));
    return packet;
}

/// x264's, 640×360 at 30 fps.
inline EncodedPacket videoConfig() {
    EncodedPacket packet = makePacket(MediaKind::Video, {0x01, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0x00, 0x19, 0x67, 0x42,
                                                         0xc0, 0x1e, 0xda, 0x02, 0x80, 0xbf, 0xe5, 0xc0, 0x44, 0x00,
                                                         0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xf2, 0x3c,
                                                         0x58, 0xba, 0x80, 0x01, 0x00, 0x04, 0x68, 0xce, 0x0f, 0xc8},
                                      0, false);
    packet.isConfig = true;
    return packet;
}

/// AAC-LC, 48 kHz, mono.
inline EncodedPacket audioConfig() {
    EncodedPacket packet = makePacket(MediaKind::Audio, {0x11, 0x88}, 0, false);
    packet.isConfig = true;
    return packet;
}

/// One NAL unit of `size` bytes in all, with a pattern that depends on time and size.
inline EncodedPacket videoPacket(int64_t dtsMs, bool keyFrame, size_t size) {
    Bytes data(size);
    writeBigEndian(data.data(), size - 4, 4);
    data[4] = keyFrame ? 0x65 : 0x41;
    for (size_t i = 5; i < size; ++i)
        data[i] = static_cast<uint8_t>(i * 7 + static_cast<size_t>(dtsMs));
    return makePacket(MediaKind::Video, std::move(data), dtsMs, keyFrame);
}

inline EncodedPacket audioPacket(int64_t dtsMs, size_t size) {
    Bytes data(size);
    for (size_t i = 0; i < size; ++i)
        data[i] = static_cast<uint8_t>(i * 3 + static_cast<size_t>(dtsMs) + 1);
    data[0] = 0x21; // no ADTS
    return makePacket(MediaKind::Audio, std::move(data), dtsMs, true);
}

} // namespace rtcroom::test
