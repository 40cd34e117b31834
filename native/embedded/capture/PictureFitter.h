#pragma once

#include "embedded/media/ffmpeg.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// Scales a picture of any format into I420 of a given size, keeping its aspect (with black bars).
class PictureFitter {
  public:
    /// `source` itself when it is I420 of that size already, else a picture that is valid until the next call. Throws
    /// EngineException(DecodeFailed) when the format cannot be converted.
    const AVFrame *fit(const AVFrame &source, engine::Size size);

  private:
    struct Geometry {
        int width = 0;
        int height = 0;
        int format = AV_PIX_FMT_NONE;
        AVRational aspect{0, 1};
        bool fullRange = false;
        int colorspace = 0;
        engine::Size target;
        bool operator==(const Geometry &other) const;
    };

    void configure(const Geometry &geometry);

    Geometry geometry_;
    SwsPtr sws_;
    FramePtr frame_;
    /// Where the picture lies within frame_.
    int left_ = 0;
    int top_ = 0;
};

} // namespace rtcroom::embedded
