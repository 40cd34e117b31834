#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// Puts the timestamps of a stream on one time that runs on: over jumps either way, a new connection, a kind that is
/// gained midway. Picture and sound keep their distance where the stream tells it.
class MediaTimeline {
  public:
    struct Point {
        /// ms of the running time.
        double mediaMs = 0;
        /// Since the unit before of its kind; 0 for the first.
        double stepMs = 0;
        bool jumped = false;
    };

    Point map(MediaKind kind, int64_t dtsMs, double nowMs);
    /// A new connection: the next timestamps have nothing to do with those before.
    void restart();

  private:
    struct Track {
        bool seen = false;
        /// Running time less timestamp.
        double shift = 0;
        double lastMediaMs = 0;
        double lastArrivalMs = 0;
        double expected(double nowMs) const { return lastMediaMs + (nowMs - lastArrivalMs); }
    };
    struct Newest {
        double mediaMs;
        double arrivalMs;
    };

    double shiftOfFirst(const Track &other, int64_t dtsMs, double nowMs) const;
    static bool continues(const Track &track, const Track &other, double mediaMs, double nowMs);

    std::array<Track, 2> tracks_;
    std::optional<Newest> newest_;
};

} // namespace rtcroom::embedded
