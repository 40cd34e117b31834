#pragma once

#include <chrono>

#include "embedded/CpuMeter.h"
#include "embedded/encode/PushPipeline.h"
#include "embedded/publish/RtmpPublishSession.h"
#include "embedded/qos/PushQos.h"
#include "engine/Status.h"

namespace rtcroom::embedded {

/// The status reports of a push: what its parts count, as rates since the report before. Control thread only.
class PushStatus {
  public:
    /// All outlive this.
    PushStatus(const PushPipeline &pipeline, const RtmpPublishSession &session, const PushQos &qos)
        : pipeline_(pipeline), session_(session), qos_(qos) {}

    /// The first report's rates begin now.
    void begin() { last_ = sample(); }
    engine::Status report();

  private:
    struct Sample {
        PushPipeline::Stats pipeline;
        NetStats net;
        std::chrono::steady_clock::time_point at;
    };

    Sample sample() const { return {pipeline_.stats(), session_.stats(), std::chrono::steady_clock::now()}; }

    const PushPipeline &pipeline_;
    const RtmpPublishSession &session_;
    const PushQos &qos_;
    CpuMeter cpu_;
    Sample last_;
};

} // namespace rtcroom::embedded
