#pragma once

#include <cstdint>
#include <optional>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// Tells players when a picture was taken, on this machine's wall clock: with the first picture, and then with one
/// every half second, some 40 bytes each. Of one thread.
class PictureClock {
  public:
    void attachTo(EncodedPacket &picture);

  private:
    std::optional<int64_t> lastUs_;
};

} // namespace rtcroom::embedded
