#include "embedded/encode/AudioEncoder.h"

#include <algorithm>
#include <string>
#include <utility>

#include "embedded/capture/I420Frame.h"
#include "embedded/media/Codecs.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

int blockSamples(const AudioSettings &settings) {
    constexpr int aacFrame = 1024, opusFramesASecond = 50;
    return settings.codec == CodecId::Opus ? settings.sampleRate / opusFramesASecond : aacFrame;
}

AudioEncoder::AudioEncoder(const AudioSettings &settings)
    : id_(settings.codec), input_(makeEmptyFrame()), output_(av_packet_alloc()) {
    requireEncoder(id_);
    const std::string name = encoderNames(id_).front();
    const AVCodec *codec = avcodec_find_encoder_by_name(name.c_str());
    codec_.reset(avcodec_alloc_context3(codec));
    if (!codec_ || !output_)
        throw EngineException(ErrorCode::Internal, "no memory for the sound's encoder");
    codec_->sample_rate = settings.sampleRate;
    codec_->sample_fmt = id_ == CodecId::Opus ? AV_SAMPLE_FMT_FLT : AV_SAMPLE_FMT_FLTP;
    codec_->time_base = {1, settings.sampleRate};
    codec_->bit_rate = int64_t{settings.bitrateKbps} * 1000;
    codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    av_channel_layout_default(&codec_->ch_layout, settings.channels);
    // Options of the other encoder are not known to this one.
    av_opt_set(codec_->priv_data, "frame_duration", "20", 0);
    // AAC's default two-loop coder searches for longer than a live stream gains from.
    av_opt_set(codec_->priv_data, "aac_coder", "fast", 0);
    const int result = avcodec_open2(codec_.get(), codec, nullptr);
    if (result < 0 || codec_->extradata_size <= 0)
        throw EngineException(ErrorCode::EncodeFailed,
                              "the encoder " + name + " did not open at " + std::to_string(settings.sampleRate) +
                                  " Hz, " + std::to_string(settings.bitrateKbps) + " kbps: " + avErrorText(result));
    config_ = std::make_shared<const Bytes>(codec_->extradata, codec_->extradata + codec_->extradata_size);
    input_->format = codec_->sample_fmt;
    input_->sample_rate = settings.sampleRate;
    input_->nb_samples = codec_->frame_size;
    av_channel_layout_copy(&input_->ch_layout, &codec_->ch_layout);
    if (av_frame_get_buffer(input_.get(), 0) < 0)
        throw EngineException(ErrorCode::Internal, "no memory for a block of sound");
}

EncodedPacket AudioEncoder::config(int64_t dtsMs) const {
    return {.kind = MediaKind::Audio, .codec = id_, .isConfig = true, .dtsMs = dtsMs, .data = config_};
}

void AudioEncoder::fillInput(std::span<const float> block) {
    const int channels = codec_->ch_layout.nb_channels;
    const int samples = std::min(codec_->frame_size, static_cast<int>(block.size()) / channels);
    if (codec_->sample_fmt == AV_SAMPLE_FMT_FLT) {
        std::copy_n(block.begin(), samples * channels, reinterpret_cast<float *>(input_->data[0]));
        return;
    }
    for (int channel = 0; channel < channels; ++channel) {
        auto *plane = reinterpret_cast<float *>(input_->extended_data[channel]);
        for (int i = 0; i < samples; ++i)
            plane[i] = block[static_cast<size_t>(i * channels + channel)];
    }
}

void AudioEncoder::encode(std::span<const float> block, int64_t firstSample, const Sink &sink) {
    const auto fail = [this](int code) {
        throw EngineException(ErrorCode::EncodeFailed,
                              std::string("the ") + codecName(id_) + " encoder failed: " + avErrorText(code));
    };
    if (originSample_ < 0)
        originSample_ = firstSample;
    makeWritable(*input_);
    fillInput(block);
    input_->pts = firstSample - originSample_;
    int result = avcodec_send_frame(codec_.get(), input_.get());
    if (result < 0)
        fail(result);
    while ((result = avcodec_receive_packet(codec_.get(), output_.get())) == 0) {
        const int64_t first = output_->pts;
        auto data = std::make_shared<const Bytes>(output_->data, output_->data + output_->size);
        av_packet_unref(output_.get());
        if (first >= 0)
            sink({.kind = MediaKind::Audio, .codec = id_, .data = std::move(data)}, originSample_ + first);
    }
    if (result != AVERROR(EAGAIN))
        fail(result);
}

} // namespace rtcroom::embedded
