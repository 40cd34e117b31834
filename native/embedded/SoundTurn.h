#pragma once

#include <deque>
#include <functional>

#include "embedded/Lifecycle.h"
#include "embedded/capture/SoundInputs.h"
#include "engine/Error.h"
#include "engine/TaskThread.h"

namespace rtcroom::embedded {

/// What is done to the sources of sound of a pusher, in turn. A device that is being opened is looked after now and
/// again, so that a sound server that hangs holds up the next in turn and not the control thread. On that thread only.
class SoundTurn {
  public:
    enum class Kind {
        Capture,
        SystemSound,
        Test,
        /// What no stop ends: it waits for those before it. What it opens ends where its source is closed.
        Other
    };
    using Begin = std::function<SoundOpening()>;

    SoundTurn(engine::TaskThread &control, Lifecycle &life) : control_(control), life_(life) {}

    /// Calls `begin` once those before are done, and ends `done` once what it opens is open.
    void run(Kind kind, Begin begin, engine::Completion done);
    /// Ends what waits of that kind with Aborted.
    void abort(Kind kind);
    void abortAll();
    bool waiting() const { return !tasks_.empty(); }

  private:
    struct Task {
        Kind kind;
        Begin begin;
        engine::Completion done;
        bool begun = false;
        SoundOpening opening{};
    };

    void abortThose(const std::function<bool(const Task &)> &which);
    /// Begins and ends tasks until one waits.
    void advance();

    engine::TaskThread &control_;
    Lifecycle &life_;
    std::deque<Task> tasks_;
    bool checking_ = false;
    bool advancing_ = false;
};

} // namespace rtcroom::embedded
