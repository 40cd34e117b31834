#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

#include "engine/Error.h"
#include "liteav/abi/SdkThread.h"

namespace rtcroom::liteav {

/// The application's own frames on their way to the SDK's thread. No caller waits: when too many do, the oldest is
/// dropped.
class FrameQueue {
  public:
    static constexpr size_t maxWaiting = 8;
    /// Told on the thread of what the SDK refuses: of the first frame, and of the next after one that it took.
    using Refused = std::function<void(const char *method, const engine::Error &error)>;

    FrameQueue(SdkThread &thread, Refused refused) : thread_(thread), refused_(std::move(refused)) {}

    /// From any thread. `method` is a literal. Throws Timeout when the SDK hangs.
    void push(const char *method, std::function<void()> send);

  private:
    struct Frame {
        const char *method;
        std::function<void()> send;
    };
    void sendOldest();

    SdkThread &thread_;
    const Refused refused_;
    std::mutex mutex_;
    /// Each has its turn on the thread.
    std::deque<Frame> frames_;
    bool refusing_ = false;
};

} // namespace rtcroom::liteav
