#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "embedded/CpuMeter.h"
#include "embedded/playout/PlayPipeline.h"
#include "embedded/receive/PlaySession.h"
#include "engine/Status.h"

namespace rtcroom::embedded {

/// The status reports of a playback: what its parts count, as rates since the report before. Control thread only.
class PlayStatus {
  public:
    /// What is measured where packets arrive; as in ConnectionMedia.
    struct Arrivals {
        double jitterMs = 0;
        std::optional<int64_t> videoAheadMs{};
    };

    /// Both outlive this.
    PlayStatus(const PlayPipeline &pipeline, const PlaySession &session) : pipeline_(pipeline), session_(session) {}

    /// The first report's rates begin now.
    void begin() { last_ = sample(); }
    engine::Status report(const Arrivals &arrivals);

  private:
    struct Sample {
        PlayPipeline::Stats pipeline;
        NetStats net;
        std::chrono::steady_clock::time_point at;
    };

    Sample sample() const { return {pipeline_.stats(), session_.stats(), std::chrono::steady_clock::now()}; }

    const PlayPipeline &pipeline_;
    const PlaySession &session_;
    CpuMeter cpu_;
    Sample last_;
};

} // namespace rtcroom::embedded
