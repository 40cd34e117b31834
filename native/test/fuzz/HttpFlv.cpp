#include "Target.h"
#include "embedded/http/ResponseBody.h"
#include "embedded/http/ResponseHead.h"
#include "embedded/net/ProtocolError.h"
#include "embedded/receive/FlvTagSplitter.h"

using namespace rtcroom;
using namespace rtcroom::embedded;

// The size of the pieces that it comes in (1 byte, 0 for all at once), then a response.
RTCROOM_FUZZ_TARGET(HttpFlv, input) {
    fuzz::Parts parts(input);
    const auto piece = static_cast<size_t>(parts.number(1));
    ResponseHeadReader head;
    std::optional<ResponseBody> body;
    FlvTagSplitter splitter;
    try {
        while (!parts.empty()) {
            std::span<const uint8_t> bytes = piece > 0 ? parts.bytes(piece) : parts.rest();
            bytes = bytes.subspan(head.take(bytes));
            if (!head.complete())
                continue;
            fuzz::expect(head.head().status >= 100 && head.head().status < 1000, "a status has three digits");
            if (!body)
                body.emplace(head.head());
            for (auto flv = body->next(bytes); !flv.empty(); flv = body->next(bytes))
                splitter.take(flv, [](Message &message) {
                    fuzz::expect(message.body.size() <= 1 << 24, "a tag has at most 16 MB");
                });
        }
    } catch (const ProtocolError &) {
        // Refused.
    }
}
