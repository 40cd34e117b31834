#pragma once

#include "runtime/Kernel.h"

namespace standin {

/// What an object does later, on its own thread.
enum class Deed {
    Connecting,
    Connected,
    Reconnecting,
    Disconnected,
    FirstAudio,
    FirstVideo,
    Statistics,
    Volume,
    Frame,
    Sound,
    Paint,
    Snapshot,
    Sei,
    Size,
    Loading,
    Resumed,
    Error,
    Warning,
    ScreenStarted,
    ScreenStopped,
    RecordBegin,
    Recording,
    RecordEnd,
    DeviceChanged,
    StreamSwitched,
    Crash,
    Fire,
};

/// The thread of one object: does deeds when they are due, in order. In hostile mode three more threads call
/// `ActorHandler::storm`, from the first observer until the object is released.
class ActorHandler {
  public:
    virtual void perform(Deed deed, int a, int b) = 0;
    /// One callback with arguments chosen by `dice`; called at any time, on several threads at once.
    virtual void storm(uint32_t dice) = 0;

  protected:
    ~ActorHandler() = default;
};

class Actor {
  public:
    explicit Actor(ActorHandler &handler);
    /// Waits for the threads. Must not be called on one of them: see isOwnThread().
    ~Actor();
    Actor(const Actor &) = delete;
    Actor &operator=(const Actor &) = delete;

    /// Does it after `delayMs`. Deeds beyond 64 waiting ones are dropped.
    void after(uint32_t delayMs, Deed deed, int a = 0, int b = 0);
    void cancel(Deed deed);
    bool isOwnThread() const;
    void startStorm();
    /// Lets the threads end, and waits for them. May be called twice.
    void end();
    bool ending() const { return __atomic_load_n(&ending_, __ATOMIC_ACQUIRE); }
    /// Callbacks that the storm made.
    int stormCalls() const { return __atomic_load_n(&stormCalls_, __ATOMIC_ACQUIRE); }

  private:
    static constexpr int MOST_WAITING = 64;
    static constexpr int STORM_THREADS = 3;
    struct Waiting {
        uint32_t dueMs;
        Deed deed;
        int a, b;
    };

    static unsigned long STANDIN_WINAPI runMain(void *self);
    static unsigned long STANDIN_WINAPI runStorm(void *self);
    void loop();
    bool takeDue(Waiting &deed, uint32_t &waitMs);

    ActorHandler &handler_;
    SrwLock lock_{};
    Waiting waiting_[MOST_WAITING];
    int count_ = 0;
    Handle wake_ = nullptr;
    Handle thread_ = nullptr;
    Handle storm_[STORM_THREADS] = {};
    unsigned long ids_[1 + STORM_THREADS] = {};
    int stormCalls_ = 0;
    bool ending_ = false;
};

} // namespace standin
