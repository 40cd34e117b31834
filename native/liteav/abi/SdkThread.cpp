#include "liteav/abi/SdkThread.h"

#include <utility>

namespace rtcroom::liteav {

using engine::EngineException;
using engine::Error;
using engine::ErrorCode;

namespace {

EngineException tooMuchWaits() {
    return {ErrorCode::Timeout, "the LiteAV SDK does not answer: too many calls wait for it; close the object"};
}

} // namespace

std::optional<Error> errorOf(const std::function<void()> &work) {
    try {
        work();
        return std::nullopt;
    } catch (const EngineException &failure) {
        return failure.error();
    } catch (const std::exception &failure) {
        return Error{ErrorCode::Internal, failure.what()};
    }
}

struct SdkThread::Answer {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    /// The caller went on without it.
    bool left = false;
    std::optional<Error> error;
};

void SdkThread::post(Task task) {
    post(std::move(task), [] {});
}

void SdkThread::post(Task task, Task after) {
    pending_.fetch_add(1);
    thread_.post([this, task = std::move(task), after = std::move(after)] {
        task();
        // Before the caller is woken: its next call finds the thread idle.
        pending_.fetch_sub(1);
        after();
    });
}

bool SdkThread::offer(Task task) {
    if (pending_.load() >= maxPending)
        return false;
    post(std::move(task));
    return true;
}

bool SdkThread::wait(Answer &answer, std::chrono::milliseconds patience) {
    std::unique_lock lock(answer.mutex);
    if (!answer.changed.wait_for(lock, patience, [&] { return answer.done; })) {
        answer.left = true;
        return false;
    }
    if (answer.error)
        throw EngineException(*answer.error);
    return true;
}

void SdkThread::set(Task work, std::function<void(const Error &)> refused) {
    const auto answer = std::make_shared<Answer>();
    const bool waiting = idle();
    answer->left = !waiting;
    if (pending() >= maxPending)
        throw tooMuchWaits();
    post([answer, work = std::move(work)] { answer->error = errorOf(work); },
         [answer, refused = std::move(refused)] {
             std::unique_lock lock(answer->mutex);
             answer->done = true;
             const bool left = answer->left;
             lock.unlock();
             answer->changed.notify_all();
             if (left && answer->error)
                 refused(*answer->error);
         });
    if (waiting)
        wait(*answer, settingPatience);
}

void SdkThread::ask(Task work) {
    const auto answer = std::make_shared<Answer>();
    if (pending() >= maxPending)
        throw tooMuchWaits();
    post([answer, work = std::move(work)] { answer->error = errorOf(work); },
         [answer] {
             {
                 const std::lock_guard lock(answer->mutex);
                 answer->done = true;
             }
             answer->changed.notify_all();
         });
    if (!wait(*answer, answerPatience))
        throw EngineException(ErrorCode::Timeout, "the LiteAV SDK did not answer within 5 s; try again, or close the "
                                                  "object");
}

} // namespace rtcroom::liteav
