#include "addon/Bridge.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace rtcroom::addon {

std::shared_ptr<Bridge> Bridge::create(Napi::Env env, BridgeSink &sink) {
    auto bridge = std::make_shared<Bridge>(Private{}, env, sink);
    // The function owns a share of the bridge until it is gone, whoever lets go first.
    auto share = std::make_unique<std::shared_ptr<Bridge>>(bridge);
    const Napi::String name = Napi::String::New(env, "liteav-rtcroom");
    const napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, share.get(),
                                                               onFunctionGone, share.get(), onCall, &bridge->function_);
    if (status != napi_ok)
        throw Napi::Error::New(env, "the thread-safe function could not be made");
    (void)share.release(); // onFunctionGone takes it back.
    napi_unref_threadsafe_function(env, bridge->function_);
    return bridge;
}

void Bridge::onFunctionGone(napi_env, void *data, void *) {
    const std::unique_ptr<std::shared_ptr<Bridge>> share(static_cast<std::shared_ptr<Bridge> *>(data));
    const std::lock_guard lock((*share)->mutex_);
    (*share)->function_ = nullptr;
    (*share)->clearLocked();
}

void Bridge::onCall(napi_env env, napi_value, void *context, void *) {
    // No environment: Node only empties the function's queue while it closes.
    if (!env)
        return;
    const std::shared_ptr<Bridge> bridge = *static_cast<std::shared_ptr<Bridge> *>(context);
    bridge->drain(env);
}

void Bridge::drain(napi_env) {
    uint64_t limit = 0;
    {
        const std::lock_guard lock(mutex_);
        scheduled_ = false;
        // What comes meanwhile waits for the next turn of the loop, so that a fast source cannot starve it.
        limit = sequence_;
    }
    while (sink_) {
        std::optional<Item> item = next(limit);
        if (!item)
            break;
        const bool settlement = std::holds_alternative<Settlement>(*item);
        if (!deliver(std::move(*item))) {
            const std::lock_guard lock(mutex_);
            clearLocked();
            return;
        }
        // The code that awaits the promise runs before what follows, so that its listeners miss nothing.
        if (settlement)
            break;
    }
    if (sink_)
        sink_->drained();
    const std::lock_guard lock(mutex_);
    if (!emptyLocked())
        scheduleLocked();
    else if (closeWhenDrained_)
        releaseLocked();
}

bool Bridge::deliver(Item item) {
    // Making the values throws while a worker is being terminated: then nothing can be delivered.
    try {
        const Napi::HandleScope scope(env_);
        return std::visit([this](auto &&value) { return sink_->deliver(std::move(value)); }, std::move(item));
    } catch (const Napi::Error &) {
        return false;
    }
}

std::optional<Bridge::Item> Bridge::next(uint64_t limit) {
    const std::lock_guard lock(mutex_);
    constexpr uint64_t NONE = std::numeric_limits<uint64_t>::max();
    const uint64_t control = control_.empty() ? NONE : control_.front().sequence;
    const uint64_t status = status_ ? status_->sequence : NONE;
    const uint64_t video = video_.empty() ? NONE : video_.front().sequence;
    const uint64_t audio = audio_.empty() ? NONE : audio_.front().sequence;
    const uint64_t first = std::min({control, status, video, audio});
    if (first > limit)
        return std::nullopt;
    std::optional<Item> item;
    if (first == control) {
        std::visit([&item](auto &value) { item.emplace(std::move(value)); }, control_.front().value);
        control_.pop_front();
    } else if (first == status) {
        item.emplace(std::move(status_->value));
        status_.reset();
    } else if (first == video) {
        item.emplace(std::move(video_.front().value));
        video_.pop_front();
    } else {
        item.emplace(std::move(audio_.front().value));
        audio_.pop_front();
    }
    return item;
}

void Bridge::onEvent(const engine::Event &event) { postControl(event); }

void Bridge::onWindowEvent(const window::WindowEvent &event) { postControl(event); }

void Bridge::settle(Settlement settlement) { postControl(std::move(settlement)); }

void Bridge::postControl(Control control) {
    const std::lock_guard lock(mutex_);
    if (!function_)
        return;
    control_.push_back({++sequence_, std::move(control)});
    scheduleLocked();
}

void Bridge::onStatus(const engine::Status &status) {
    const std::lock_guard lock(mutex_);
    if (!function_)
        return;
    status_ = Numbered<engine::Status>{++sequence_, status};
    scheduleLocked();
}

void Bridge::onVideoFrame(engine::VideoFrame frame) {
    const std::lock_guard lock(mutex_);
    if (!function_)
        return;
    if (video_.size() == VIDEO_LIMIT) {
        video_.pop_front();
        ++dropped_.video;
    }
    video_.push_back({++sequence_, std::move(frame)});
    scheduleLocked();
}

void Bridge::onAudioFrame(engine::AudioFrame frame) {
    const std::lock_guard lock(mutex_);
    if (!function_)
        return;
    if (audio_.size() == AUDIO_LIMIT) {
        audio_.pop_front();
        ++dropped_.audio;
    }
    audio_.push_back({++sequence_, std::move(frame)});
    scheduleLocked();
}

void Bridge::close() {
    const std::lock_guard lock(mutex_);
    releaseLocked();
}

void Bridge::closeWhenDrained() {
    const std::lock_guard lock(mutex_);
    if (emptyLocked() && !scheduled_) {
        releaseLocked();
        return;
    }
    closeWhenDrained_ = true;
}

Bridge::Dropped Bridge::dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
}

void Bridge::hold(bool wanted) {
    const std::lock_guard lock(mutex_);
    if (!function_ || wanted == held_)
        return;
    held_ = wanted;
    if (wanted)
        napi_ref_threadsafe_function(env_, function_);
    else
        napi_unref_threadsafe_function(env_, function_);
}

void Bridge::forgetSink() { sink_ = nullptr; }

void Bridge::scheduleLocked() {
    if (!function_ || scheduled_)
        return;
    // The queue has no limit and at most one entry, so that the only refusal is "closing": nothing can be delivered.
    if (napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking) == napi_ok) {
        scheduled_ = true;
        return;
    }
    function_ = nullptr;
    clearLocked();
}

void Bridge::releaseLocked() {
    clearLocked();
    if (napi_threadsafe_function function = std::exchange(function_, nullptr))
        napi_release_threadsafe_function(function, napi_tsfn_release);
}

void Bridge::clearLocked() {
    control_.clear();
    status_.reset();
    video_.clear();
    audio_.clear();
}

bool Bridge::emptyLocked() const { return control_.empty() && !status_ && video_.empty() && audio_.empty(); }

} // namespace rtcroom::addon
