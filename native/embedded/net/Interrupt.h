#pragma once

#include <atomic>

#include "embedded/net/Deadline.h"
#include "embedded/net/Waker.h"

namespace rtcroom::embedded {

/// How a session's run() is stopped from other threads: every wait of it goes through here.
class Interrupt {
  public:
    void stop() noexcept {
        stopped_.store(true);
        waker_.wake();
    }
    void reset() noexcept { stopped_.store(false); }
    bool stopped() const noexcept { return stopped_.load(); }
    /// Ends a wait without stopping.
    void wake() noexcept { waker_.wake(); }
    SocketHandle fd() const { return waker_.fd(); }
    void drain() noexcept { waker_.drain(); }
    /// Throws SessionFailure(Stopped) after stop().
    void throwIfStopped() const;

    struct Ready {
        bool readable = false;
        bool writable = false;
        bool woken = false;
    };
    /// Waits for a socket, a wake or the deadline; throws SessionFailure(Stopped) after stop(). A socket in error
    /// counts as readable and writable, so that the next call on it tells the cause.
    Ready wait(SocketHandle socket, bool wantRead, bool wantWrite, const Deadline &deadline);

  private:
    std::atomic<bool> stopped_{false};
    Waker waker_;
};

} // namespace rtcroom::embedded
