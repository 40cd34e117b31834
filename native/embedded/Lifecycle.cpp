#include "embedded/Lifecycle.h"

#include <utility>

namespace rtcroom::embedded {

using engine::Completion;
using engine::EngineException;
using engine::Error;
using engine::ErrorCode;

void Lifecycle::throwIfClosed(const Lock &) const {
    if (closed_)
        throw EngineException(ErrorCode::Closed, words_.object + " is closed");
}

void Lifecycle::throwIfClosed() const { throwIfClosed(Lock(mutex_)); }

void Lifecycle::runOnControl(Work work, Completion done) {
    throwIfClosed();
    control_.post([this, work = std::move(work), done = std::move(done)] {
        std::optional<Error> error = attempt(work);
        if (done)
            done(std::move(error));
    });
}

std::optional<Error> Lifecycle::attempt(const Work &work) const {
    try {
        throwIfClosed();
        work();
        return std::nullopt;
    } catch (const EngineException &failure) {
        if (failure.error().code == ErrorCode::Closed)
            return Error{ErrorCode::Aborted, words_.object + " was closed first"};
        return failure.error();
    } catch (const std::exception &failure) {
        return Error{ErrorCode::Internal, failure.what()};
    }
}

uint64_t Lifecycle::begin(Completion done, const Work &prepare) {
    const Lock lock(mutex_);
    throwIfClosed(lock);
    if (running_)
        throw EngineException(ErrorCode::InvalidState, words_.busy);
    prepare();
    running_ = true;
    startDone_ = std::move(done);
    return ++run_;
}

void Lifecycle::end(const Work &work) {
    {
        const Lock lock(mutex_);
        throwIfClosed(lock);
        running_ = false;
        work();
    }
    settle(Error{ErrorCode::Aborted, "the " + words_.run + " was stopped before it began"});
}

void Lifecycle::giveUp() {
    const Lock lock(mutex_);
    running_ = false;
}

Completion Lifecycle::giveUpPending(uint64_t run) {
    const Lock lock(mutex_);
    if (!running_ || run_ != run || !startDone_)
        return {};
    running_ = false;
    return std::exchange(startDone_, {});
}

void Lifecycle::settle(std::optional<Error> error) {
    Completion done;
    {
        const Lock lock(mutex_);
        done = std::exchange(startDone_, {});
    }
    if (done)
        done(std::move(error));
}

bool Lifecycle::running() const {
    const Lock lock(mutex_);
    return running_;
}

bool Lifecycle::whileCurrent(uint64_t run, const Work &work) const {
    const Lock lock(mutex_);
    if (!running_ || run_ != run)
        return false;
    if (work)
        work();
    return true;
}

void Lifecycle::repeat(uint64_t run, std::chrono::milliseconds interval, Work work) {
    control_.postAfter(interval, [this, run, interval, work = std::move(work)]() mutable {
        if (!whileCurrent(run))
            return;
        work();
        repeat(run, interval, std::move(work));
    });
}

void Lifecycle::close(Completion done, const Work &interrupt, Work finish) {
    bool finished = false;
    {
        const Lock lock(mutex_);
        finished = closeFinished_;
        if (!finished) {
            closeDone_.push_back(std::move(done));
            if (std::exchange(closed_, true))
                return;
            running_ = false;
        }
    }
    if (finished) {
        if (done)
            done(std::nullopt);
        return;
    }
    interrupt();
    settle(Error{ErrorCode::Aborted, words_.object + " was closed before the " + words_.run + " began"});
    control_.post([this, finish = std::move(finish)] {
        finish();
        finishClose();
    });
}

void Lifecycle::finishClose() {
    std::vector<Completion> waiting;
    {
        const Lock lock(mutex_);
        closeFinished_ = true;
        waiting = std::move(closeDone_);
    }
    for (const Completion &each : waiting)
        if (each)
            each(std::nullopt);
}

} // namespace rtcroom::embedded
