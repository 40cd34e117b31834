#include "engine/TaskThread.h"

#include <algorithm>
#include <utility>

namespace rtcroom::engine {

TaskThread::TaskThread() : thread_([this] { run(); }) {}

TaskThread::~TaskThread() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void TaskThread::postAfter(std::chrono::milliseconds delay, Task task) {
    {
        const std::lock_guard lock(mutex_);
        auto due = Clock::now() + delay;
        if (delay.count() == 0)
            due = lastImmediate_ = std::max(due, lastImmediate_);
        tasks_.emplace(due, std::move(task));
    }
    wake_.notify_one();
}

void TaskThread::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        const bool due = !tasks_.empty() && tasks_.begin()->first <= Clock::now();
        if (due) {
            const Task task = std::move(tasks_.begin()->second);
            tasks_.erase(tasks_.begin());
            lock.unlock();
            task();
            lock.lock();
        } else if (stopping_) {
            return;
        } else if (tasks_.empty()) {
            wake_.wait(lock);
        } else {
            const auto until = tasks_.begin()->first;
            wake_.wait_until(lock, until);
        }
    }
}

} // namespace rtcroom::engine
