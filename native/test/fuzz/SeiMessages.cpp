#include "embedded/media/SeiMessages.h"
#include "Target.h"
#include "embedded/media/H264Config.h"

using namespace rtcroom;
using namespace rtcroom::embedded;

namespace {

void readBack(const std::vector<Bytes> &messages) {
    Bytes unit;
    appendLengthPrefixed(unit, seiUnit(messages));
    fuzz::expect(seiMessages(unit, 4) == messages, "messages that are written are read as they were");
    Bytes stream{0, 0, 1};
    const Bytes nal = seiUnit(messages);
    stream.insert(stream.end(), nal.begin(), nal.end());
    fuzz::expect(splitAnnexB(stream).size() == 1, "a unit of messages holds no start code");
}

} // namespace

// The size of the NAL units' lengths (1, 2 or 4), then a unit; the same bytes as messages of an application too: size
// (2 bytes), text.
RTCROOM_FUZZ_TARGET(SeiMessages, input) {
    if (input.empty())
        return;
    constexpr int lengthSizes[] = {4, 2, 1};
    for (const Bytes &message : seiMessages(input.subspan(1), lengthSizes[input[0] % 3]))
        fuzz::expect(message.size() < input.size(), "a message is part of its unit");
    fuzz::Parts parts(input.subspan(1));
    std::vector<Bytes> messages;
    while (!parts.empty() && messages.size() < 16) {
        const fuzz::Input text = parts.bytes(parts.number(2));
        messages.emplace_back(text.begin(), text.end());
    }
    readBack(messages);
}
