#include "embedded/effects/Watermark.h"

#include <algorithm>
#include <cmath>

#include "embedded/capture/I420Frame.h"
#include "embedded/capture/MediaInput.h"
#include "embedded/capture/StillPicture.h"
#include "embedded/effects/videoBuffer.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

/// Longer side to shorter: what is beyond is no watermark but a mistake, and would be scaled to any height.
constexpr int MAX_SHAPE = 16;

void requirePart(const char *what, double value, bool zero) {
    if (!(value >= 0 && value <= 1) || (!zero && value == 0))
        throw EngineException(ErrorCode::InvalidArgument,
                              std::string("the watermark's ") + what + " must be a part of the picture's, " +
                                  (zero ? "0 to 1" : "more than 0 and up to 1") + ", not " + std::to_string(value));
}

int even(double value, int min) { return std::max(min, static_cast<int>(std::lround(value)) & ~1); }

} // namespace

void checkWatermark(double x, double y, double width) {
    requirePart("x", x, true);
    requirePart("y", y, true);
    requirePart("scale", width, false);
    requireFilters({"scale", "overlay"});
}

std::shared_ptr<const Watermark> readWatermark(const std::string &path, double x, double y, double width,
                                               const std::atomic<bool> &abort) {
    auto watermark = std::make_shared<Watermark>(Watermark{readStillPicture(path, abort), x, y, width});
    const AVFrame &picture = *watermark->picture;
    if (std::max(picture.width, picture.height) > MAX_SHAPE * std::min(picture.width, picture.height))
        throw EngineException(ErrorCode::InvalidArgument, shownName(path) + " is " + std::to_string(picture.width) +
                                                              "x" + std::to_string(picture.height) +
                                                              "; a watermark may be 16 times as long as it is wide");
    return watermark;
}

const AVFrame *WatermarkPainter::paint(const AVFrame &picture, const std::shared_ptr<const Watermark> &watermark) {
    if (!watermark) {
        graph_.reset();
        watermark_.reset();
        return &picture;
    }
    const engine::Size size{picture.width, picture.height};
    if (!graph_ || size != size_ || watermark != watermark_)
        open(size, watermark);
    feedPicture(*graph_, source_, picture, pictures_++, *input_);
    if (!graph_->take(sink_, *output_))
        throw EngineException(ErrorCode::Internal, "FFmpeg's filter overlay kept a picture back");
    return output_.get();
}

void WatermarkPainter::open(engine::Size size, const std::shared_ptr<const Watermark> &watermark) {
    if (!input_) {
        input_ = makeEmptyFrame();
        output_ = makeEmptyFrame();
    }
    graph_.reset();
    const AVFrame &mark = *watermark->picture;
    const engine::Size whole{mark.width, mark.height};
    const int width = even(watermark->width * size.width, 2);
    const int height = even(static_cast<double>(width) * whole.height / whole.width, 2);
    auto graph = std::make_unique<FilterGraph>();
    source_ = graph->add("buffer", videoBufferOptions(size, AV_PIX_FMT_YUV420P));
    AVFilterContext *marks = graph->add("buffer", videoBufferOptions(whole, mark.format));
    AVFilterContext *scale = graph->add("scale", std::to_string(width) + ":" + std::to_string(height));
    // The transparent picture's format is what overlay asks for; "repeat": one picture of it for all of the others.
    AVFilterContext *overlay =
        graph->add("overlay", "eof_action=repeat:x=" + std::to_string(even(watermark->x * size.width, 0)) +
                                  ":y=" + std::to_string(even(watermark->y * size.height, 0)));
    sink_ = graph->add("buffersink");
    graph->link(source_, 0, overlay, 0);
    graph->chain({marks, scale});
    graph->link(scale, 0, overlay, 1);
    graph->chain({overlay, sink_});
    graph->configure();
    feedPicture(*graph, marks, mark, 0, *input_);
    graph->feed(marks, nullptr);
    graph_ = std::move(graph);
    size_ = size;
    watermark_ = watermark;
    pictures_ = 0;
}

} // namespace rtcroom::embedded
