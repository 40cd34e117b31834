#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// Texts on their way into the stream: all that wait travel with the next picture.
class PendingMessages {
  public:
    static constexpr size_t maxWaiting = 32;

    /// Throws InvalidState when too many wait already.
    void add(const std::string &text);
    void clear();
    /// Puts them before a coded picture.
    void attachTo(EncodedPacket &picture);

  private:
    std::mutex mutex_;
    std::vector<Bytes> waiting_;
};

} // namespace rtcroom::embedded
