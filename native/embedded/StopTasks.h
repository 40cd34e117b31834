#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "engine/TaskThread.h"

namespace rtcroom::embedded {

/// Tasks of a control thread that end something, and need not wait for a task before them that waits for a device: it
/// runs them meanwhile.
class StopTasks {
  public:
    /// @param early whether it runs in the midst of another task, before those that were posted in between
    using Task = std::function<void(bool early)>;

    /// @param control may be constructed after this, and ends before
    explicit StopTasks(engine::TaskThread &control) : control_(control) {}

    /// Each runs once, in the order of the posts. From any thread.
    void post(Task task) {
        const auto posted = std::make_shared<Task>(std::move(task));
        {
            const std::lock_guard lock(mutex_);
            waiting_.push_back(posted);
        }
        control_.post([this, posted] {
            if (take(posted))
                (*posted)(false);
        });
    }

    /// On the control thread, by a task that waits.
    void runEarly() {
        while (const auto posted = take(nullptr))
            (*posted)(true);
    }

  private:
    using Posted = std::shared_ptr<Task>;

    /// The first, unless it is another than the wanted one.
    Posted take(const Posted &wanted) {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty() || (wanted && waiting_.front() != wanted))
            return nullptr;
        Posted first = std::move(waiting_.front());
        waiting_.pop_front();
        return first;
    }

    engine::TaskThread &control_;
    std::mutex mutex_;
    std::deque<Posted> waiting_;
};

} // namespace rtcroom::embedded
