#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "embedded/net/Deadline.h"
#include "embedded/net/Interrupt.h"
#include "embedded/net/SystemLookup.h"
#include "embedded/net/Waker.h"

namespace rtcroom::embedded {

/// How many calls of a kind go on although nobody waits for them any more.
class AbandonedCalls {
  public:
    bool tooMany() const noexcept { return count_.load() >= most; }
    void add() noexcept { ++count_; }
    void remove() noexcept { --count_; }

  private:
    static constexpr int most = 32;
    std::atomic<int> count_{0};
};

/// A call of the system that can neither be interrupted nor bounded, on a thread of its own that owns all it touches.
/// When the caller stops or its deadline passes, the call is abandoned: nothing waits for it, and it ends by itself.
/// Joining it instead would hold up a stop for as long as the system likes. With 32 abandoned ones of its kind no
/// further one starts.
template <typename Result> class AbandonableCall {
  public:
    /// `abandoned` has static storage.
    explicit AbandonableCall(AbandonedCalls &abandoned) : shared_(std::make_shared<Shared>(abandoned)) {}
    ~AbandonableCall() { shared_->abandon(); }
    AbandonableCall(const AbandonableCall &) = delete;
    AbandonableCall &operator=(const AbandonableCall &) = delete;

    /// `work` must not throw, nor must what the thread does afterwards, which nobody waits for. A result that nobody
    /// takes is destroyed by then. Why it did not start; empty when it did.
    std::string start(std::function<Result()> work, std::function<void()> afterwards = {}) {
        // An abandoned call may return after the addon would have been unloaded (the last worker of a process that
        // loaded it ends): its code has to stay mapped.
        pinThisLibrary();
        if (shared_->abandoned.tooMany())
            return "too many earlier ones have had no answer";
        try {
            std::thread([shared = shared_, work = std::move(work), afterwards = std::move(afterwards)] {
                shared->finish(work());
                if (afterwards)
                    afterwards();
            }).detach();
            shared_->started = true;
            return {};
        } catch (const std::system_error &error) {
            return std::string("no thread for it: ") + error.what();
        }
    }

    /// The result; none when the deadline passed. Throws SessionFailure as Interrupt::wait() does.
    std::optional<Result> wait(const Deadline &deadline, Interrupt &interrupt) {
        while (!interrupt.wait(shared_->done.fd(), true, false, deadline).readable)
            if (deadline.passed())
                return std::nullopt;
        const std::lock_guard lock(shared_->mutex);
        return std::exchange(shared_->result, std::nullopt);
    }

  private:
    /// Of the caller and the thread, whichever lives longer.
    struct Shared {
        explicit Shared(AbandonedCalls &counter) : abandoned(counter) {}
        void finish(Result &&value) {
            {
                const std::lock_guard lock(mutex);
                if (isAbandoned)
                    abandoned.remove();
                else
                    result = std::move(value);
                finished = true;
            }
            done.wake();
        }
        void abandon() {
            std::optional<Result> unwanted;
            const std::lock_guard lock(mutex);
            unwanted.swap(result);
            if (!started || finished)
                return;
            isAbandoned = true;
            abandoned.add();
        }

        AbandonedCalls &abandoned;
        Waker done;
        std::mutex mutex;
        std::optional<Result> result;
        bool finished = false;
        bool isAbandoned = false;
        /// The caller's alone.
        bool started = false;
    };

    const std::shared_ptr<Shared> shared_;
};

} // namespace rtcroom::embedded
