#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>

#include <napi.h>

#include "engine/Player.h"
#include "engine/Pusher.h"
#include "window/VideoWindow.h"

namespace rtcroom::addon {

/// The end of an asynchronous call.
struct Settlement {
    uint64_t promise = 0;
    std::optional<engine::Error> error;
};

/// Where a bridge delivers; called on the JS thread only. A false answer means that no JavaScript can run any more (the
/// worker is being terminated): the bridge then drops what it has.
class BridgeSink {
  public:
    virtual ~BridgeSink() = default;
    virtual bool deliver(const engine::Event &event) = 0;
    virtual bool deliver(const engine::Status &status) = 0;
    virtual bool deliver(engine::VideoFrame frame) = 0;
    virtual bool deliver(engine::AudioFrame frame) = 0;
    virtual bool deliver(const window::WindowEvent &event) = 0;
    virtual bool deliver(const Settlement &settlement) = 0;
    /// After each batch.
    virtual void drained() = 0;
};

/// The one path from an object's threads to JavaScript. Events and settlements are queued and never dropped, of the
/// status only the newest waits, frames wait in bounded rings whose oldest is dropped and counted. All carry one
/// sequence, so that an event posted before a frame is delivered before it. There is one thread-safe function and at
/// most one call of it under way.
class Bridge final : public engine::PusherListener, public engine::PlayerListener, public window::WindowListener {
    struct Private {
        explicit Private() = default;
    };

  public:
    /// For create() only.
    Bridge(Private, Napi::Env env, BridgeSink &sink) : sink_(&sink), env_(env) {}

    /// Pictures are large, and late ones are of no use: a quarter of a second at 30 frames/s.
    static constexpr size_t VIDEO_LIMIT = 8;
    /// About 0.7 s of AAC frames at 48 kHz: a gap in sound hurts more than a late sound.
    static constexpr size_t AUDIO_LIMIT = 32;

    struct Dropped {
        uint64_t video = 0;
        uint64_t audio = 0;
    };

    /// On the JS thread. `sink` is used until forgetSink().
    static std::shared_ptr<Bridge> create(Napi::Env env, BridgeSink &sink);

    // From any thread, at any time; nothing after close.
    void onEvent(const engine::Event &event) override;
    void onStatus(const engine::Status &status) override;
    void onVideoFrame(engine::VideoFrame frame) override;
    void onAudioFrame(engine::AudioFrame frame) override;
    void onWindowEvent(const window::WindowEvent &event) override;
    void settle(Settlement settlement);
    /// Drops what waits; delivers nothing any more.
    void close();
    /// Closes when all that waits has been delivered.
    void closeWhenDrained();
    Dropped dropped() const;

    // On the JS thread.
    /// Whether the bridge keeps the event loop alive; at first it does not.
    void hold(bool wanted);
    void forgetSink();

  private:
    using Item = std::variant<engine::Event, window::WindowEvent, Settlement, engine::Status, engine::VideoFrame,
                              engine::AudioFrame>;
    template <typename T> struct Numbered {
        uint64_t sequence;
        T value;
    };
    using Control = std::variant<engine::Event, window::WindowEvent, Settlement>;

    static void onCall(napi_env env, napi_value function, void *context, void *data);
    static void onFunctionGone(napi_env env, void *data, void *hint);
    void drain(napi_env env);
    bool deliver(Item item);
    std::optional<Item> next(uint64_t limit);
    void postControl(Control control);
    void scheduleLocked();
    void releaseLocked();
    void clearLocked();
    bool emptyLocked() const;

    mutable std::mutex mutex_;
    napi_threadsafe_function function_ = nullptr;
    bool scheduled_ = false;
    bool closeWhenDrained_ = false;
    uint64_t sequence_ = 0;
    std::deque<Numbered<Control>> control_;
    std::optional<Numbered<engine::Status>> status_;
    std::deque<Numbered<engine::VideoFrame>> video_;
    std::deque<Numbered<engine::AudioFrame>> audio_;
    Dropped dropped_;

    // JS thread only.
    BridgeSink *sink_;
    Napi::Env env_;
    bool held_ = false;
};

} // namespace rtcroom::addon
