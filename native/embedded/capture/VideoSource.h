#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "embedded/media/ffmpeg.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

enum class CaptureResult {
    Picture,
    /// No picture yet.
    Nothing,
    /// The last picture was already given; it is given again.
    Ended,
};

struct CapturedPicture {
    /// I420 of the asked size; valid until the next capture() and not to be written to.
    const AVFrame *frame = nullptr;
    /// µs of clockMicros().
    int64_t captureUs = 0;
};

/// Where pictures come from. capture() is called by one thread, the rest by the pipeline's control thread.
class VideoSource {
  public:
    virtual ~VideoSource() = default;

    /// Time runs for the source only while it is running (a file keeps its position meanwhile).
    virtual void setRunning(bool) {}
    /// Whether it is shown before it is pushed; a file's time begins with the push.
    virtual bool previewsAlone() const { return true; }
    /// True when pictures arrive by themselves (see onArrival) rather than being taken at the frame rate.
    virtual bool arrivesByItself() const { return false; }
    /// `arrived` is called, on any thread, when a picture came in. Set before use, empty to end it.
    virtual void onArrival(std::function<void()>) {}

    /// The picture for the moment `dueUs`, scaled to `size`. Never waits. `repeat` asks a source whose pictures arrive
    /// by themselves for the last one again.
    virtual CaptureResult capture(int64_t dueUs, int64_t framePeriodUs, engine::Size size, bool repeat,
                                  CapturedPicture &out) = 0;
    /// Pictures that came in and were replaced before they were taken, since the last call.
    virtual uint64_t takeDropped() { return 0; }
};

} // namespace rtcroom::embedded
