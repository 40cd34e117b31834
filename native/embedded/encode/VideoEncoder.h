#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "embedded/encode/HardwareInput.h"
#include "embedded/encode/PushPipeline.h"
#include "embedded/media/EncodedPacket.h"
#include "embedded/media/ffmpeg.h"

namespace rtcroom::embedded {

/// Video with no delay: one picture in, one packet out, by the first that opens of hardwareEncoderNames(), when the
/// settings want that, and of encoderNames(). No B-frames, no look-ahead; H.264 is constrained baseline.
class VideoEncoder {
  public:
    using Sink = std::function<void(EncodedPacket)>;

    /// Throws EngineException(EncodeFailed) with what to install when there is no encoder.
    explicit VideoEncoder(const VideoSettings &settings);

    /// FFmpeg's name of the encoder.
    const std::string &name() const { return name_; }
    bool onHardware() const { return hardware_; }
    /// The configuration, as a packet.
    EncodedPacket config(int64_t dtsMs) const;
    /// `kbps` in real time while `pace` pictures come a second, which may be fewer than the frame rate that it was
    /// opened with. With x264 from the next picture on, without a key frame; with others from the next key frame on,
    /// and a large change at once with a key frame of its own.
    void setBitrate(int kbps, int pace);
    /// `picture` has the encoder's size and is only read. Throws EngineException(EncodeFailed).
    void encode(const AVFrame &picture, int64_t dtsMs, bool keyFrame, const Sink &sink);

  private:
    bool tryOpen(const char *name);
    bool open(const char *name);
    /// What a first picture begins with; the encoder has to be opened again after it. Empty when it fails.
    Bytes probeHeader();
    void applyBitrate();
    void followBitrate(bool keyFrame);
    EncodedPacket toPacket(int64_t dtsMs) const;

    VideoSettings settings_; // as opened
    CodecPtr codec_;
    std::string name_;
    bool hardware_ = false;
    HardwareInput hardwareInput_;
    FramePtr input_;
    PacketPtr output_;
    int wantedKbps_;
    /// Opened with settings_.bitrateKbps and this.
    int pace_;
    int wantedPace_;
    std::shared_ptr<const Bytes> config_;
    /// What an encoder that was opened again has of its own; goes in front of its key frames.
    Bytes inBandConfig_;
    /// Times of the pictures inside, oldest first.
    std::deque<int64_t> pending_;
    int64_t pictures_ = 0;
};

} // namespace rtcroom::embedded
