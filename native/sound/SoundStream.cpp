#include "sound/SoundStream.h"

#include <utility>

#include "sound/SoundDevices.h"

namespace rtcroom::sound {

namespace {

constexpr auto SILENCE = std::chrono::seconds(3);
/// Where the process itself stood still, the first look afterwards comes before the device's thread has had its turn.
constexpr int MANY_LOOKS = 10;

} // namespace

void SoundStream::Context::become(State next) {
    {
        const std::lock_guard lock(mutex);
        state = next;
    }
    changed.notify_all();
}

void SoundStream::Context::fail(engine::Error reason) {
    {
        const std::lock_guard lock(mutex);
        error = std::move(reason);
        state = State::Failed;
    }
    changed.notify_all();
}

SoundStream::SoundStream(std::shared_ptr<SoundDevices> devices, std::shared_ptr<Context> context)
    : devices_(std::move(devices)), context_(std::move(context)) {}

SoundStream::~SoundStream() {
    {
        // Nothing of the owner is called afterwards.
        const std::lock_guard lock(context_->callbackMutex);
        context_->callback = nullptr;
    }
    devices_->close(context_);
}

SoundStream::State SoundStream::state() const {
    const std::lock_guard lock(context_->mutex);
    return context_->state;
}

SoundStream::State SoundStream::look() {
    const State now = state();
    if (now != State::Open)
        return now;
    const auto at = std::chrono::steady_clock::now();
    const uint64_t blocks = context_->blocks;
    if (blocks != blocksSeen_ || looksSince_ == 0) {
        blocksSeen_ = blocks;
        looksSince_ = 1;
        seenAt_ = at;
        return now;
    }
    if (++looksSince_ < MANY_LOOKS || at - seenAt_ < SILENCE)
        return now;
    stopped_ = true;
    return State::Lost;
}

engine::Error SoundStream::error() const {
    const std::lock_guard lock(context_->mutex);
    return context_->error;
}

SoundStream::State SoundStream::wait(std::chrono::milliseconds most) const {
    std::unique_lock lock(context_->mutex);
    context_->changed.wait_for(lock, most, [this] { return context_->state != State::Opening; });
    return context_->state;
}

} // namespace rtcroom::sound
