#include "embedded/media/SoundOutput.h"

#include <cmath>
#include <cstdlib>
#include <string>

#include "embedded/media/Resampler.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

// Sound that goes on elsewhere in the stream's time has nothing to do with what is still inside.
constexpr int64_t JUMP_US = 100'000;

int64_t durationUs(int64_t samples, int sampleRate) { return samples * 1'000'000 / sampleRate; }

} // namespace

void SoundOutput::set(bool wanted, const engine::OutputAudioOptions &options) {
    const std::lock_guard lock(mutex_);
    options_ = options;
    wanted_ = wanted;
}

void SoundOutput::pass(engine::AudioFrame frame, const Sink &sink) {
    const Form from{frame.sampleRate, frame.channels};
    Form to = from;
    {
        const std::lock_guard lock(mutex_);
        if (options_.sampleRate > 0)
            to.sampleRate = options_.sampleRate;
        if (options_.channels > 0)
            to.channels = options_.channels;
    }
    const int64_t beginUs = frame.timestampMs * 1000;
    if (swr_ && (std::abs(beginUs - endUs_) > JUMP_US || to != to_))
        swr_.reset();
    if (swr_ && from != from_) {
        convert(nullptr, 0, frame.decodedAtUs, sink);
        swr_.reset();
    }
    if (from == to)
        return sink(std::move(frame));
    if (!swr_)
        open(from, to);
    endUs_ = beginUs + durationUs(frame.samples, frame.sampleRate);
    convert(frame.buffer->data(), frame.samples, frame.decodedAtUs, sink);
}

void SoundOutput::open(Form from, Form to) {
    AVChannelLayout in{};
    AVChannelLayout out{};
    av_channel_layout_default(&in, from.channels);
    av_channel_layout_default(&out, to.channels);
    SwrContext *made = nullptr;
    int result = swr_alloc_set_opts2(&made, &out, AV_SAMPLE_FMT_S16, to.sampleRate, &in, AV_SAMPLE_FMT_S16,
                                     from.sampleRate, 0, nullptr);
    SwrPtr swr(made);
    av_channel_layout_uninit(&in);
    av_channel_layout_uninit(&out);
    if (result >= 0)
        result = av_opt_set_sample_fmt(swr.get(), "internal_sample_fmt", AV_SAMPLE_FMT_FLTP, 0);
    if (result >= 0)
        result = setChannelMix(*swr, from.channels, to.channels);
    if (result >= 0)
        result = swr_init(swr.get());
    if (result < 0)
        throw EngineException(ErrorCode::InvalidArgument,
                              "sound of " + std::to_string(from.sampleRate) + " Hz and " +
                                  std::to_string(from.channels) + " channels cannot be handed out as " +
                                  std::to_string(to.sampleRate) + " Hz and " + std::to_string(to.channels) +
                                  "; leave sampleRate and channels out: " + avErrorText(result));
    swr_ = std::move(swr);
    from_ = from;
    to_ = to;
}

void SoundOutput::convert(const uint8_t *data, int samples, int64_t decodedAtUs, const Sink &sink) {
    const int room = swr_get_out_samples(swr_.get(), samples);
    if (room <= 0)
        return;
    engine::AudioFrame frame;
    const size_t sampleSize = static_cast<size_t>(to_.channels) * sizeof(int16_t);
    frame.buffer = pool_.acquire(static_cast<size_t>(room) * sampleSize);
    uint8_t *target = frame.buffer->data();
    // The input parameter is not const-correct before FFmpeg 7; it is only read.
    const uint8_t *planes[] = {data};
    const int made =
        swr_convert(swr_.get(), &target, room, data ? const_cast<const uint8_t **>(planes) : nullptr, samples);
    if (made < 0)
        throw EngineException(ErrorCode::InvalidArgument, "the sound cannot be converted: " + avErrorText(made));
    if (made == 0)
        return;
    frame.sampleRate = to_.sampleRate;
    frame.channels = to_.channels;
    frame.samples = made;
    frame.size = static_cast<size_t>(made) * sampleSize;
    const int64_t insideUs = data ? swr_get_delay(swr_.get(), 1'000'000) : 0;
    frame.timestampMs = (endUs_ - insideUs - durationUs(made, to_.sampleRate) + 500) / 1000;
    frame.decodedAtUs = decodedAtUs;
    sink(std::move(frame));
}

} // namespace rtcroom::embedded
