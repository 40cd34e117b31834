#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/Error.h"
#include "engine/TaskThread.h"

namespace rtcroom::liteav {

/// The thread on which all of an object's SDK calls are made, in order. A call of the SDK may take long or hang; no
/// caller waits for it beyond a bound.
class SdkThread {
  public:
    using Task = std::function<void()>;
    /// A setting waits for its answer this long, when nothing is before it.
    static constexpr std::chrono::milliseconds settingPatience{1000};
    /// A list or a value that only the SDK knows.
    static constexpr std::chrono::milliseconds answerPatience{5000};
    /// More waiting calls than this mean that the SDK hangs.
    static constexpr int maxPending = 4096;

    /// In order; never refused. `task` must not throw.
    void post(Task task);
    /// Not before `delay`; dropped when the thread ends earlier.
    void postAfter(std::chrono::milliseconds delay, Task task) { thread_.postAfter(delay, std::move(task)); }
    /// As post, but false when too much waits: for what the SDK or the application sends in floods.
    bool offer(Task task);
    bool idle() const { return pending_.load() == 0; }
    int pending() const { return pending_.load(); }

    /// Runs `work`. When the thread was idle, waits for it and throws what it threw; else, or after `settingPatience`,
    /// returns, and what it throws later goes to `refused`, on the thread. Throws Timeout when too much waits.
    void set(Task work, std::function<void(const engine::Error &)> refused);
    /// Runs `work` and waits; throws what it threw, or Timeout after `answerPatience`; `work` may then still run later,
    /// so it must own what it touches.
    void ask(Task work);

  private:
    struct Answer;
    /// `after` runs when the task counts no more.
    void post(Task task, Task after);
    bool wait(Answer &answer, std::chrono::milliseconds patience);

    std::atomic<int> pending_{0};
    engine::TaskThread thread_;
};

/// What `work` threw, as an error.
std::optional<engine::Error> errorOf(const std::function<void()> &work);

} // namespace rtcroom::liteav
