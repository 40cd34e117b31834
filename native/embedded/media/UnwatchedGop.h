#pragma once

#include <vector>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// The pictures that nobody looks at, as they came, from the last key frame on: whoever begins to look gets the present
/// one by decoding these. Bounded; a stream whose key frames are too far apart for it is decoded, looked at or not.
class UnwatchedGop {
  public:
    static constexpr size_t maxUnits = 900;
    static constexpr size_t maxBytes = 16 << 20;

    /// With a key frame.
    void begin(const EncodedPacket &keyFrame) {
        clear();
        keep(keyFrame);
    }
    /// False when it is full.
    bool keep(const EncodedPacket &unit);
    bool active() const { return !units_.empty(); }
    /// In the order in which they came; holds none then.
    std::vector<EncodedPacket> take();
    void clear();

  private:
    std::vector<EncodedPacket> units_;
    size_t bytes_ = 0;
};

} // namespace rtcroom::embedded
