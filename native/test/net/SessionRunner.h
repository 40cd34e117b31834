#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <vector>

#include "embedded/publish/RtmpPublishSession.h"
#include "embedded/receive/PlaySession.h"
#include "test/net/TestPackets.h"

namespace rtcroom::test {

constexpr std::chrono::seconds patience{20};

/// Things that happened, to be waited for.
class Flags {
  public:
    void raise(const std::string &name) {
        const std::lock_guard lock(mutex_);
        raised_.push_back(name);
        changed_.notify_all();
    }
    int count(const std::string &name) const {
        const std::lock_guard lock(mutex_);
        return static_cast<int>(std::ranges::count(raised_, name));
    }
    bool await(const std::string &name, int times = 1) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return std::ranges::count(raised_, name) >= times; });
    }
    std::vector<std::string> all() const {
        const std::lock_guard lock(mutex_);
        return raised_;
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> raised_;
};

/// A session with its run() on a thread.
template <typename Session> class Runner {
  public:
    void start(const std::string &url) {
        result_ = std::async(std::launch::async, [this, url] { return session().run(url); });
    }
    /// The result of run(); fails the test when it does not end.
    SessionResult finish() {
        if (result_.wait_for(patience) != std::future_status::ready)
            throw std::runtime_error("the session did not end");
        return result_.get();
    }
    void stop() {
        session().stop();
        if (result_.valid())
            result_.get();
    }
    virtual Session &session() = 0;

    Flags flags;

  protected:
    // Derived classes stop() in theirs: the session has to be there.
    ~Runner() = default;
    std::future<SessionResult> result_;
};

inline engine::NetworkOptions quick(int connectTimeoutMs = 20000, int dataTimeoutMs = 20000) {
    engine::NetworkOptions options;
    options.connectTimeoutMs = connectTimeoutMs;
    options.dataTimeoutMs = dataTimeoutMs;
    return options;
}

class Publisher final : public Runner<RtmpPublishSession> {
  public:
    explicit Publisher(const engine::NetworkOptions &options = quick())
        : session_({[this] { flags.raise("connected"); }, [this] { flags.raise("begun"); }}, options) {
        session_.onKeyFrameWanted([this] { flags.raise("key"); });
    }
    ~Publisher() { stop(); }
    RtmpPublishSession &session() override { return session_; }

  private:
    RtmpPublishSession session_;
};

class Player final : public Runner<PlaySession> {
  public:
    explicit Player(const engine::NetworkOptions &options = quick())
        : session_({[this] { flags.raise("connected"); }, [this] { flags.raise("begun"); },
                    [this](EncodedPacket packet) {
                        {
                            const std::lock_guard lock(mutex_);
                            packets_.push_back(std::move(packet));
                        }
                        flags.raise("packet");
                    }},
                   options) {}
    ~Player() { stop(); }
    PlaySession &session() override { return session_; }
    std::vector<EncodedPacket> packets() const {
        const std::lock_guard lock(mutex_);
        return packets_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<EncodedPacket> packets_;
    PlaySession session_;
};

} // namespace rtcroom::test
