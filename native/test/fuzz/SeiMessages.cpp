#include "embedded/media/SeiMessages.h"
#include "Target.h"
#include "embedded/media/H264Config.h"
#include "embedded/media/TimeStampSei.h"

using namespace rtcroom;
using namespace rtcroom::embedded;

namespace {

void readBack(CodecId codec, const std::vector<Bytes> &messages) {
    Bytes unit;
    appendLengthPrefixed(unit, seiUnit(codec, messages));
    fuzz::expect(seiMessages(codec, unit) == messages, "messages that are written are read as they were");
    Bytes stream{0, 0, 1};
    const Bytes nal = seiUnit(codec, messages);
    stream.insert(stream.end(), nal.begin(), nal.end());
    fuzz::expect(splitAnnexB(stream).size() == 1, "a unit of messages holds no start code");
}

} // namespace

// A unit of NAL units with their lengths; the same bytes as messages of an application too: size (2 bytes), text.
RTCROOM_FUZZ_TARGET(SeiMessages, input) {
    for (const CodecId codec : {CodecId::H264, CodecId::Hevc}) {
        for (const Bytes &message : seiMessages(codec, input))
            fuzz::expect(message.size() < input.size(), "a message is part of its unit");
        for (const SeiPayload &payload : seiPayloads(codec, input))
            if (const auto us = timeStampUs(codec, payload)) {
                fuzz::expect(*us >= 0, "a time stamp is after 1970");
                fuzz::expect(!messageOf(codec, payload), "a time stamp is no message");
            }
    }
    fuzz::Parts parts(input);
    std::vector<Bytes> messages;
    while (!parts.empty() && messages.size() < 16) {
        const fuzz::Input text = parts.bytes(parts.number(2));
        messages.emplace_back(text.begin(), text.end());
    }
    readBack(CodecId::H264, messages);
    readBack(CodecId::Hevc, messages);
}
