#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace rtcroom::embedded {

enum class ReadResult {
    Ready,
    /// A part is missing that may still come.
    NotYet,
    /// The source has come to its end; the buffer is silent.
    Ended,
};

/// Where sound comes from: interleaved float at the pipeline's rate and channel count, addressed by time, so that no
/// source can drift from the clock. read() is called by one thread, the rest by the pipeline's control thread.
class AudioSource {
  public:
    virtual ~AudioSource() = default;

    virtual void setRunning(bool) {}
    /// `arrived` is called, on any thread, when sound came in. Set before use, empty to end it.
    virtual void onArrival(std::function<void()>) {}
    /// How long to wait for a missing part before it counts as silence, µs.
    virtual int64_t patienceUs() const { return 0; }

    /// Fills `out` with the sound that begins at `startUs` of clockMicros(). Never waits. With `final`, what is missing
    /// is silent and the result is not NotYet.
    virtual ReadResult read(int64_t startUs, std::span<float> out, bool final) = 0;
};

} // namespace rtcroom::embedded
