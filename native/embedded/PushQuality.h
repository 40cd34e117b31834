#pragma once

#include <mutex>

#include "embedded/encode/PushPipeline.h"
#include "embedded/qos/PushQos.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// What the application asks of a push's pictures: size, frame rate, bitrate with its bounds, and what may give way on
/// a bad network. Tells the pipeline and QoS whatever changes. From any thread; throws InvalidArgument for a value that
/// is out of range, and then all stays as it was.
class PushQuality {
  public:
    /// Tells QoS what the pipeline begins with. Both outlive this.
    PushQuality(PushPipeline &pipeline, PushQos &qos, const engine::PusherOptions &options);

    void setPreset(engine::VideoQualityPreset preset, engine::VideoRatio ratio);
    /// Of the SDK's TXE_VIDEO_RESOLUTION_….
    void setResolution(int txeVideoResolution);
    void setFps(int fps);
    void setBitrate(int kbps);
    /// Bounds of what QoS chooses.
    void setBitrateMin(int kbps);
    void setBitrateMax(int kbps);
    void setStrategy(engine::AutoAdjustStrategy strategy);
    /// Throws Unsupported for a codec that no hardware encodes.
    void setHardware(bool enable);

  private:
    void setVideo(const VideoSettings &settings);
    void configureQos();

    PushPipeline &pipeline_;
    PushQos &qos_;
    const CodecId codec_;
    const int audioKbps_;

    std::mutex mutex_;
    engine::AutoAdjustStrategy strategy_ = engine::AutoAdjustStrategy::None;
    /// 0: not set.
    int minBitrateKbps_ = 0;
    int maxBitrateKbps_ = 0;
};

} // namespace rtcroom::embedded
