#include "embedded/rtmp/Amf0.h"
#include "Target.h"
#include "embedded/net/ProtocolError.h"
#include "embedded/rtmp/Commands.h"

using namespace rtcroom;
using namespace rtcroom::embedded;

namespace {

size_t countValues(const AmfValue &value) {
    size_t count = 1;
    if (const AmfObject *object = value.object())
        for (const auto &[name, property] : *object)
            count += countValues(property);
    return count;
}

} // namespace

RTCROOM_FUZZ_TARGET(Amf0, input) {
    try {
        size_t values = 0;
        for (const AmfValue &value : readAmf0(input)) {
            values += countValues(value);
            value.text("code");
        }
        fuzz::expect(values <= 4096, "a message has no more values than its limit");
    } catch (const ProtocolError &) {
        // Damaged, and told so.
    }
    try {
        const Command command = Command::parse(input);
        const std::string code = command.code();
        for (const SessionRole role : {SessionRole::Publish, SessionRole::Play})
            if (const auto end = endOfStatus(code, command.isError(), role))
                fuzz::expect(!describeStatus(*end, code, role, "rtmp://host/app").empty(), "an end is described");
    } catch (const ProtocolError &) {
        // The same.
    }
}
