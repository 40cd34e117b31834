#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "engine/Error.h"
#include "liteav/abi/SdkThread.h"

namespace rtcroom::liteav::v2 {

/// The recording of a pusher or a player: one at a time, each with an end, whatever the SDK tells. On the SDK thread
/// only.
class Recording {
  public:
    /// How long the SDK may be silent.
    struct Patience {
        /// Until it says that it records: a file begins at a key frame.
        std::chrono::milliseconds begin{15'000};
        /// Until it says that the file is whole.
        std::chrono::milliseconds end = SdkThread::answerPatience;
    };
    /// Told of each one's end, before its completions. `code` is the SDK's.
    using Report = std::function<void(int code, const std::string &path, const std::optional<engine::Error> &error)>;

    /// `stop` is the SDK's call. `thread` runs the timers.
    Recording(SdkThread &thread, std::function<void()> stop, Report report)
        : Recording(thread, std::move(stop), std::move(report), Patience{}) {}
    Recording(SdkThread &thread, std::function<void()> stop, Report report, Patience patience)
        : thread_(thread), stop_(std::move(stop)), report_(std::move(report)), patience_(patience) {}

    /// `begin` asks the SDK and gives its code; `while_` says when the SDK records at all. Throws InvalidState, or
    /// RecordFailed; else `done` ends with the SDK's "begun".
    void start(engine::Completion &done, const char *while_, const std::function<int()> &begin);
    /// Throws InvalidState without a recording; else `done` ends with the recording.
    void stop(engine::Completion &done);
    /// What was recorded has ended: the recording does so as well, with its result.
    void interrupt();
    /// Ends both completions with `error`, and no report.
    void abort(const engine::Error &error);

    // The SDK's callbacks.
    void begun(int code, const std::string &path);
    void complete(int code, const std::string &path);

    bool running() const { return running_; }

  private:
    void beginEnd();
    void finish(int code, const std::string &path, std::optional<engine::Error> error);

    SdkThread &thread_;
    const std::function<void()> stop_;
    const Report report_;
    const Patience patience_;
    bool running_ = false;
    /// The SDK was told to stop.
    bool ending_ = false;
    /// For the timers: of the recording that runs.
    uint64_t number_ = 0;
    engine::Completion startDone_;
    engine::Completion stopDone_;
};

} // namespace rtcroom::liteav::v2
