#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "embedded/capture/EncodedVideoSource.h"
#include "embedded/encode/LookedAtPictures.h"
#include "embedded/encode/PushPipeline.h"

namespace rtcroom::embedded {

/// The way of pictures that come encoded: they go out as they are, from a key frame on. What the network has no room
/// for is left out where nothing is damaged by it: a picture that no other refers to by itself, else all up to the next
/// key frame. pass() and begin() are of one thread.
class EncodedRelay {
  public:
    enum class Result {
        Sent,
        /// Before the first key frame, or after a loss.
        Dropped,
        /// The network had no room.
        Skipped,
        /// Nothing is pushed or recorded.
        Idle,
    };

    EncodedRelay(const PushPipeline::Callbacks &callbacks, LookedAtPictures::Hooks lookers);

    /// Something else went out before, or nothing: the configuration is told again, with the next key frame.
    void begin();
    Result pass(const EncodedPicture &picture, int64_t dtsMs, bool encoding);
    /// Asks the application for a key frame; not again while it has not had the time to make one. From any thread.
    void wantKeyFrame();
    /// Of the pictures that go out; 0 × 0 before the first. From any thread.
    engine::Size size() const { return size_; }

  private:
    void look(const EncodedPicture &picture, const EncodedPacket &packet);
    void send(const EncodedPicture &picture, EncodedPacket packet);

    const PushPipeline::Callbacks &callbacks_;
    LookedAtPictures lookedAt_;
    bool awaitsKeyFrame_ = true;
    /// What went out, and what the watchers' decoder has.
    std::shared_ptr<const Bytes> sentConfig_;
    std::shared_ptr<const Bytes> seenConfig_;
    std::atomic<engine::Size> size_{engine::Size{}};
    /// µs of clockMicros(); 0: a key frame came since.
    std::atomic<int64_t> wantedAtUs_{0};
};

} // namespace rtcroom::embedded
