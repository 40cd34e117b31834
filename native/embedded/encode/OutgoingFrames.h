#pragma once

#include <functional>
#include <span>

#include "embedded/media/PictureOutput.h"
#include "embedded/media/SoundOutput.h"
#include "engine/Frame.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// What is about to be encoded, as packed frames for whoever asked; else it costs nothing. Asked for from any thread,
/// offered on one.
class OutgoingPictures {
  public:
    using Sink = std::function<void(engine::VideoFrame)>;

    explicit OutgoingPictures(Sink sink) : sink_(std::move(sink)) {}
    void set(engine::OutputVideoFormat format, const engine::OutputVideoOptions &options) {
        output_.set(format, options);
    }
    bool wanted() const { return output_.wanted() && sink_; }
    /// Throws EngineException DecodeFailed for a picture that cannot be converted.
    void offer(const AVFrame &picture, int64_t timestampMs, int64_t captureUs);

  private:
    const Sink sink_;
    PictureOutput output_;
};

class OutgoingSound {
  public:
    using Sink = std::function<void(engine::AudioFrame)>;

    explicit OutgoingSound(Sink sink) : sink_(std::move(sink)) {}
    void set(bool wanted, const engine::OutputAudioOptions &options) { output_.set(wanted, options); }
    bool wanted() const { return output_.wanted() && sink_; }
    /// Interleaved, of -1 to 1.
    void offer(std::span<const float> block, int sampleRate, int channels, int64_t timestampMs, int64_t captureUs);
    /// Throws EngineException InvalidArgument for sound that cannot be converted.
    void offer(engine::AudioFrame frame) { output_.pass(std::move(frame), sink_); }

  private:
    const Sink sink_;
    SoundOutput output_;
    engine::FramePool pool_{16};
};

} // namespace rtcroom::embedded
