#include "embedded/rtmp/FlvTags.h"
#include "Target.h"
#include "embedded/media/H264Config.h"

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

void checkPacket(const EncodedPacket &packet) {
    fuzz::expect(packet.data != nullptr, "a packet has data");
    if (packet.kind == MediaKind::Audio)
        return;
    if (packet.isConfig)
        fuzz::expect(nalLengthSize(*packet.data) == 4, "a configuration speaks of lengths of 4 bytes");
    else
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
