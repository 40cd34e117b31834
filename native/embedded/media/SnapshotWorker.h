#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "embedded/media/PictureFile.h"
#include "embedded/media/ffmpeg.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

/// Takes snapshots of a running stream on a thread of its own, so that decoding or encoding goes on; it begins with the
/// first one.
class SnapshotWorker {
  public:
    /// The SDK has no bound; more waiting than this is a mistake of the caller.
    static constexpr size_t maxWaiting = 32;
    /// Without a picture for this long a snapshot fails.
    static constexpr std::chrono::milliseconds patience{5000};
    /// What a snapshot that has no picture is told.
    struct Reasons {
        std::string notRunning;
        std::string ended;
        std::string noPicture;
    };

    /// @param freshness how old the last picture may be to be taken at once; 0: the next one is waited for
    SnapshotWorker(Reasons reasons, std::chrono::milliseconds freshness);
    ~SnapshotWorker();
    SnapshotWorker(const SnapshotWorker &) = delete;
    SnapshotWorker &operator=(const SnapshotWorker &) = delete;

    /// While it runs, pictures are offered. Once it does not, those that waited have been told so, and nothing is told
    /// any more.
    void setRunning(bool running);
    /// Whether a snapshot waits for the next picture.
    bool waits() const;
    /// Takes over the frame. Never blocks for long.
    void offer(AVFrame &frame);
    /// The last picture is no longer the present one: the next is waited for.
    void forgetLast();
    /// `done` comes on the worker's thread.
    void take(const std::string &path, engine::Completion done);

  private:
    using Clock = std::chrono::steady_clock;
    struct Request {
        std::string path;
        engine::Completion done;
        Clock::time_point deadline;
        /// Set when the answer is clear without a picture.
        std::optional<engine::Error> refusal;
        FramePtr picture;
    };
    void run();
    static void serve(Request request);

    const Reasons reasons_;
    const std::chrono::milliseconds freshness_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::condition_variable idle_;
    std::deque<Request> ready_;
    std::deque<Request> waiting_;
    FramePtr last_{av_frame_alloc()};
    Clock::time_point lastAt_{};
    bool running_ = false;
    bool serving_ = false;
    bool ending_ = false;
    std::thread thread_;
};

} // namespace rtcroom::embedded
