#include "embedded/rtmp/FlvTags.h"
#include "Target.h"
#include "embedded/media/Codecs.h"
#include "embedded/media/HevcConfig.h"
#include "embedded/rtmp/SequenceHeaders.h"

using namespace rtcroom;
using namespace rtcroom::embedded;

namespace {

bool isLengthPrefixed(fuzz::Input unit) {
    fuzz::Parts parts(unit);
    while (!parts.empty()) {
        const uint64_t size = parts.number(4);
        if (parts.bytes(size).size() != size)
            return false;
    }
    return true;
}

void checkConfig(const EncodedPacket &packet) {
    if (packet.codec == CodecId::H264)
        fuzz::expect(nalLengthSize(*packet.data) == 4, "a configuration speaks of lengths of 4 bytes");
    else if (packet.codec == CodecId::Hevc)
        fuzz::expect(hevcNalLengthSize(*packet.data) == 4, "a configuration speaks of lengths of 4 bytes");
    if (packet.kind == MediaKind::Video) {
        const auto format = videoFormatOf(packet);
        fuzz::expect(!format || format->codec == packet.codec, "a format is one of its codec");
    } else {
        fuzz::expect(audioFormatOf(packet).has_value(), "sound that is told of has a format");
    }
}

void checkPacket(const EncodedPacket &packet) {
    fuzz::expect(packet.data != nullptr, "a packet has data");
    fuzz::expect(kindOf(packet.codec) == packet.kind, "a packet's codec is one of its kind");
    if (packet.isConfig)
        checkConfig(packet);
    else if (packet.codec == CodecId::H264 || packet.codec == CodecId::Hevc)
        fuzz::expect(isLengthPrefixed(*packet.data), "a picture is NAL units with lengths of 4 bytes");
}

} // namespace

// Messages: type, time (4 bytes), size (2), body.
RTCROOM_FUZZ_TARGET(FlvTags, input) {
    FlvTagReader reader;
    fuzz::Parts parts(input);
    while (!parts.empty()) {
        Message message;
        message.type = static_cast<MessageType>(parts.number(1));
        message.timestamp = static_cast<uint32_t>(parts.number(4));
        const fuzz::Input body = parts.bytes(parts.number(2));
        message.body.assign(body.begin(), body.end());
        reader.read(message, checkPacket);
    }
}
