#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace rtcroom::test {

/// Holds a thread until the test opens it, or for 10 s.
class Gate {
  public:
    ~Gate() { open(); }
    void open() { opened_.open(); }
    /// Returns when a thread waits, or after 10 s.
    void entered() { entered_.wait(); }
    void wait() {
        entered_.open();
        opened_.wait();
    }

  private:
    class Flag {
      public:
        void open() {
            {
                const std::lock_guard lock(mutex_);
                open_ = true;
            }
            changed_.notify_all();
        }
        void wait() {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, std::chrono::seconds(10), [this] { return open_; });
        }

      private:
        std::mutex mutex_;
        std::condition_variable changed_;
        bool open_ = false;
    };
    Flag entered_;
    Flag opened_;
};

} // namespace rtcroom::test
