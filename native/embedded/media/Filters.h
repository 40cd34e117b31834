#pragma once

#include "embedded/media/ffmpeg.h"

extern "C" {
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
}

namespace rtcroom::embedded {

#define RTCROOM_FILTER_FUNCTIONS(X)                                                                                    \
    X(av_buffersink_get_frame)                                                                                         \
    X(av_buffersrc_add_frame)                                                                                          \
    X(avfilter_get_by_name)                                                                                            \
    X(avfilter_graph_alloc)                                                                                            \
    X(avfilter_graph_config)                                                                                           \
    X(avfilter_graph_create_filter)                                                                                    \
    X(avfilter_graph_free)                                                                                             \
    X(avfilter_link)

/// The functions of libavfilter that are used. On Linux it is loaded when it is first wanted: it brings some thirty
/// libraries and 11 MB along, for what most playbacks never need.
struct Filters {
#define RTCROOM_FILTER_MEMBER(name) decltype(&::name) name;
    RTCROOM_FILTER_FUNCTIONS(RTCROOM_FILTER_MEMBER)
#undef RTCROOM_FILTER_MEMBER
};

/// From any thread. Throws EngineException(Internal) when the library is not there.
const Filters &filters();

} // namespace rtcroom::embedded
