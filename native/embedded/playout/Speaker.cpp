#include "embedded/playout/Speaker.h"

#include <utility>

#include "engine/Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::Error;
using engine::ErrorCode;
using sound::DeviceKind;
using State = sound::SoundStream::State;

namespace {

constexpr auto TRY_AGAIN = std::chrono::seconds(1);
constexpr int NONE = -1;

} // namespace

Speaker::Speaker(Callbacks callbacks, bool wanted) : callbacks_(std::move(callbacks)), choice_{.wanted = wanted} {}

void Speaker::select(int index) {
    if (index < NONE)
        throw EngineException(ErrorCode::InvalidArgument,
                              "a loudspeaker's place in the list must be 0 or more, or -1 for none, not " +
                                  std::to_string(index));
    std::string name = index == NONE ? std::string() : sound::deviceName(DeviceKind::Speaker, index);
    const std::lock_guard lock(mutex_);
    choice_ = {.wanted = index != NONE, .name = std::move(name), .revision = choice_.revision + 1};
}

Speaker::Choice Speaker::choice() const {
    const std::lock_guard lock(mutex_);
    return choice_;
}

bool Speaker::wanted() const { return choice().wanted; }

void Speaker::start() {
    running_ = true;
    told_ = false;
    nextTry_ = {};
    check();
}

void Speaker::stop() {
    running_ = false;
    close();
}

void Speaker::check() {
    if (!running_)
        return;
    const Choice wish = choice();
    if (std::exchange(revision_, wish.revision) != wish.revision) {
        close();
        told_ = false;
        nextTry_ = {};
    }
    const auto now = std::chrono::steady_clock::now();
    switch (stream_ ? stream_->look() : State::Lost) {
    case State::Opening:
        // It goes on: the sound server may come to its senses.
        if (now >= patientUntil_)
            tell(devices_->noAnswer());
        return;
    case State::Open:
        // Of one that was lost more is wanted than that it opens.
        if (told_ && !stream_->works())
            return;
        if (!std::exchange(routed_, true)) {
            told_ = false;
            callbacks_.route(buffer_);
            callbacks_.onAvailable();
        }
        return;
    case State::Failed:
        tell(stream_->error());
        nextTry_ = now + TRY_AGAIN;
        break;
    case State::Lost:
        if (stream_)
            tell(devices_->lost(*stream_, DeviceKind::Speaker, wish.name));
        break;
    }
    close();
    if (wish.wanted && now >= nextTry_)
        open(wish.name);
}

void Speaker::open(const std::string &name) {
    buffer_->clear();
    try {
        devices_ = sound::SoundDevices::share();
        patientUntil_ = std::chrono::steady_clock::now() + devices_->patience();
        stream_ =
            devices_->open(DeviceKind::Speaker, name, SpeakerBuffer::channels,
                           [buffer = buffer_](std::span<float> block) { buffer->read(block, engine::clockMicros()); });
    } catch (const EngineException &failure) {
        tell(failure.error());
        nextTry_ = std::chrono::steady_clock::now() + TRY_AGAIN;
    }
}

void Speaker::close() {
    if (std::exchange(routed_, false))
        callbacks_.route(nullptr);
    stream_.reset();
}

void Speaker::tell(const Error &error) {
    if (!std::exchange(told_, true))
        callbacks_.onLost(error);
}

} // namespace rtcroom::embedded
