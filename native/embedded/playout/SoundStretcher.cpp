#include "embedded/playout/SoundStretcher.h"

#include <cmath>
#include <cstring>
#include <new>

namespace rtcroom::embedded {

namespace {

std::string layoutName(int channels) {
    AVChannelLayout layout{};
    av_channel_layout_default(&layout, channels);
    char text[64] = "";
    av_channel_layout_describe(&layout, text, sizeof text);
    av_channel_layout_uninit(&layout);
    return text;
}

} // namespace

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
    if (av_frame_get_buffer(frame.get(), 0) < 0)
        throw std::bad_alloc();
    std::memcpy(frame->data[0], sound.buffer->data(), sound.size);
    fed_ += sound.samples;
    graph_->feed(source_, frame.get());
    drain(sink);
}

void SoundStretcher::finish(const Sink &sink) {
    if (!active())
        return;
    graph_->feed(source_, nullptr);
    drain(sink);
    reset();
}

void SoundStretcher::open(const engine::AudioFrame &sound, double tempo) {
    if (!frame_)
        throw std::bad_alloc();
    auto graph = std::make_unique<FilterGraph>();
    const std::string rate = std::to_string(sound.sampleRate);
    source_ = graph->add("abuffer", "sample_fmt=s16:sample_rate=" + rate + ":time_base=1/" + rate +
                                        ":channel_layout=" + layoutName(sound.channels));
    AVFilterContext *faster = graph->add("atempo", std::to_string(tempo));
    output_ = graph->add("abuffersink");
    graph->chain({source_, faster, output_});
    graph->configure();
    graph_ = std::move(graph);
    tempo_ = tempo;
    sampleRate_ = sound.sampleRate;
    channels_ = sound.channels;
    nextTimestampMs_ = static_cast<double>(sound.timestampMs);
    fed_ = 0;
}

void SoundStretcher::drain(const Sink &sink) {
    while (graph_->take(output_, *frame_)) {
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
