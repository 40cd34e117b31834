#include "embedded/PushQuality.h"

#include <algorithm>
#include <string>

#include "embedded/media/Codecs.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;
using engine::requireRange;

namespace {

void requireBitrate(const char *what, int kbps) { requireRange(what, kbps, 20, 50000); }

/// From the highest bitrate to the lowest, where the application sets no lowest.
constexpr int DEFAULT_RANGE = 4;

} // namespace

PushQuality::PushQuality(PushPipeline &pipeline, PushQos &qos, const engine::PusherOptions &options)
    : pipeline_(pipeline), qos_(qos), codec_(codecOf(options.videoCodec)), audioKbps_(options.audioBitrateKbps) {
    configureQos();
}

void PushQuality::setPreset(engine::VideoQualityPreset preset, engine::VideoRatio ratio) {
    const engine::QualityParams params = engine::qualityParams(preset, ratio);
    VideoSettings settings = pipeline_.videoSettings();
    settings.width = params.size.width;
    settings.height = params.size.height;
    settings.bitrateKbps = params.bitrateKbps;
    {
        const std::lock_guard lock(mutex_);
        strategy_ = params.strategy;
        minBitrateKbps_ = params.minBitrateKbps;
        maxBitrateKbps_ = params.maxBitrateKbps;
    }
    setVideo(settings);
}

void PushQuality::setResolution(int txeVideoResolution) {
    const engine::Size size = engine::resolutionSize(txeVideoResolution);
    VideoSettings settings = pipeline_.videoSettings();
    settings.width = size.width;
    settings.height = size.height;
    setVideo(settings);
}

void PushQuality::setFps(int fps) {
    requireRange("fps", fps, 1, 60);
    VideoSettings settings = pipeline_.videoSettings();
    settings.fps = fps;
    setVideo(settings);
}

void PushQuality::setBitrate(int kbps) {
    requireBitrate("video bitrate in kbps", kbps);
    {
        // A preset's bounds, perhaps, which the application never saw.
        const std::lock_guard lock(mutex_);
        if (maxBitrateKbps_ > 0)
            maxBitrateKbps_ = std::max(maxBitrateKbps_, kbps);
        if (minBitrateKbps_ > 0)
            minBitrateKbps_ = std::min(minBitrateKbps_, kbps);
    }
    VideoSettings settings = pipeline_.videoSettings();
    settings.bitrateKbps = kbps;
    setVideo(settings);
}

void PushQuality::setBitrateMin(int kbps) {
    requireBitrate("lowest video bitrate in kbps", kbps);
    {
        const std::lock_guard lock(mutex_);
        minBitrateKbps_ = kbps;
    }
    configureQos();
}

void PushQuality::setBitrateMax(int kbps) {
    requireBitrate("highest video bitrate in kbps", kbps);
    {
        const std::lock_guard lock(mutex_);
        maxBitrateKbps_ = kbps;
    }
    configureQos();
}

void PushQuality::setStrategy(engine::AutoAdjustStrategy strategy) {
    using enum engine::AutoAdjustStrategy;
    if (strategy != None && strategy != LivePush && strategy != LivePushResolution && strategy != RealtimeVideoChat)
        throw EngineException(ErrorCode::InvalidArgument,
                              "no strategy has the value " + std::to_string(static_cast<int>(strategy)));
    {
        const std::lock_guard lock(mutex_);
        strategy_ = strategy;
    }
    configureQos();
}

void PushQuality::setHardware(bool enable) {
    if (enable && hardwareEncoderNames(codec_).empty())
        throw EngineException(ErrorCode::Unsupported, "AV1 is encoded in software only; leave videoCodec out, or use "
                                                      "'h265'");
    VideoSettings settings = pipeline_.videoSettings();
    settings.hardware = enable;
    pipeline_.setVideoSettings(settings);
}

void PushQuality::setVideo(const VideoSettings &settings) {
    pipeline_.setVideoSettings(settings);
    configureQos();
}

void PushQuality::configureQos() {
    const VideoSettings video = pipeline_.videoSettings();
    PushQos::Settings settings{.size = {video.width, video.height},
                               .fps = video.fps,
                               .bitrateKbps = video.bitrateKbps,
                               .audioKbps = audioKbps_};
    {
        const std::lock_guard lock(mutex_);
        settings.strategy = strategy_;
        settings.maxBitrateKbps = maxBitrateKbps_ > 0 ? maxBitrateKbps_ : video.bitrateKbps;
        settings.minBitrateKbps = minBitrateKbps_ > 0 ? minBitrateKbps_ : settings.maxBitrateKbps / DEFAULT_RANGE;
    }
    qos_.configure(settings);
}

} // namespace rtcroom::embedded
