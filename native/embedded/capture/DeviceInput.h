#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "embedded/media/ffmpeg.h"

namespace rtcroom::embedded {

/// Pictures of a camera or a screen. Used by one thread at a time.
class DeviceInput {
  public:
    enum class Reading {
        Picture,
        /// None has come yet; of a window also while it is minimised.
        Nothing,
        /// It was unplugged or closed, and gives nothing any more; see whyGone().
        Gone,
    };
    virtual ~DeviceInput() = default;

    /// The next picture and when it was taken, µs of clockMicros(). Never waits for one.
    virtual Reading read(AVFrame &picture, int64_t &captureUs) = 0;
    /// Lets a picture go by that nobody looks at; Picture is one that went by.
    virtual Reading skip() = 0;
    /// True when a picture is there whenever it is asked for (a screen), false when they come at the device's own pace.
    virtual bool onDemand() const = 0;
    /// With its remedy, after Gone.
    virtual std::string whyGone() const = 0;
};

/// A device as libavdevice finds it.
struct DeviceAddress {
    /// Of libavdevice: "v4l2", "x11grab" …
    std::string format;
    std::string url;
    std::vector<std::pair<std::string, std::string>> options{};
    /// As messages call it.
    std::string name;
    bool onDemand = false;
};

/// A device of libavdevice with its decoder.
class AvDevice final : public DeviceInput {
  public:
    /// Blocks on the device. Throws EngineException: DeviceNotFound, DeviceOccupied, DeviceFailed, Aborted (by
    /// `abort`), Unsupported (FFmpeg was built without this kind).
    AvDevice(const DeviceAddress &address, std::shared_ptr<std::atomic<bool>> abort);
    ~AvDevice() override;
    AvDevice(const AvDevice &) = delete;
    AvDevice &operator=(const AvDevice &) = delete;

    Reading read(AVFrame &picture, int64_t &captureUs) override;
    Reading skip() override;
    bool onDemand() const override { return onDemand_; }
    std::string whyGone() const override;

  private:
    struct FormatDeleter {
        void operator()(AVFormatContext *p) const { avformat_close_input(&p); }
    };

    static int interrupted(void *abort);
    Reading readPacket();
    int64_t ageUs(int64_t pts) const;

    const std::string name_;
    const bool onDemand_;
    const std::shared_ptr<std::atomic<bool>> abort_;
    std::unique_ptr<AVFormatContext, FormatDeleter> format_;
    int stream_ = -1;
    CodecPtr decoder_;
    PacketPtr packet_;
    int failed_ = 0;
};

} // namespace rtcroom::embedded
