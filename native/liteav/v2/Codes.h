#pragma once

#include <string>

#include "engine/Error.h"
#include "engine/Event.h"
#include "engine/Options.h"
#include "engine/Status.h"
#include "liteav/v2/Types.h"

// The current generation's numbers as the contract's.
namespace rtcroom::liteav::v2 {

/// A return code or an onError as an error; `what` is the call's name.
engine::Error sdkError(engine::Side side, int code, const std::string &what);
/// Throws sdkError unless `code` is 0.
void check(engine::Side side, int code, const char *what);
/// The same of snapshot(): SnapshotFailed with the contract's number.
void checkSnapshot(int code);

/// The event for a code that ends a push or playback.
int finalEvent(engine::Side side, int code);
/// The event for an onWarning's code.
int warningEvent(engine::Side side, int code);

engine::Status statusOf(const PusherStatistics &statistics, uint32_t targetKbps);
engine::Status statusOf(const PlayerStatistics &statistics);

/// What the older generations' settings mean in VideoEncoderParam.
class EncoderSettings {
  public:
    /// Throws InvalidArgument for what the contract does not know.
    void setPreset(engine::VideoQualityPreset preset, engine::VideoRatio ratio);
    void setResolution(int txeVideoResolution);
    void setFps(int fps);
    void setBitrate(int kbps);
    void setMinBitrate(int kbps);
    void setMaxBitrate(int kbps);
    void setStrategy(engine::AutoAdjustStrategy strategy);

    VideoEncoderParam param() const;
    /// The JSON of the property setVideoQualityEx for a size that the enum lacks (4:3 above 640×480), else empty.
    std::string exactSize() const;

  private:
    engine::Size size_{640, 360};
    /// The SDK's default.
    int fps_ = 15;
    /// 0 leaves it to the SDK.
    int kbps_ = 0;
    int minKbps_ = 0;
    int maxKbps_ = 0;
    engine::AutoAdjustStrategy strategy_ = engine::AutoAdjustStrategy::LivePush;
};

} // namespace rtcroom::liteav::v2
