#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "engine/Error.h"

namespace rtcroom::sound {

class SoundDevices;

/// Every device is opened so, whatever it has itself: interleaved float at this rate, in blocks of 10 ms.
inline constexpr int DEVICE_RATE = 48000;
inline constexpr int DEVICE_BLOCK = DEVICE_RATE / 100;
/// How long ago a block was heard by a microphone, or how soon it will be by an ear: a guess of two blocks, for SDL
/// does not tell.
inline constexpr int64_t DEVICE_DELAY_US = 20'000;

/// A sound device that is open or being opened; closed by its end, which waits for nothing.
class SoundStream {
  public:
    enum class State {
        Opening,
        Open,
        Failed,
        /// Unplugged, or its sound system ended.
        Lost
    };
    /// On the device's own thread, a block at a time: to be filled, of a microphone to be read. Must not wait.
    using Callback = std::function<void(std::span<float>)>;

    ~SoundStream();
    SoundStream(const SoundStream &) = delete;
    SoundStream &operator=(const SoundStream &) = delete;

    State state() const;
    /// As state(), for who looks after the device now and again, some ten times a second: it is Lost as well when it
    /// has neither given nor asked for a block for 3 s, as when its sound server hangs.
    State look();
    /// Whether look() found it so.
    bool stopped() const { return stopped_; }
    /// It has given or asked for a block.
    bool works() const { return context_->blocks > 0; }
    /// Why it failed.
    engine::Error error() const;
    /// Waits while it is Opening, at most so long.
    State wait(std::chrono::milliseconds most) const;

  private:
    friend class SoundDevices;

    /// What outlives the stream until the device is closed.
    struct Context {
        mutable std::mutex mutex;
        mutable std::condition_variable changed;
        State state = State::Opening;
        engine::Error error;

        std::atomic<uint64_t> blocks{0};

        std::mutex callbackMutex;
        Callback callback;

        // Of the devices' thread.
        uint32_t device = 0;
        bool closed = false;

        void become(State state);
        void fail(engine::Error error);
    };

    SoundStream(std::shared_ptr<SoundDevices> devices, std::shared_ptr<Context> context);

    const std::shared_ptr<SoundDevices> devices_;
    const std::shared_ptr<Context> context_;

    // Of who looks.
    uint64_t blocksSeen_ = 0;
    int looksSince_ = 0;
    std::chrono::steady_clock::time_point seenAt_{};
    bool stopped_ = false;
};

} // namespace rtcroom::sound
