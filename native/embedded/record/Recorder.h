#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "embedded/record/RecordFile.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

/// Records a stream's units as they come, not re-encoded, on a thread of its own, into one file or several: a next file
/// begins at a key frame when the slice is long enough, or when the stream has become something that the file cannot
/// hold (picture size, sound format, a kind that was not there). `a.mp4` is followed by `a-2.mp4`, `a-3.mp4` …
class Recorder {
  public:
    /// Waiting for the disk; more means that the disk is too slow for the stream.
    static constexpr size_t maxQueuedBytes = 64 * 1024 * 1024;
    /// Finish::Quick makes a plain MP4 of files up to this size only (some 20 ms of copying).
    static constexpr int64_t quickPlainBytes = 16 * 1024 * 1024;
    static constexpr int64_t progressMs = 1000;

    enum class Finish {
        /// A plain MP4, however long it takes.
        Plain,
        /// A long file stays fragmented, with an index.
        Quick,
    };
    struct Options {
        std::string path;
        /// 0: one file, unless the stream changes.
        int64_t sliceSeconds = 0;
    };
    /// On the recorder's thread.
    struct Callbacks {
        /// A file is complete, or ended by an error, which ends the recording: then what was written is kept.
        std::function<void(const std::string &path, const std::optional<engine::Error> &)> onFile;
        /// Every second of what is recorded.
        std::function<void(const std::string &path, int64_t durationMs)> onProgress{};
    };

    /// Opens the file; throws EngineException RecordFailed.
    Recorder(Options options, Callbacks callbacks);
    /// Finish::Quick, errors are only told to onFile.
    ~Recorder();
    Recorder(const Recorder &) = delete;
    Recorder &operator=(const Recorder &) = delete;

    /// Never blocks for the disk.
    void push(EncodedPacket packet);
    void discontinuity();
    /// Writes what is queued, completes the file and joins. Throws RecordFailed when that failed or nothing was there
    /// to record (the empty file is removed then). onFile comes before it returns.
    void finish(Finish how);
    /// It ended by itself; onFile was or is being called.
    bool failed() const { return failed_; }

  private:
    struct Item {
        bool discontinuity = false;
        EncodedPacket packet;
    };
    /// A next file is due, and sound from before its first picture may still come.
    struct Seam {
        int64_t atMs = 0;
        std::deque<EncodedPacket> packets;
    };

    void run();
    void enqueue(Item item);
    void handle(const Item &item);
    void handleUnit(const EncodedPacket &unit);
    bool sliceIsFull(const EncodedPacket &unit) const;
    void waitAtSeam(const EncodedPacket &packet);
    void nextFile();
    std::unique_ptr<RecordFile> openNext();
    void completeFile(Finish how);
    void reportProgress();
    void failWith(const engine::Error &error);

    const Options options_;
    const Callbacks callbacks_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Item> queue_;
    size_t queuedBytes_ = 0;
    bool overrun_ = false;
    std::optional<Finish> finishing_;
    std::atomic<bool> failed_{false};

    // Of the recorder's thread.
    std::unique_ptr<RecordFile> file_;
    int fileNumber_ = 1;
    std::optional<Seam> seam_;
    /// What a next file needs to know first.
    std::optional<EncodedPacket> videoConfig_;
    std::optional<EncodedPacket> audioConfig_;
    int64_t toldMs_ = 0;
    std::optional<engine::Error> finishError_;

    std::thread thread_;
};

/// Up to a day; throws EngineException InvalidArgument.
int64_t checkedSliceSeconds(uint64_t seconds);

} // namespace rtcroom::embedded
