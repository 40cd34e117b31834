#pragma once

#include <functional>
#include <memory>

#include "embedded/media/FilterGraph.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

/// Makes 16-bit PCM faster and keeps its pitch (FFmpeg's atempo). Timestamps stay those of the stream. Errors are
/// EngineException Internal.
class SoundStretcher {
  public:
    using Sink = std::function<void(engine::AudioFrame)>;

    /// What the filter holds back at 48 kHz, ms.
    static constexpr double latencyMs = 45;

    /// `tempo` holds from the first sound until finish().
    void push(const engine::AudioFrame &sound, double tempo, const Sink &sink);
    /// Gives out what is held back.
    void finish(const Sink &sink);
    /// Forgets what is held back.
    void reset() { graph_.reset(); }
    bool active() const { return graph_ != nullptr; }

  private:
    void open(const engine::AudioFrame &sound, double tempo);
    void drain(const Sink &sink);

    std::unique_ptr<FilterGraph> graph_;
    AVFilterContext *source_ = nullptr;
    AVFilterContext *output_ = nullptr;
    FramePtr frame_{av_frame_alloc()};
    double tempo_ = 1;
    int sampleRate_ = 0;
    int channels_ = 0;
    /// In the stream's time, ms.
    double nextTimestampMs_ = 0;
    int64_t fed_ = 0;
    engine::FramePool pool_{16};
};

} // namespace rtcroom::embedded
