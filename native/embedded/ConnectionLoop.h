#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "embedded/net/SessionResult.h"
#include "engine/Error.h"
#include "engine/Event.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// Keeps one stream connected: runs a session, and after a network fault runs it again, `connectRetryCount` times in a
/// row at most, `connectRetryIntervalMs` apart (±10 %, so that the members of a room do not come back in one burst), or
/// at once when this machine's network has come to lead to the server by another of its addresses. A refusal or a bad
/// URL is final; a name that our own lost connection may still hold is neither. The same rules hold for pusher and
/// player.
class ConnectionLoop {
  public:
    /// Called on the loop's thread.
    struct Hooks {
        /// One connection; blocks until it ends.
        std::function<SessionResult()> run;
        /// A connection failed or was lost; `retrying` tells whether another try follows.
        std::function<void(const SessionResult &, bool retrying)> onFault;
        /// Right before a further try.
        std::function<void(int attempt)> onRetry;
        /// The loop ended by itself with its last result; not called after stop().
        std::function<void(const SessionResult &)> onGiveUp;
        /// While run() is under way the network changed. On another thread.
        std::function<void()> onNetworkChange{};
        /// Between tries: there is a way to the server that the last run did not try.
        std::function<bool()> hasNewRoute{};
    };

    ConnectionLoop(Hooks hooks, const engine::NetworkOptions &options);
    ~ConnectionLoop();
    ConnectionLoop(const ConnectionLoop &) = delete;
    ConnectionLoop &operator=(const ConnectionLoop &) = delete;

    /// Joins the thread of an earlier run first; that run must be over or stopped.
    void start();
    /// Ends the wait between tries; the caller ends a running session. From any thread.
    void stop();
    /// Joins the thread. After stop() and the session's own stop.
    void join();
    /// The stream works: the count of failed tries in a row begins anew. From any thread.
    void noteProgress();
    /// The count holds for faults from now on, the interval also for a wait between tries that is under way. From any
    /// thread.
    void setRetries(int count, int intervalMs);
    /// What a NetworkWatch calls while the loop runs. From any thread.
    void noteNetworkChange();

  private:
    void loop();
    /// False after stop().
    bool waitBeforeRetry();

    Hooks hooks_;
    std::mutex mutex_;
    int retryCount_;
    int retryIntervalMs_;
    std::condition_variable wake_;
    bool stopped_ = false;
    bool networkChanged_ = false;
    int failures_ = 0;
    std::thread thread_;
};

/// True when the server said no.
bool isRefusal(SessionEnd end);
/// True when trying again cannot help.
bool isFinal(SessionEnd end);
/// The application's error for the end of a session on `side`.
engine::Error sessionError(const SessionResult &result, engine::Side side);
/// The SDK's warning for a network fault, 0 when there is none.
int warningOf(SessionEnd end, engine::Side side);

} // namespace rtcroom::embedded
