#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "embedded/media/EncodedPacket.h"
#include "embedded/record/Mp4Writer.h"
#include "embedded/record/RecordTimeline.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

/// Records a stream's units as they come, not re-encoded, on a thread of its own. Begins at a key frame; sound before
/// it is left out. Which tracks the file has is settled then: the other kind's configuration is waited for up to 1 s. A
/// stream that later changes what a file can hold (picture size, sound format, a kind that was not there) ends the
/// recording with RecordFailed; the file stays whole and a new recording may begin.
class Recorder {
  public:
    /// Length of a fragment; what a killed process loses at most, with one picture.
    static constexpr int64_t fragmentMs = 200;
    /// How long the configuration of the other kind is waited for.
    static constexpr int64_t otherKindMs = 1000;
    /// Video was announced but no key frame comes for this long: sound is recorded alone.
    static constexpr std::chrono::milliseconds keyFramePatience{10'000};
    /// Waiting for the disk; more means that the disk is too slow for the stream.
    static constexpr size_t maxQueuedBytes = 64 * 1024 * 1024;
    /// Finish::Quick makes a plain MP4 of files up to this size only (some 20 ms of copying).
    static constexpr int64_t quickPlainBytes = 16 * 1024 * 1024;

    enum class Finish {
        /// A plain MP4, however long it takes.
        Plain,
        /// A long recording stays fragmented, with an index.
        Quick,
    };
    using OnError = std::function<void(const engine::Error &)>;

    /// Opens the file; throws EngineException RecordFailed. `onError` comes once at most, on the recorder's thread.
    Recorder(std::string path, OnError onError);
    /// Finish::Quick, errors swallowed.
    ~Recorder();
    Recorder(const Recorder &) = delete;
    Recorder &operator=(const Recorder &) = delete;

    /// Never blocks for the disk.
    void push(EncodedPacket packet);
    void discontinuity();
    /// Writes what is queued, completes the file and joins. Throws RecordFailed when that failed or nothing was there
    /// to record (the empty file is removed then).
    void finish(Finish how);
    /// It ended by itself; onError was or is being called.
    bool failed() const { return failed_; }
    const std::string &path() const { return path_; }

  private:
    using Clock = std::chrono::steady_clock;
    struct Item {
        bool discontinuity = false;
        EncodedPacket packet;
    };

    void run();
    void enqueue(Item item);
    void handle(Item &item);
    void handleConfig(const EncodedPacket &packet);
    void handleUnit(const EncodedPacket &packet);
    void hold(const EncodedPacket &packet);
    bool readyToBegin() const;
    void begin();
    void write(const EncodedPacket &packet);
    void writeVideo(const EncodedPacket &packet);
    void flushIfDue(int64_t atMs);
    void complete();
    void failWith(const engine::Error &error);
    void keepWhatIsThere();

    const std::string path_;
    const OnError onError_;
    Mp4Writer writer_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Item> queue_;
    size_t queuedBytes_ = 0;
    bool overrun_ = false;
    std::optional<Finish> finishing_;
    std::atomic<bool> failed_{false};

    // Of the recorder's thread.
    std::optional<Bytes> videoConfig_;
    std::optional<Bytes> audioConfig_;
    /// The configuration is not the one before; judged at the next key frame.
    bool configChanged_ = false;
    /// The file's header has the first parameter sets; later ones travel with the key frames.
    Bytes inBandParameterSets_;
    engine::Size pictureSize_;
    /// Units since the first key frame (or sound) while the tracks are not settled.
    std::deque<EncodedPacket> held_;
    size_t heldBytes_ = 0;
    std::optional<Clock::time_point> heldSince_;
    std::optional<Clock::time_point> firstUnitAt_;
    bool awaitKeyFrame_ = true;
    RecordTimeline timeline_;
    int64_t lastVideoMs_ = -1;
    int64_t videoStepMs_ = 40;
    std::optional<int64_t> fragmentStartMs_;
    int64_t lastMs_ = 0;
    std::optional<engine::Error> finishError_;

    std::thread thread_;
};

} // namespace rtcroom::embedded
