#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "embedded/capture/AudioSource.h"
#include "embedded/capture/MediaInput.h"
#include "embedded/capture/VideoSource.h"
#include "embedded/media/Resampler.h"
#include "embedded/media/SoundBuffer.h"

namespace rtcroom::embedded {

/// A file that plays in real time: one thread reads and decodes a little ahead, for its pictures and its sound. Its
/// time begins with the first setRunning(true) and stands still while it is not running. In a loop both kinds share the
/// length of a lap, so that they do not drift apart.
class MediaFile {
  public:
    /// Opens the file for its pictures or its sound and blocks until the first of it is decoded; throws as MediaInput
    /// does, and NotMedia when the file has none. `abort` ends it, and belongs to the file afterwards.
    MediaFile(std::string path, bool loop, MediaKind kind, int sampleRate, int channels,
              std::shared_ptr<std::atomic<bool>> abort);
    ~MediaFile();
    MediaFile(const MediaFile &) = delete;
    MediaFile &operator=(const MediaFile &) = delete;

    const std::string &path() const { return path_; }
    /// Of its sound.
    int channels() const { return static_cast<int>(channels_); }
    bool has(MediaKind kind) const { return input_.has(kind); }
    bool inUse(MediaKind kind) const;
    /// Decodes that kind or lets it go by.
    void use(MediaKind kind, bool used);
    void setLoop(bool loop);
    void setRunning(bool running);
    void onArrival(std::function<void()> arrived);

    /// Picture: `current` was replaced by the newest one due at `clockUs`, which belongs to `currentUs`; Nothing: there
    /// is no newer one.
    CaptureResult pictureAt(int64_t clockUs, int64_t toleranceUs, FramePtr &current, int64_t &currentUs);
    ReadResult soundAt(int64_t startUs, std::span<float> out, bool final);

  private:
    struct Lane {
        // Reader's own (and the constructor's).
        std::deque<PacketPtr> packets;
        size_t packetBytes = 0;
        bool draining = false;
        /// Where the next frame without a time of its own belongs, and the end of the lap so far; µs in the lap.
        int64_t endUs = 0;
        uint64_t framesInLap = 0;
        // Under mutex_.
        bool used = false;
        /// In use since the lap's beginning; one that joined late may find no key frame in it.
        bool wholeLap = true;
        bool lapDone = false;
        bool ended = false;
        int64_t endedAtUs = 0;
    };
    struct TimedPicture {
        FramePtr frame;
        int64_t fileUs = 0;
    };

    Lane &lane(MediaKind kind) { return lanes_[kind == MediaKind::Video ? 0 : 1]; }
    const Lane &lane(MediaKind kind) const { return lanes_[kind == MediaKind::Video ? 0 : 1]; }
    void prime(MediaKind kind);
    void readLoop();
    bool wants(MediaKind kind) const;
    void dropStale();
    /// One step towards the next frame of that kind; mutex_ is not held.
    void step(MediaKind kind);
    void readPacket();
    void deliverPicture();
    void deliverSound();
    /// Whether sound that begins so long after the end of the sound before it belongs there.
    bool isBelieved(int64_t stepUs);
    void finishLap(MediaKind kind);
    bool lapOver() const;
    void nextLap();
    void notifyArrival();
    int64_t fileTime(int64_t clockUs) const;
    int64_t toSample(int64_t fileUs) const;

    const std::string path_;
    const int sampleRate_;
    const size_t channels_;
    const std::shared_ptr<std::atomic<bool>> abort_;
    MediaInput input_;
    FramePtr decoded_;
    Resampler resampler_;
    bool inputEnded_ = false;
    /// Of sound, in a row, that follow each other by their times; a file's first ones are taken to.
    int steadyFrames_ = std::numeric_limits<int>::max();
    int64_t lapStartUs_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable wanted_;
    std::array<Lane, 2> lanes_;
    std::deque<TimedPicture> pictures_;
    SoundBuffer sound_;
    bool loop_;
    bool running_ = false;
    bool begun_ = false;
    /// Clock time of the file's beginning, and when time stopped last.
    int64_t originUs_ = 0;
    int64_t haltedUs_ = 0;

    std::mutex arrivalMutex_;
    std::function<void()> arrived_;
    std::thread reader_;
};

} // namespace rtcroom::embedded
