#pragma once

#include <atomic>

#include "embedded/net/Deadline.h"
#include "embedded/net/NetworkPath.h"
#include "embedded/net/Waker.h"

namespace rtcroom::embedded {

/// How a session's run() is stopped from other threads, and how it hears of them that the network changed: every wait
/// of it goes through here.
class Interrupt {
  public:
    void stop() noexcept {
        stopped_.store(true);
        waker_.wake();
    }
    /// Begins anew, and forgets the path.
    void reset() {
        stopped_.store(false);
        path_ = {};
    }
    bool stopped() const noexcept { return stopped_.load(); }
    /// Ends a wait without stopping.
    void wake() noexcept { waker_.wake(); }
    /// The network changed: run() looks after its connection. From any thread.
    void noteNetworkChange() noexcept {
        networkChanged_.store(true);
        waker_.wake();
    }
    bool takeNetworkChange() noexcept { return networkChanged_.exchange(false); }
    /// run()'s thread only, and whoever knows that there is no run().
    NetworkPath &path() noexcept { return path_; }
    SocketHandle fd() const { return waker_.fd(); }
    void drain() noexcept { waker_.drain(); }
    /// Throws SessionFailure(Stopped) after stop().
    void throwIfStopped() const;

    struct Ready {
        bool readable = false;
        bool writable = false;
        bool woken = false;
    };
    /// Waits for a socket, a wake or the deadline; throws SessionFailure: Stopped after stop(), NetworkChanged when the
    /// path's connection is lost by a change of the network. A socket in error counts as readable and writable, so that
    /// the next call on it tells the cause.
    Ready wait(SocketHandle socket, bool wantRead, bool wantWrite, const Deadline &deadline);

  private:
    void checkPath();

    std::atomic<bool> stopped_{false};
    std::atomic<bool> networkChanged_{false};
    NetworkPath path_;
    Waker waker_;
};

} // namespace rtcroom::embedded
