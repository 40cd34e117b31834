#include "embedded/media/SnapshotWorker.h"

#include <new>
#include <utility>

namespace rtcroom::embedded {

namespace {

using engine::EngineException;
using engine::Error;
using engine::ErrorCode;
using namespace snapshotCode;

} // namespace

SnapshotWorker::SnapshotWorker(Reasons reasons, std::chrono::milliseconds freshness)
    : reasons_(std::move(reasons)), freshness_(freshness) {}

SnapshotWorker::~SnapshotWorker() {
    setRunning(false);
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable())
        thread_.join();
}

void SnapshotWorker::setRunning(bool running) {
    std::unique_lock lock(mutex_);
    running_ = running;
    if (running)
        return;
    if (last_)
        av_frame_unref(last_.get());
    for (Request &request : waiting_) {
        request.refusal = Error{ErrorCode::Aborted, reasons_.ended, failed};
        ready_.push_back(std::move(request));
    }
    waiting_.clear();
    changed_.notify_all();
    idle_.wait(lock, [this] { return ready_.empty() && !serving_; });
}

bool SnapshotWorker::waits() const {
    const std::lock_guard lock(mutex_);
    return !waiting_.empty();
}

void SnapshotWorker::forgetLast() {
    const std::lock_guard lock(mutex_);
    if (last_)
        av_frame_unref(last_.get());
}

void SnapshotWorker::offer(AVFrame &frame) {
    const std::lock_guard lock(mutex_);
    if (!running_ || !last_)
        return;
    av_frame_unref(last_.get());
    av_frame_move_ref(last_.get(), &frame);
    lastAt_ = Clock::now();
    if (waiting_.empty())
        return;
    for (Request &request : waiting_) {
        request.picture.reset(av_frame_clone(last_.get()));
        ready_.push_back(std::move(request));
    }
    waiting_.clear();
    changed_.notify_all();
}

void SnapshotWorker::take(const std::string &path, engine::Completion done) {
    const std::lock_guard lock(mutex_);
    Request request{path, std::move(done), Clock::now() + patience, std::nullopt, nullptr};
    try {
        // No more than the ending: what is on the disk waits for the worker, this has the decoder's lock.
        checkPictureEnding(path);
    } catch (const EngineException &error) {
        request.refusal = error.error();
    }
    if (request.refusal) {
        ready_.push_back(std::move(request));
    } else if (!running_) {
        request.refusal = snapshotError(notPlaying, reasons_.notRunning);
        ready_.push_back(std::move(request));
    } else if (waiting_.size() + ready_.size() >= maxWaiting) {
        request.refusal = snapshotError(failed, "Too many snapshots wait for a picture; wait for their results");
        ready_.push_back(std::move(request));
    } else if (last_ && last_->width > 0 && freshness_.count() > 0 && Clock::now() - lastAt_ <= freshness_) {
        request.picture.reset(av_frame_clone(last_.get()));
        ready_.push_back(std::move(request));
    } else {
        waiting_.push_back(std::move(request));
    }
    if (!thread_.joinable())
        thread_ = std::thread([this] { run(); });
    changed_.notify_all();
}

void SnapshotWorker::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        // One patience for all: the oldest waits in front.
        if (!waiting_.empty() && Clock::now() >= waiting_.front().deadline) {
            waiting_.front().refusal = snapshotError(failed, reasons_.noPicture);
            ready_.push_back(std::move(waiting_.front()));
            waiting_.pop_front();
        }
        if (!ready_.empty()) {
            Request request = std::move(ready_.front());
            ready_.pop_front();
            serving_ = true;
            lock.unlock();
            serve(std::move(request));
            lock.lock();
            serving_ = false;
            continue;
        }
        idle_.notify_all();
        if (ending_)
            return;
        if (waiting_.empty())
            changed_.wait(lock);
        else
            changed_.wait_until(lock, waiting_.front().deadline);
    }
}

void SnapshotWorker::serve(Request request) {
    std::optional<Error> result = std::move(request.refusal);
    if (!result) {
        try {
            if (!request.picture)
                throw std::bad_alloc();
            writePicture(*request.picture, request.path);
        } catch (const EngineException &error) {
            result = error.error();
        } catch (const std::exception &error) {
            result = snapshotError(failed, std::string("The snapshot failed: ") + error.what());
        }
    }
    request.done(std::move(result));
}

} // namespace rtcroom::embedded
