#pragma once

#include <atomic>

#include "embedded/playout/PlayPipeline.h"

namespace rtcroom::embedded {

/// What has arrived, before it waits: bytes and the distance of key frames.
class ReceivedStream {
  public:
    void restart() { lastKeyDtsMs_ = INT64_MIN; }
    void note(const EncodedPacket &packet);
    void report(PlayPipeline::Stats &stats) const;

  private:
    std::atomic<int64_t> lastKeyDtsMs_{INT64_MIN};
    std::atomic<int64_t> gopMs_{0};
    std::atomic<uint64_t> videoBytes_{0};
    std::atomic<uint64_t> audioBytes_{0};
};

} // namespace rtcroom::embedded
