#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "engine/Error.h"
#include "engine/TaskThread.h"

namespace rtcroom::embedded {

struct RepairResult {
    /// False: it was a plain MP4 already and was not touched.
    bool repaired = false;
    int64_t durationMs = 0;
    /// Of a unit (or its header) that was not written as a whole and is left out.
    int64_t lostBytes = 0;
};

/// Makes a recording that a killed process left, a fragmented MP4 whose end may be torn, a plain one with its index in
/// front. All whole units are kept. It is replaced when the new file is complete and on the disk, and is as it was
/// after an error. Temporary files that were left of it are removed. `onProgress` is told the part that is done, 0 to
/// 1; false ends it.
///
/// Throws EngineException: InvalidArgument for a path that can be none, FileOpenFailed when it cannot be read,
/// InvalidState while it is written, NotMedia when it is no recording or nothing was recorded, RecordFailed when the
/// new file cannot be written, Aborted.
RepairResult repairRecording(const std::string &path, const std::function<bool(double done)> &onProgress = {});

/// One repair on a thread of its own.
class RecordingRepair {
  public:
    RecordingRepair();
    /// Ends the repair and waits for that.
    ~RecordingRepair() { cancelled_ = true; }

    /// Once; a second call ends in InvalidState.
    void start(const std::string &path, engine::Completion done);
    bool running() const { return running_; }
    int progressPercent() const { return progressPercent_; }
    // Of the result.
    bool repaired() const;
    uint64_t durationMs() const;
    uint64_t lostBytes() const;
    /// Ends the repair, which then completes with Aborted, or as it did.
    void close(engine::Completion done);

  private:
    RepairResult result() const;

    std::atomic<bool> started_{false};
    std::atomic<bool> running_{false};
    std::atomic<bool> cancelled_{false};
    std::atomic<int> progressPercent_{0};
    mutable std::mutex mutex_;
    RepairResult result_;
    /// Last, so that its thread ends first.
    engine::TaskThread thread_;
};

} // namespace rtcroom::embedded
