#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "embedded/playout/JitterBuffer.h"

namespace rtcroom::embedded {

/// The jitter buffer between the network's thread and the two that decode, on the steady clock.
class PlayoutFeed {
  public:
    /// Called without a lock held: the first two on a decoder's thread, the others on the network's.
    struct Callbacks {
        /// Nothing is left to play; once, until onPlaying.
        std::function<void()> onDry{};
        /// The first unit after that is about to be played.
        std::function<void()> onPlaying{};
        /// Pictures are missing, or time has jumped.
        std::function<void(const std::string &reason)> onVideoDiscontinuity{};
        /// Nothing came for that long although it was sent.
        std::function<void(int64_t ms)> onReceiveLag{};
    };
    struct Stats {
        int videoUnits = 0;
        int audioUnits = 0;
        /// Pictures that are due and have not been taken.
        int videoDue = 0;
        /// Coded units that were left out, of pictures and of sound.
        uint64_t videoDropped = 0;
        uint64_t audioDropped = 0;
        double delayMs = 0;
    };

    explicit PlayoutFeed(Callbacks callbacks) : callbacks_(std::move(callbacks)) {}

    void configure(const PlayoutSettings &settings);
    /// See PlayoutClock::setSoundLead.
    void setSoundLead(double ms);
    void open();
    /// Empties the buffer and ends what waits.
    void close();
    bool closed() const;
    /// Never blocks.
    void push(EncodedPacket packet);
    /// Hands out a mark before the next picture, due at once.
    void noteWatcher();
    void discontinuity();
    void setPaused(bool paused);
    /// Waits until the next unit is due, or `leadMs` less; none once closed.
    std::optional<PacketQueue::Entry> pop(MediaKind kind, double leadMs = 0);
    /// Waits until that time of the stream is due, for `mostMs` at most. False once closed.
    bool waitUntilDue(MediaKind kind, double mediaMs, double mostMs);
    /// See PlayoutClock::rate.
    double rate();
    /// Nothing was left to play, and nothing has been since.
    bool dry() const;
    /// Without the wait for what may still come; false when something waits to be played.
    bool noteDryIfEmpty();
    Stats stats();

  private:
    static double now();
    /// Tells that the buffer has run dry, or returns after the wait.
    void await(std::unique_lock<std::mutex> &lock, std::condition_variable &filled, std::optional<double> waitMs);
    std::condition_variable &filled(MediaKind kind) { return kind == MediaKind::Video ? videoFilled_ : audioFilled_; }
    void tell(const JitterBuffer::Pushed &pushed);

    const Callbacks callbacks_;
    mutable std::mutex mutex_;
    std::condition_variable videoFilled_;
    std::condition_variable audioFilled_;
    JitterBuffer buffer_;
    bool open_ = false;
    bool watcherCame_ = false;
    std::atomic<uint64_t> videoDropped_{0};
    std::atomic<uint64_t> audioDropped_{0};
};

} // namespace rtcroom::embedded
