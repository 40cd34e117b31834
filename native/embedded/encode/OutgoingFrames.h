#pragma once

#include <atomic>
#include <functional>
#include <span>

#include "embedded/media/FrameConverter.h"
#include "engine/Frame.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// What is about to be encoded, as packed frames for whoever asked; else it costs nothing. Asked for from any thread,
/// offered on one.
class OutgoingPictures {
  public:
    using Sink = std::function<void(engine::VideoFrame)>;

    explicit OutgoingPictures(Sink sink) : sink_(std::move(sink)) {}
    void setFormat(engine::OutputVideoFormat format) { format_ = format; }
    bool wanted() const { return format_ != engine::OutputVideoFormat::None && sink_; }
    /// Throws EngineException DecodeFailed for a picture that cannot be converted.
    void offer(const AVFrame &picture, int64_t timestampMs, int64_t captureUs);

  private:
    const Sink sink_;
    std::atomic<engine::OutputVideoFormat> format_{engine::OutputVideoFormat::None};
    FrameConverter converter_;
};

class OutgoingSound {
  public:
    using Sink = std::function<void(engine::AudioFrame)>;

    explicit OutgoingSound(Sink sink) : sink_(std::move(sink)) {}
    void setWanted(bool wanted) { wanted_ = wanted; }
    bool wanted() const { return wanted_ && sink_; }
    /// Interleaved, of -1 to 1.
    void offer(std::span<const float> block, int sampleRate, int channels, int64_t timestampMs, int64_t captureUs);
    void offer(engine::AudioFrame frame) { sink_(std::move(frame)); }

  private:
    const Sink sink_;
    std::atomic<bool> wanted_{false};
    engine::FramePool pool_{16};
};

} // namespace rtcroom::embedded
