#include "liteav/v2/Recording.h"

#include <utility>

#include "liteav/v2/Types.h"

namespace rtcroom::liteav::v2 {

using engine::Completion;
using engine::EngineException;
using engine::Error;
using engine::ErrorCode;

namespace {

void end(Completion &done, const std::optional<Error> &error) {
    if (const Completion ending = std::exchange(done, {}))
        ending(error);
}

} // namespace

void Recording::start(Completion &done, const char *while_, const std::function<int()> &begin) {
    if (running_)
        throw EngineException(ErrorCode::InvalidState, "already recording; call stopLocalRecord first");
    const int code = begin();
    if (code != code::OK)
        throw EngineException(ErrorCode::RecordFailed,
                              "the LiteAV SDK does not record (code " + std::to_string(code) +
                                  "); it records only while " + while_ + ", to a new .mp4 file",
                              code);
    running_ = true;
    ending_ = false;
    startDone_ = std::exchange(done, {});
    thread_.postAfter(patience_.begin, [this, number = ++number_] {
        if (number != number_ || !startDone_)
            return;
        if (!ending_)
            stop_();
        finish(
            code::FAILED, {},
            Error{ErrorCode::RecordFailed, "the LiteAV SDK did not begin to record in time; try again", code::FAILED});
    });
}

void Recording::stop(Completion &done) {
    if (!running_ || stopDone_)
        throw EngineException(ErrorCode::InvalidState, "no recording runs");
    beginEnd();
    stopDone_ = std::exchange(done, {});
}

void Recording::interrupt() {
    if (running_)
        beginEnd();
}

void Recording::beginEnd() {
    if (ending_)
        return;
    stop_();
    ending_ = true;
    thread_.postAfter(patience_.end, [this, number = number_] {
        if (number == number_)
            complete(code::FAILED, {});
    });
}

void Recording::begun(int code, const std::string &path) {
    if (code != code::OK)
        return complete(code, path);
    end(startDone_, std::nullopt);
}

void Recording::complete(int code, const std::string &path) {
    std::optional<Error> error;
    if (code != code::OK)
        error = Error{ErrorCode::RecordFailed,
                      "the recording failed (the LiteAV SDK's code " + std::to_string(code) +
                          "); choose a new .mp4 file in a folder that may be written to",
                      code};
    finish(code, path, std::move(error));
}

void Recording::finish(int code, const std::string &path, std::optional<Error> error) {
    if (!std::exchange(running_, false))
        return;
    ++number_;
    report_(code, path, error);
    end(startDone_, error ? error : Error{ErrorCode::Aborted, "the recording ended at once"});
    end(stopDone_, error);
}

void Recording::abort(const Error &error) {
    running_ = false;
    ++number_;
    end(startDone_, error);
    end(stopDone_, error);
}

} // namespace rtcroom::liteav::v2
