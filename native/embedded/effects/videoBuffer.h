#pragma once

#include <string>

#include "embedded/media/FilterGraph.h"
#include "engine/Error.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// Of FFmpeg's filter "buffer", for pictures of that kind; their times count them.
inline std::string videoBufferOptions(engine::Size size, int format) {
    return "video_size=" + std::to_string(size.width) + "x" + std::to_string(size.height) +
           ":pix_fmt=" + std::to_string(format) + ":time_base=1/1000:pixel_aspect=1/1";
}

/// Feeds a reference to `picture`, by way of `spare`.
inline void feedPicture(FilterGraph &graph, AVFilterContext *source, const AVFrame &picture, int64_t count,
                        AVFrame &spare) {
    av_frame_unref(&spare);
    if (av_frame_ref(&spare, &picture) < 0)
        throw engine::EngineException(engine::ErrorCode::Internal, "no memory for a picture");
    spare.pts = count;
    // Square pixels, as the source was told: a file's own would have the graph made anew.
    spare.sample_aspect_ratio = {1, 1};
    graph.feed(source, &spare);
}

} // namespace rtcroom::embedded
