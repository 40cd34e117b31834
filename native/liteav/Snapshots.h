#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/Error.h"

namespace rtcroom::liteav {

/// Snapshots that were asked of the SDK and have not come, in order. On the SDK thread only.
class Snapshots {
  public:
    static constexpr std::chrono::milliseconds patience{5000};
    static constexpr size_t maxWaiting = 32;
    /// Told of each one's end, before its completion.
    using Report = std::function<void(const std::string &path, const std::optional<engine::Error> &error)>;

    explicit Snapshots(Report report) : report_(std::move(report)) {}

    /// Runs `ask`, which asks the SDK for the picture or throws, and queues the snapshot; what was refused, also
    /// because too many wait, ends at once. True when it is queued: call expire() after `patience`.
    bool take(const std::string &path, engine::Completion done, const std::function<void()> &ask);
    /// The oldest one has its picture: packed BGRA; empty is the SDK's failure. Nobody waiting is nothing.
    void complete(const std::vector<uint8_t> &bgra, int width, int height);
    /// What is older than `patience` fails.
    void expire();
    void abort(const std::string &reason);

  private:
    struct Waiting {
        std::string path;
        engine::Completion done;
        std::chrono::steady_clock::time_point since;
    };
    std::optional<Waiting> takeOldest();
    void end(const std::string &path, engine::Completion done, std::optional<engine::Error> error);

    const Report report_;
    std::deque<Waiting> waiting_;
};

/// A callback's picture, checked: empty when it is null or its size does not fit its length.
std::vector<uint8_t> copyPicture(const char *bgra, int length, int width, int height);

} // namespace rtcroom::liteav
