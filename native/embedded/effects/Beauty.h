#pragma once

#include <memory>

#include "embedded/media/FilterGraph.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// Smoother skin and a lighter picture, each 0 (off) to 9.
struct BeautyLevels {
    enum class Style { Smooth, Nature, Blur };
    Style style = Style::Smooth;
    int beauty = 0;
    int whiteness = 0;
    bool off() const { return beauty == 0 && whiteness == 0; }
    bool operator==(const BeautyLevels &) const = default;
};

/// The numbers of setBeautyStyle, checked. Throws EngineException: InvalidArgument, Unsupported (a filter is missing).
BeautyLevels checkedBeauty(int style, int beauty, int whiteness);

/// Applies them to I420 pictures, by FFmpeg's filters: a blur of the luma that changes no pixel by more than the level
/// allows (style Blur: by any amount), so that edges stay, and a gamma curve.
class Beauty {
  public:
    /// `picture` itself when the levels are off, else one that is valid until the next call.
    const AVFrame *apply(const AVFrame &picture, const BeautyLevels &levels);

  private:
    void open(engine::Size size, const BeautyLevels &levels);

    std::unique_ptr<FilterGraph> graph_;
    engine::Size size_;
    BeautyLevels levels_;
    AVFilterContext *source_ = nullptr;
    AVFilterContext *sink_ = nullptr;
    int64_t pictures_ = 0;
    FramePtr input_;
    FramePtr output_;
};

} // namespace rtcroom::embedded
