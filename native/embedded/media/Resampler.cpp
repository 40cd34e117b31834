#include "embedded/media/Resampler.h"

#include <cmath>

#include "engine/Error.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

int setChannelMix(SwrContext &swr, int from, int to) {
    static constexpr double BOTH[] = {1, 1};
    static constexpr double MEAN[] = {0.5, 0.5};
    if (from == 1 && to == 2)
        return swr_set_matrix(&swr, BOTH, from);
    if (from == 2 && to == 1)
        return swr_set_matrix(&swr, MEAN, from);
    return av_opt_set_double(&swr, "rematrix_maxval", 1, 0);
}

Resampler::Resampler(int sampleRate, int channels) : sampleRate_(sampleRate), channels_(channels) {}

Resampler::~Resampler() { av_channel_layout_uninit(&inLayout_); }

std::span<const float> Resampler::convert(AVSampleFormat format, int sampleRate, const AVChannelLayout &layout,
                                          const uint8_t *const *data, int samples) {
    if (!swr_ || format != inFormat_ || sampleRate != inRate_ || av_channel_layout_compare(&layout, &inLayout_) != 0) {
        av_channel_layout_uninit(&inLayout_);
        if (av_channel_layout_copy(&inLayout_, &layout) < 0)
            throw EngineException(ErrorCode::Internal, "no memory for a channel layout");
        AVChannelLayout outLayout{};
        av_channel_layout_default(&outLayout, channels_);
        SwrContext *made = nullptr;
        int result = swr_alloc_set_opts2(&made, &outLayout, AV_SAMPLE_FMT_FLT, sampleRate_, &inLayout_, format,
                                         sampleRate, 0, nullptr);
        swr_.reset(made);
        av_channel_layout_uninit(&outLayout);
        if (result >= 0)
            result = setChannelMix(*swr_, layout.nb_channels, channels_);
        if (result >= 0)
            result = swr_init(swr_.get());
        if (result < 0) {
            swr_.reset();
            throw EngineException(ErrorCode::InvalidArgument,
                                  "the sound's format cannot be converted: " + avErrorText(result));
        }
        inFormat_ = format;
        inRate_ = sampleRate;
        compensating_ = false;
    }
    compensate();
    const int room = swr_get_out_samples(swr_.get(), samples);
    if (room < 0)
        throw EngineException(ErrorCode::InvalidArgument, "too much sound at once");
    const size_t needed = static_cast<size_t>(room) * static_cast<size_t>(channels_);
    if (out_.size() < needed)
        out_.resize(needed);
    auto *target = reinterpret_cast<uint8_t *>(out_.data());
    // The input parameter is not const-correct before FFmpeg 7; it is only read.
    const int made = swr_convert(swr_.get(), &target, room, const_cast<const uint8_t **>(data), samples);
    if (made < 0)
        throw EngineException(ErrorCode::InvalidArgument, "the sound cannot be converted: " + avErrorText(made));
    return {out_.data(), static_cast<size_t>(made) * static_cast<size_t>(channels_)};
}

void Resampler::compensate() {
    if (shorter_ == 0 && !compensating_)
        return;
    compensating_ = true;
    // Over a second, so that a millionth is not rounded away; the next piece sets it anew.
    const int result =
        swr_set_compensation(swr_.get(), static_cast<int>(std::lround(-shorter_ * sampleRate_)), sampleRate_);
    if (result < 0)
        throw EngineException(ErrorCode::Internal, "the sound cannot be fitted to its clock: " + avErrorText(result));
}

int64_t Resampler::delay() const { return swr_ ? swr_get_delay(swr_.get(), sampleRate_) : 0; }

} // namespace rtcroom::embedded
