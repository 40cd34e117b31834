#include <cstring>
#include <vector>

#include "Target.h"
#include "embedded/net/ProtocolError.h"
#include "embedded/rtmp/ChunkReader.h"

using namespace rtcroom;
using embedded::Message;

namespace {

struct Reading {
    std::vector<Message> messages;
    bool refused = false;
};

Reading readInPieces(fuzz::Input bytes, size_t pieceSize) {
    Reading reading;
    embedded::ChunkReader reader;
    try {
        while (!bytes.empty()) {
            const std::span<uint8_t> room = reader.writable();
            fuzz::expect(!room.empty(), "there is room for received bytes");
            const size_t count = std::min({pieceSize, room.size(), bytes.size()});
            std::memcpy(room.data(), bytes.data(), count);
            bytes = bytes.subspan(count);
            reader.commit(count);
            for (Message message; reader.next(message);)
                reading.messages.push_back(std::move(message));
        }
    } catch (const embedded::ProtocolError &) {
        reading.refused = true;
    }
    return reading;
}

} // namespace

// The size of the pieces that come, then the stream: however it is cut, it is the same messages.
RTCROOM_FUZZ_TARGET(ChunkReader, input) {
    fuzz::Parts parts(input);
    const size_t pieceSize = 1 + parts.number(1);
    const fuzz::Input stream = parts.rest();
    const Reading whole = readInPieces(stream, stream.size());
    const Reading pieces = readInPieces(stream, pieceSize);
    fuzz::expect(whole.refused == pieces.refused, "a stream is refused however it is cut");
    fuzz::expect(whole.messages.size() == pieces.messages.size(), "the messages are as many however they are cut");
    for (size_t i = 0; i < whole.messages.size(); ++i) {
        const Message &a = whole.messages[i];
        const Message &b = pieces.messages[i];
        fuzz::expect(a.type == b.type && a.timestamp == b.timestamp && a.streamId == b.streamId && a.body == b.body,
                     "a message is the same however it is cut");
    }
}
