#include "liteav/classic/Events.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "liteav/abi/Text.h"

namespace rtcroom::liteav::classic {

namespace event = engine::event;

namespace {

/// More parameters than this are not believed.
constexpr int MAX_PARAMS = 64;

/// Longer messages are not the SDK's: an SEI unit of live video is far below.
constexpr size_t MAX_MESSAGE = 64 * 1024;

/// A message is the application's own: neither masked nor cut, since it may hold addresses.
bool isMessage(int id, const char *key) {
    return id == event::EVT_PLAY_GET_MESSAGE && std::strcmp(key, "EVT_GET_MSG") == 0;
}

std::string messageText(const char *text) {
    return text == nullptr ? std::string() : validUtf8(std::string(text, strnlen(text, MAX_MESSAGE)));
}

using O = Observer<Sink>;

// On x86 the callee clears the stack: what is not used needs its parameters all the same.
void *RTCROOM_SDK_METHOD destroyNothing(void *self, unsigned) { return self; }

void RTCROOM_SDK_METHOD onEventCallback(void *self, int id, int count, const char **keys, const char **values, void *) {
    O::tell(self, [&](Sink &sink) {
        Message message{id, {}};
        if (keys != nullptr && values != nullptr)
            for (int i = 0; i < std::clamp(count, 0, MAX_PARAMS); ++i)
                if (keys[i] != nullptr)
                    message.params.emplace_back(sdkText(keys[i]),
                                                isMessage(id, keys[i]) ? messageText(values[i]) : sdkText(values[i]));
        sink.onMessage(std::move(message));
    });
}

void RTCROOM_SDK_METHOD onVideoCaptureCallback(void *, char *, unsigned, int, int, void *) {}

void RTCROOM_SDK_METHOD onAudioCaptureCallback(void *, unsigned char *, unsigned, unsigned, unsigned,
                                               unsigned long long, void *) {}

void RTCROOM_SDK_METHOD onVideoDecodeCallback(void *self, char *data, unsigned length, int width, int height,
                                              int format, void *) {
    O::tell(self, [&](Sink &sink) { sink.onVideo(data, length, width, height, format); });
}

void RTCROOM_SDK_METHOD onAudioDecodeCallback(void *self, unsigned char *pcm, unsigned length, unsigned sampleRate,
                                              unsigned channels, unsigned long long, void *) {
    O::tell(self, [&](Sink &sink) { sink.onAudio(reinterpret_cast<const char *>(pcm), length, sampleRate, channels); });
}

bool known(engine::Side side, int code) {
    const auto table = engine::eventTable();
    return std::any_of(table.begin(), table.end(),
                       [&](const engine::EventInfo &row) { return row.side == side && row.code == code; });
}

} // namespace

std::string Message::value(const std::string &key) const {
    for (const auto &[name, text] : params)
        if (name == key)
            return text;
    return {};
}

std::shared_ptr<Observer<Sink>> makePusherObserver(const SlotTable &slots, Sink &sink) {
    auto observer = std::make_shared<Observer<Sink>>(sink);
    observer->place(0, &destroyNothing);
    observer->place(slots.onVideo, &onVideoCaptureCallback);
    observer->place(slots.onAudio, &onAudioCaptureCallback);
    observer->place(slots.onEvent, &onEventCallback);
    return observer;
}

std::shared_ptr<Observer<Sink>> makePlayerObserver(const SlotTable &slots, Sink &sink) {
    auto observer = std::make_shared<Observer<Sink>>(sink);
    observer->place(0, &destroyNothing);
    observer->place(slots.onEvent, &onEventCallback);
    observer->place(slots.onVideo, &onVideoDecodeCallback);
    observer->place(slots.onAudio, &onAudioDecodeCallback);
    return observer;
}

engine::Status statusOf(const Message &message) {
    engine::Status status;
    for (const engine::StatusKey &key : engine::statusTable()) {
        const auto found = std::find_if(message.params.begin(), message.params.end(),
                                        [&](const auto &param) { return param.first == key.name; });
        if (found == message.params.end())
            continue;
        if (std::string_view(key.unit) == "text") {
            status.emplace_back(key.name, found->second);
            continue;
        }
        // A value that is no number is left out rather than told as 0.
        char *end = nullptr;
        const double number = std::strtod(found->second.c_str(), &end);
        if (end != found->second.c_str() && number >= -1e12 && number <= 1e12)
            status.emplace_back(key.name, number);
    }
    return status;
}

int eventOf(Generation generation, engine::Side side, int id) {
    const bool push = side == engine::Side::Push;
    if (generation == Generation::Tx2018 && push) {
        switch (id) {
        case 1009:
            return event::PUSH_EVT_CAMERA_REMOVED;
        case 1010:
            return event::PUSH_EVT_CAMERA_AVAILABLE;
        case 1011:
            return event::PUSH_EVT_CAMERA_CLOSED;
        case 1012:
            return event::PUSH_EVT_SNAPSHOT_RESULT;
        case -1308:
            return event::PUSH_ERR_CAMERA_OCCUPY;
        case 3005:
            return event::PUSH_WARNING_SERVER_NO_DATA;
        default:
            break;
        }
    }
    if (!push && id == event::PUSH_EVT_SNAPSHOT_RESULT)
        return event::PLAY_EVT_SNAPSHOT_RESULT;
    if (known(side, id))
        return id;
    if (id < 0)
        return push ? event::PUSH_ERR_OTHER : event::PLAY_ERR_OTHER;
    const bool warning = (id >= 1100 && id < 1200) || (id >= 2100 && id < 2200) || (id >= 3000 && id < 4000);
    if (warning)
        return push ? event::PUSH_WARNING_OTHER : event::PLAY_WARNING_OTHER;
    return push ? event::PUSH_EVT_OTHER : event::PLAY_EVT_OTHER;
}

} // namespace rtcroom::liteav::classic
