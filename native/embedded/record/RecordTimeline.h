#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// Turns a stream's times into a recording's: common zero at the first unit, growing within a kind, without holes where
/// the stream's time jumps or the connection was made anew. All times in ms.
class RecordTimeline {
  public:
    /// A larger step back is a new time line of the sender, a smaller one a fault of a unit.
    static constexpr int64_t stepBackMs = 200;
    /// A longer hole is a jump of the sender's clock, a shorter one a pause that the recording keeps.
    static constexpr int64_t jumpAheadMs = 10'000;

    /// Decoding time in the recording; none for a unit from before its zero.
    std::optional<int64_t> map(MediaKind kind, int64_t dtsMs, int64_t durationMs);
    /// The next unit of either kind follows what was written last.
    void discontinuity();

  private:
    struct Track {
        bool synced = false;
        int64_t offset = 0;
        int64_t lastIn = 0;
        int64_t lastOut = -1;
        int64_t end = 0;
    };
    Track &of(MediaKind kind) { return tracks_[kind == MediaKind::Video ? 0 : 1]; }
    void align(Track &track, const Track &other, int64_t dtsMs);

    std::array<Track, 2> tracks_;
};

} // namespace rtcroom::embedded
