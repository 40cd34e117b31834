#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace rtcroom::addon {

/// The thread on which engine objects die: their destructors join threads, which the JS thread must not wait for. It is
/// started with the first task.
class Reaper {
  public:
    Reaper() = default;
    /// Finishes what is queued, then joins.
    ~Reaper() { finish(); }
    Reaper(const Reaper &) = delete;
    Reaper &operator=(const Reaper &) = delete;

    /// Tasks run in order and must not throw.
    void post(std::function<void()> task);
    /// Waits until everything posted is done and ends the thread.
    void finish();

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> tasks_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace rtcroom::addon
