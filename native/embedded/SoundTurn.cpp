#include "embedded/SoundTurn.h"

#include <utility>

namespace rtcroom::embedded {

using engine::Completion;
using engine::Error;
using engine::ErrorCode;

namespace {

/// How late an opening may be noticed.
constexpr auto CHECK = std::chrono::milliseconds(10);

} // namespace

void SoundTurn::run(Kind kind, Begin begin, Completion done) {
    tasks_.push_back({.kind = kind, .begin = std::move(begin), .done = std::move(done)});
    advance();
}

void SoundTurn::abort(Kind kind) {
    abortThose([kind](const Task &each) { return each.kind == kind; });
}

void SoundTurn::abortAll() {
    abortThose([](const Task &) { return true; });
}

void SoundTurn::abortThose(const std::function<bool(const Task &)> &which) {
    std::deque<Task> ended;
    for (Task &each : std::exchange(tasks_, {}))
        (which(each) ? ended : tasks_).push_back(std::move(each));
    for (Task &each : ended) {
        if (each.opening.source)
            each.opening.source->giveUp();
        if (each.done)
            each.done(Error{ErrorCode::Aborted, "the device's opening was ended"});
    }
    advance();
}

void SoundTurn::advance() {
    // `then` and `done` may be whoever asks for the next.
    if (std::exchange(advancing_, true))
        return;
    while (!tasks_.empty()) {
        Task &task = tasks_.front();
        bool settled = true;
        std::optional<Error> error = life_.attempt([&] {
            if (!std::exchange(task.begun, true))
                task.opening = task.begin();
            settled = !task.opening.source || task.opening.source->settle();
            if (settled && task.opening.then)
                task.opening.then();
        });
        if (!settled)
            break;
        Completion done = std::move(task.done);
        tasks_.pop_front();
        if (done)
            done(std::move(error));
    }
    advancing_ = false;
    if (tasks_.empty() || std::exchange(checking_, true))
        return;
    control_.postAfter(CHECK, [this] {
        checking_ = false;
        advance();
    });
}

} // namespace rtcroom::embedded
