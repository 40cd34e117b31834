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

    /// Throws SnapshotFailed when too many wait.
    void add(std::string path, engine::Completion done);
    /// The oldest one has its picture: packed BGRA; empty is the SDK's failure. Nobody waiting is nothing.
    void complete(const std::vector<uint8_t> &bgra, int width, int height);
    /// What is older than `patience` fails.
    void expire();
    void abort(const std::string &reason);
    /// Ends one that never was in the queue.
    void end(const std::string &path, engine::Completion done, std::optional<engine::Error> error);

  private:
    struct Waiting {
        std::string path;
        engine::Completion done;
        std::chrono::steady_clock::time_point since;
    };
    std::optional<Waiting> takeOldest();

    const Report report_;
    std::deque<Waiting> waiting_;
};

/// A callback's picture, checked: empty when it is null or its size does not fit its length.
std::vector<uint8_t> copyPicture(const char *bgra, int length, int width, int height);

/// Largest side of a picture or frame that is believed, px.
inline constexpr int MAX_SIDE = 16384;

} // namespace rtcroom::liteav
