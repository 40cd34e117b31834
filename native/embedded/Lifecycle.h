#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/Error.h"
#include "engine/TaskThread.h"

namespace rtcroom::embedded {

/// Being open and being at work, of a pusher or a player: its runs (a push, a playback) from start to stop, each told
/// from the one before, with the start that waits for the run to begin; and its end. Each completion is called once.
class Lifecycle {
  public:
    /// Held while what is here changes, and what of its owner changes together with it.
    using Lock = std::lock_guard<std::mutex>;
    using Work = std::function<void()>;

    /// As they stand in messages: "the pusher", "push", "already pushing; call stopPush first".
    struct Words {
        std::string object;
        std::string run;
        std::string busy;
    };

    /// @param control does the work, in turn; it may be constructed after this, and ends before
    Lifecycle(engine::TaskThread &control, Words words) : control_(control), words_(std::move(words)) {}

    std::mutex &mutex() { return mutex_; }

    void throwIfClosed() const;
    /// Runs `work` on the control thread and ends `done` by what it throws; Aborted after close.
    /// @throws engine::EngineException Closed
    void runOnControl(Work work, engine::Completion done);
    /// Does the work, unless the object is closed.
    /// @return what it throws, Aborted after close
    std::optional<engine::Error> attempt(const Work &work) const;

    /// Begins a run; `done` waits for `settle`.
    /// @param prepare is called under the lock
    /// @return the run's number
    /// @throws engine::EngineException Closed, InvalidState; what `prepare` throws, and then nothing has begun
    uint64_t begin(engine::Completion done, const Work &prepare);
    /// Ends the run, if there is one. `work` is called under the lock, so that it is not undone by the run's own.
    /// @throws engine::EngineException Closed
    void end(const Work &work);
    /// As `end`, by itself rather than by the application.
    void giveUp();
    /// As `giveUp`, when the start of this run still waits: the caller ends it.
    engine::Completion giveUpPending(uint64_t run);
    /// Ends the pending start, if there is one.
    void settle(std::optional<engine::Error> error);

    bool running() const;
    bool running(const Lock &) const { return running_; }
    /// Calls `work` under the lock if this run is the present one.
    /// @return whether it is
    bool whileCurrent(uint64_t run, const Work &work = {}) const;
    uint64_t run(const Lock &) const { return run_; }
    /// Calls `work` on the control thread now and again until this run ends.
    void repeat(uint64_t run, std::chrono::milliseconds interval, Work work);

    /// @param interrupt is called at once, the first time
    /// @param finish is called on the control thread, the first time; `done` afterwards
    void close(engine::Completion done, const Work &interrupt, Work finish);

  private:
    void throwIfClosed(const Lock &) const;
    void finishClose();

    engine::TaskThread &control_;
    const Words words_;
    mutable std::mutex mutex_;
    bool closed_ = false;
    bool closeFinished_ = false;
    std::vector<engine::Completion> closeDone_;
    bool running_ = false;
    /// Grows with each start, so that what was meant for an earlier run knows that it is late.
    uint64_t run_ = 0;
    engine::Completion startDone_;
};

} // namespace rtcroom::embedded
