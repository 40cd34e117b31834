#include "sound/SoundStream.h"

#include <utility>

#include "sound/SoundDevices.h"

namespace rtcroom::sound {

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
