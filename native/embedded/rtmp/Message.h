#pragma once

#include <cstdint>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// RTMP message types (Adobe, RTMP 1.0, 5.4 and 7.1).
enum class MessageType : uint8_t {
    SetChunkSize = 1,
    Abort = 2,
    Acknowledgement = 3,
    UserControl = 4,
    WindowAckSize = 5,
    SetPeerBandwidth = 6,
    Audio = 8,
    Video = 9,
    DataAmf3 = 15,
    CommandAmf3 = 17,
    DataAmf0 = 18,
    CommandAmf0 = 20,
    Aggregate = 22,
};

/// User control events (7.1.7).
enum class UserControlEvent : uint16_t {
    StreamBegin = 0,
    StreamEof = 1,
    StreamDry = 2,
    SetBufferLength = 3,
    StreamIsRecorded = 4,
    PingRequest = 6,
    PingResponse = 7,
};

/// Sound or pictures.
constexpr bool isMedia(MessageType type) {
    return type == MessageType::Audio || type == MessageType::Video || type == MessageType::Aggregate;
}

struct Message {
    MessageType type{};
    /// 32 bits of ms, wrapping.
    uint32_t timestamp = 0;
    uint32_t streamId = 0;
    Bytes body;
};

/// What both sides start with (5.4.1).
constexpr uint32_t defaultChunkSize = 128;

} // namespace rtcroom::embedded
