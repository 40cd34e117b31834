#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace rtcroom::engine {

/// Runs tasks one after another on its own thread: the place where an engine object opens files, joins threads and
/// keeps time, so that no caller blocks. Tasks must not throw.
class TaskThread {
  public:
    using Task = std::function<void()>;
    using Clock = std::chrono::steady_clock;

    TaskThread();
    /// Runs what is due and queued (timed tasks that are not yet due are dropped), then joins.
    ~TaskThread();
    TaskThread(const TaskThread &) = delete;
    TaskThread &operator=(const TaskThread &) = delete;

    /// Tasks posted without a delay keep their order.
    void post(Task task) { postAfter(std::chrono::milliseconds(0), std::move(task)); }
    void postAfter(std::chrono::milliseconds delay, Task task);

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::multimap<Clock::time_point, Task> tasks_;
    Clock::time_point lastImmediate_{};
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace rtcroom::engine
