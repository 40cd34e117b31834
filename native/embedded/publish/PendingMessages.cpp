#include "embedded/publish/PendingMessages.h"

#include <utility>

#include "embedded/media/SeiMessages.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

void PendingMessages::add(const std::string &text) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= maxWaiting)
        throw engine::EngineException(engine::ErrorCode::InvalidState,
                                      std::to_string(maxWaiting) + " messages wait for a picture already; send fewer");
    waiting_.emplace_back(text.begin(), text.end());
}

void PendingMessages::clear() {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
}

void PendingMessages::attachTo(EncodedPacket &picture) {
    std::vector<Bytes> messages;
    {
        const std::lock_guard lock(mutex_);
        messages = std::exchange(waiting_, {});
    }
    if (messages.empty())
        return;
    std::vector<SeiPayload> payloads;
    for (Bytes &message : messages)
        payloads.push_back({messageSeiType, std::move(message)});
    attachSei(picture, payloads);
}

} // namespace rtcroom::embedded
