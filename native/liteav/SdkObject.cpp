#include "liteav/SdkObject.h"

namespace rtcroom::liteav {

using engine::Completion;
using engine::EngineException;
using engine::Error;
using engine::ErrorCode;
using engine::Side;
namespace event = engine::event;

SdkObject::SdkObject(Side side, std::set<std::string> methods, SdkThread &thread,
                     std::function<void(const engine::Event &)> tell)
    : thread_(thread), side_(side), methods_(std::move(methods)), tell_(std::move(tell)) {}

bool SdkObject::closed() const {
    const std::lock_guard lock(closeMutex_);
    return closed_;
}

void SdkObject::require(const char *method) const {
    if (closed())
        throw EngineException(ErrorCode::Closed, side_ == Side::Push ? "the pusher is closed" : "the player is closed");
    if (!methods_.contains(method))
        throw EngineException(ErrorCode::Unsupported,
                              std::string(method) + " is not in this generation of the LiteAV SDK; see capabilities");
}

void SdkObject::abortIfClosed() const {
    if (closed())
        throw EngineException(ErrorCode::Aborted, "the object was closed first");
}

void SdkObject::set(const char *method, std::function<void()> work) {
    require(method);
    const std::string name = method;
    thread_.set(
        [this, work = std::move(work)] {
            abortIfClosed();
            work();
        },
        [this, name](const Error &error) {
            if (error.code != ErrorCode::Aborted)
                tellRefused(name, error);
        });
}

void SdkObject::tellRefused(const std::string &method, const Error &error) {
    emit(side_ == Side::Push ? event::PUSH_WARNING_SETTING_REFUSED : event::PLAY_WARNING_SETTING_REFUSED,
         error.nativeCode, error.message, {{"EVT_DESCRIPTION", method}});
}

void SdkObject::run(const char *method, std::function<void()> work, Completion done) {
    require(method);
    thread_.post([this, work = std::move(work), done = std::move(done)]() mutable {
        end(done, errorOf([&] {
                abortIfClosed();
                work();
            }));
    });
}

void SdkObject::end(Completion &done, std::optional<Error> error) {
    if (const Completion ending = std::exchange(done, {}))
        ending(std::move(error));
}

void SdkObject::emit(int code, int nativeCode, const std::string &message, Params params) {
    {
        const std::lock_guard lock(closeMutex_);
        if (closeFinished_)
            return;
    }
    engine::Event event = engine::makeEvent(side_, code, message, std::move(params));
    if (nativeCode != 0)
        event.nativeCode = nativeCode;
    tell_(event);
}

void SdkObject::emitResult(int code, int result, const std::string &path, const std::optional<Error> &error) {
    emit(code, 0, error ? error->message : std::string(),
         {{"EVT_PARAM1", std::to_string(result)}, {"EVT_PARAM2", path}});
}

bool SdkObject::beginClose(Completion done) {
    {
        const std::lock_guard lock(closeMutex_);
        if (!closeFinished_) {
            closeDone_.push_back(std::move(done));
            return !std::exchange(closed_, true);
        }
    }
    end(done, std::nullopt);
    return false;
}

void SdkObject::finishClose() {
    std::vector<Completion> waiting;
    {
        const std::lock_guard lock(closeMutex_);
        closeFinished_ = true;
        waiting = std::move(closeDone_);
    }
    for (Completion &done : waiting)
        end(done, std::nullopt);
}

} // namespace rtcroom::liteav
