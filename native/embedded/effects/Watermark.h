#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "embedded/media/FilterGraph.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// A picture with transparency, and where it lies: in parts of the picture that it lies on.
struct Watermark {
    FramePtr picture;
    double x = 0;
    double y = 0;
    /// Its width; the height follows.
    double width = 0;
};

/// Throws EngineException InvalidArgument and Unsupported. Asks no disk.
void checkWatermark(double x, double y, double width);
/// Blocks on the file; throws as readStillPicture does, and InvalidArgument for a shape that no picture has. `abort`
/// ends it.
std::shared_ptr<const Watermark> readWatermark(const std::string &path, double x, double y, double width,
                                               const std::atomic<bool> &abort);

/// Lays it on I420 pictures, by FFmpeg's filter overlay.
class WatermarkPainter {
  public:
    /// `picture` itself without a watermark, else one that is valid until the next call.
    const AVFrame *paint(const AVFrame &picture, const std::shared_ptr<const Watermark> &watermark);

  private:
    void open(engine::Size size, const std::shared_ptr<const Watermark> &watermark);

    std::unique_ptr<FilterGraph> graph_;
    engine::Size size_;
    std::shared_ptr<const Watermark> watermark_;
    AVFilterContext *source_ = nullptr;
    AVFilterContext *sink_ = nullptr;
    int64_t pictures_ = 0;
    FramePtr input_;
    FramePtr output_;
};

} // namespace rtcroom::embedded
