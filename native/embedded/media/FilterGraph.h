#pragma once

#include <initializer_list>
#include <memory>
#include <string>

#include "embedded/media/Filters.h"

namespace rtcroom::embedded {

/// A graph of FFmpeg's filters that works on the thread that feeds it. Its methods throw EngineException(Internal) with
/// what the filter did not do.
class FilterGraph {
  public:
    FilterGraph();

    AVFilterContext *add(const char *filter, const std::string &options = {});
    /// The first output of each to the first input of the next.
    void chain(std::initializer_list<AVFilterContext *> contexts);
    void link(AVFilterContext *from, unsigned output, AVFilterContext *to, unsigned input);
    void configure();

    /// Takes what `frame` holds; null ends the source.
    void feed(AVFilterContext *source, AVFrame *frame);
    /// False when there is nothing, or nothing more.
    bool take(AVFilterContext *sink, AVFrame &frame);

  private:
    struct Deleter {
        void operator()(AVFilterGraph *p) const;
    };

    std::unique_ptr<AVFilterGraph, Deleter> graph_;
};

/// Throws EngineException(Unsupported) with what to install when the machine lacks libavfilter or one of these.
void requireFilters(std::initializer_list<const char *> names);

} // namespace rtcroom::embedded
