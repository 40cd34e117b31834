#include "embedded/playout/SoundStretcher.h"

#include <cmath>
#include <cstring>
#include <new>

#include "embedded/playout/Filters.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

using engine::EngineException;
using engine::ErrorCode;

void check(int result, const char *what) {
    if (result < 0)
        throw EngineException(ErrorCode::Internal,
                              std::string("FFmpeg's filter atempo ") + what + " (" + avErrorText(result) + ")");
}

std::string layoutName(int channels) {
    AVChannelLayout layout{};
    av_channel_layout_default(&layout, channels);
    char text[64] = "";
    av_channel_layout_describe(&layout, text, sizeof text);
    av_channel_layout_uninit(&layout);
    return text;
}

AVFilterContext *add(AVFilterGraph &graph, const char *name, const std::string &options) {
    const AVFilter *filter = filters().avfilter_get_by_name(name);
    if (!filter)
        throw EngineException(ErrorCode::Internal, std::string("FFmpeg was built without the filter ") + name +
                                                       "; install a build that has it");
    AVFilterContext *made = nullptr;
    check(filters().avfilter_graph_create_filter(&made, filter, nullptr, options.c_str(), nullptr, &graph),
          "cannot be made");
    return made;
}

} // namespace

void SoundStretcher::GraphDeleter::operator()(AVFilterGraph *p) const { filters().avfilter_graph_free(&p); }

void SoundStretcher::push(const engine::AudioFrame &sound, double tempo, const Sink &sink) {
    if (active() && (sound.sampleRate != sampleRate_ || sound.channels != channels_))
        finish(sink);
    if (!active())
        open(sound, tempo);
    const FramePtr frame(av_frame_alloc());
    if (!frame)
        throw std::bad_alloc();
    frame->format = AV_SAMPLE_FMT_S16;
    frame->sample_rate = sound.sampleRate;
    frame->nb_samples = sound.samples;
    frame->pts = fed_;
    av_channel_layout_default(&frame->ch_layout, sound.channels);
    check(av_frame_get_buffer(frame.get(), 0), "has no memory");
    std::memcpy(frame->data[0], sound.buffer->data(), sound.size);
    fed_ += sound.samples;
    feed(frame.get());
    drain(sink);
}

void SoundStretcher::finish(const Sink &sink) {
    if (!active())
        return;
    feed(nullptr);
    drain(sink);
    reset();
}

void SoundStretcher::open(const engine::AudioFrame &sound, double tempo) {
    std::unique_ptr<AVFilterGraph, GraphDeleter> graph(filters().avfilter_graph_alloc());
    if (!graph || !frame_)
        throw std::bad_alloc();
    graph->nb_threads = 1;
    const std::string rate = std::to_string(sound.sampleRate);
    source_ = add(*graph, "abuffer",
                  "sample_fmt=s16:sample_rate=" + rate + ":time_base=1/" + rate +
                      ":channel_layout=" + layoutName(sound.channels));
    AVFilterContext *faster = add(*graph, "atempo", std::to_string(tempo));
    output_ = add(*graph, "abuffersink", "");
    check(filters().avfilter_link(source_, 0, faster, 0), "cannot be linked");
    check(filters().avfilter_link(faster, 0, output_, 0), "cannot be linked");
    check(filters().avfilter_graph_config(graph.get(), nullptr), "cannot be configured");
    graph_ = std::move(graph);
    tempo_ = tempo;
    sampleRate_ = sound.sampleRate;
    channels_ = sound.channels;
    nextTimestampMs_ = static_cast<double>(sound.timestampMs);
    fed_ = 0;
}

void SoundStretcher::feed(AVFrame *frame) { check(filters().av_buffersrc_add_frame(source_, frame), "takes no sound"); }

void SoundStretcher::drain(const Sink &sink) {
    for (;;) {
        av_frame_unref(frame_.get());
        const int result = filters().av_buffersink_get_frame(output_, frame_.get());
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return;
        check(result, "gives no sound");
        engine::AudioFrame sound;
        sound.sampleRate = sampleRate_;
        sound.channels = channels_;
        sound.samples = frame_->nb_samples;
        sound.timestampMs = std::llround(nextTimestampMs_);
        sound.decodedAtUs = engine::clockMicros();
        sound.size = static_cast<size_t>(sound.samples) * static_cast<size_t>(channels_) * 2;
        sound.buffer = pool_.acquire(sound.size);
        std::memcpy(sound.buffer->data(), frame_->data[0], sound.size);
        nextTimestampMs_ += 1000.0 * sound.samples * tempo_ / sampleRate_;
        sink(std::move(sound));
    }
}

} // namespace rtcroom::embedded
