#include "embedded/media/FilterGraph.h"

#include <new>

#include "engine/Error.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

void check(int result, const AVFilterContext *filter, const char *what) {
    if (result >= 0)
        return;
    const std::string name = filter ? std::string(" ") + filter->filter->name : std::string("s");
    throw EngineException(ErrorCode::Internal,
                          "FFmpeg's filter" + name + " " + what + " (" + avErrorText(result) + ")");
}

std::string missing(const char *name) {
    return std::string("FFmpeg was built without the filter ") + name + "; install a build that has it";
}

} // namespace

void FilterGraph::Deleter::operator()(AVFilterGraph *p) const { filters().avfilter_graph_free(&p); }

FilterGraph::FilterGraph() : graph_(filters().avfilter_graph_alloc()) {
    if (!graph_)
        throw std::bad_alloc();
    graph_->nb_threads = 1;
}

AVFilterContext *FilterGraph::add(const char *filter, const std::string &options) {
    const AVFilter *found = filters().avfilter_get_by_name(filter);
    if (!found)
        throw EngineException(ErrorCode::Internal, missing(filter));
    AVFilterContext *made = nullptr;
    const int result =
        filters().avfilter_graph_create_filter(&made, found, nullptr, options.c_str(), nullptr, graph_.get());
    if (result < 0)
        throw EngineException(ErrorCode::Internal, std::string("FFmpeg's filter ") + filter + " cannot be made (" +
                                                       avErrorText(result) + ")");
    return made;
}

void FilterGraph::chain(std::initializer_list<AVFilterContext *> contexts) {
    AVFilterContext *before = nullptr;
    for (AVFilterContext *context : contexts) {
        if (before)
            link(before, 0, context, 0);
        before = context;
    }
}

void FilterGraph::link(AVFilterContext *from, unsigned output, AVFilterContext *to, unsigned input) {
    check(filters().avfilter_link(from, output, to, input), from, "cannot be linked");
}

void FilterGraph::configure() {
    check(filters().avfilter_graph_config(graph_.get(), nullptr), nullptr, "cannot be configured");
}

void FilterGraph::feed(AVFilterContext *source, AVFrame *frame) {
    check(filters().av_buffersrc_add_frame(source, frame), source, "takes nothing");
}

bool FilterGraph::take(AVFilterContext *sink, AVFrame &frame) {
    av_frame_unref(&frame);
    const int result = filters().av_buffersink_get_frame(sink, &frame);
    if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
        return false;
    check(result, sink, "gives nothing");
    return true;
}

void requireFilters(std::initializer_list<const char *> names) {
    try {
        for (const char *name : names)
            if (!filters().avfilter_get_by_name(name))
                throw EngineException(ErrorCode::Unsupported, missing(name));
    } catch (const EngineException &error) {
        throw EngineException(ErrorCode::Unsupported, error.error().message);
    }
}

} // namespace rtcroom::embedded
