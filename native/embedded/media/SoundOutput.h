#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>

#include "embedded/media/ffmpeg.h"
#include "engine/Frame.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// PCM for the application, at the rate and of the channels that it asked for, without a seam where the stream changes
/// its own. Set from any thread, passed on one.
class SoundOutput {
  public:
    using Sink = std::function<void(engine::AudioFrame)>;

    /// Options that are checked.
    void set(bool wanted, const engine::OutputAudioOptions &options);
    bool wanted() const { return wanted_; }
    /// A frame that is as it is asked for goes on as it is. Throws EngineException InvalidArgument for one that cannot
    /// be converted.
    void pass(engine::AudioFrame frame, const Sink &sink);

  private:
    struct Form {
        int sampleRate = 0;
        int channels = 0;
        bool operator==(const Form &) const = default;
    };
    void open(Form from, Form to);
    /// Hands out what `samples` give; without input what is still inside.
    void convert(const uint8_t *data, int samples, int64_t decodedAtUs, const Sink &sink);

    std::atomic<bool> wanted_{false};
    std::mutex mutex_;
    engine::OutputAudioOptions options_;

    // Of the thread that passes.
    SwrPtr swr_;
    Form from_;
    Form to_;
    /// Stream time behind the last sample that went in, µs.
    int64_t endUs_ = 0;
    engine::FramePool pool_{16};
};

} // namespace rtcroom::embedded
