#include "embedded/effects/Beauty.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "embedded/capture/I420Frame.h"
#include "embedded/effects/videoBuffer.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;
using engine::requireRange;

namespace {

using Style = BeautyLevels::Style;

/// Of the blur's box, in pixels of a picture that is 720 high. A Gaussian one would take twice the time.
double radius(const BeautyLevels &levels) {
    switch (levels.style) {
    case Style::Nature:
        return 1 + 0.2 * levels.beauty;
    case Style::Blur:
        return 1 + 0.8 * levels.beauty;
    default:
        return 2 + 0.35 * levels.beauty;
    }
}

/// By how much a pixel's luma may change: skin's texture is below it, a face's features are above.
int largestChange(const BeautyLevels &levels) {
    return levels.style == Style::Nature ? 2 + levels.beauty : 4 + 2 * levels.beauty;
}

} // namespace

BeautyLevels checkedBeauty(int style, int beauty, int whiteness) {
    requireRange("the beauty style", style, 0, 2);
    requireRange("the beauty level", beauty, 0, 9);
    requireRange("the whiteness level", whiteness, 0, 9);
    const BeautyLevels levels{static_cast<Style>(style), beauty, whiteness};
    if (!levels.off())
        requireFilters({"split", "avgblur", "maskedclamp", "lutyuv"});
    return levels;
}

const AVFrame *Beauty::apply(const AVFrame &picture, const BeautyLevels &levels) {
    if (levels.off()) {
        graph_.reset();
        return &picture;
    }
    const engine::Size size{picture.width, picture.height};
    if (!graph_ || size != size_ || levels != levels_)
        open(size, levels);
    feedPicture(*graph_, source_, picture, pictures_++, *input_);
    if (!graph_->take(sink_, *output_))
        throw EngineException(ErrorCode::Internal, "FFmpeg's filters kept a picture back");
    return output_.get();
}

void Beauty::open(engine::Size size, const BeautyLevels &levels) {
    if (!input_) {
        input_ = makeEmptyFrame();
        output_ = makeEmptyFrame();
    }
    graph_.reset();
    auto graph = std::make_unique<FilterGraph>();
    source_ = graph->add("buffer", videoBufferOptions(size, AV_PIX_FMT_YUV420P));
    AVFilterContext *last = source_;
    if (levels.beauty > 0) {
        const double scaled = radius(levels) * std::min(size.width, size.height) / 720;
        const long pixels = std::max(1L, std::lround(scaled));
        AVFilterContext *blur = graph->add("avgblur", "planes=1:sizeX=" + std::to_string(pixels));
        if (levels.style == Style::Blur) {
            graph->chain({last, blur});
            last = blur;
        } else {
            const std::string change = std::to_string(largestChange(levels));
            AVFilterContext *split = graph->add("split", "3");
            AVFilterContext *clamp =
                graph->add("maskedclamp", "planes=1:undershoot=" + change + ":overshoot=" + change);
            graph->chain({last, split, blur, clamp});
            graph->link(split, 1, clamp, 1);
            graph->link(split, 2, clamp, 2);
            last = clamp;
        }
    }
    if (levels.whiteness > 0) {
        AVFilterContext *curve =
            graph->add("lutyuv", "y=gammaval(" + std::to_string(1 - 0.045 * levels.whiteness) + ")");
        graph->chain({last, curve});
        last = curve;
    }
    sink_ = graph->add("buffersink");
    graph->chain({last, sink_});
    graph->configure();
    graph_ = std::move(graph);
    size_ = size;
    levels_ = levels;
    pictures_ = 0;
}

} // namespace rtcroom::embedded
