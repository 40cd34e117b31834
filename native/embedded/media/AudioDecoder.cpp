#include "embedded/media/AudioDecoder.h"

#include <new>

#include "embedded/media/CodecConfig.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

using engine::EngineException;
using engine::ErrorCode;

[[noreturn]] void fail(const std::string &reason) {
    throw EngineException(ErrorCode::DecodeFailed, reason + "; playing goes on with the next sound");
}

} // namespace

bool AudioDecoder::configure(CodecId id, const Bytes &config) {
    if (context_ && id == codec_ && config == config_)
        return false;
    const AVCodec *codec = lookup_(id);
    if (!codec) {
        context_.reset();
        throw DecoderMissing(id);
    }
    CodecPtr next = id == CodecId::Opus ? openOpusDecoder(codec, config) : openAacDecoder(config);
    if (!next) {
        context_.reset();
        throw EngineException(ErrorCode::DecodeFailed, std::string("The ") + codecName(id) +
                                                           " configuration cannot be read; the publisher must send a "
                                                           "valid " +
                                                           (id == CodecId::Opus ? "OpusHead" : "AudioSpecificConfig"));
    }
    context_ = std::move(next);
    codec_ = id;
    config_ = config;
    return true;
}

void AudioDecoder::decode(const EncodedPacket &unit, const Sink &sink) {
    if (!context_)
        fail("Sound came before its configuration");
    if (!frame_)
        throw std::bad_alloc();
    // An empty packet would mean "end of stream" to FFmpeg.
    if (!unit.data || unit.data->empty())
        fail(withArticle(codec_) + " unit is empty");
    const PacketPtr packet = paddedPacket(*unit.data);
    packet->dts = packet->pts = unit.ptsMs();
    int result = avcodec_send_packet(context_.get(), packet.get());
    while (result >= 0) {
        av_frame_unref(frame_.get());
        result = avcodec_receive_frame(context_.get(), frame_.get());
        if (result == AVERROR(EAGAIN))
            return;
        if (result >= 0 && frame_->nb_samples > 0)
            sink(toPcm(*frame_));
    }
    flush();
    fail(withArticle(codec_) + " unit cannot be decoded (" + avErrorText(result) + ")");
}

void AudioDecoder::flush() {
    if (context_)
        avcodec_flush_buffers(context_.get());
}

engine::AudioFrame AudioDecoder::toPcm(AVFrame &frame) {
    const auto format = static_cast<AVSampleFormat>(frame.format);
    const int channels = frame.ch_layout.nb_channels;
    if (!resampler_ || format != resamplerFormat_ || frame.sample_rate != resamplerRate_ ||
        channels != resamplerChannels_) {
        SwrContext *made = nullptr;
        const int result = swr_alloc_set_opts2(&made, &frame.ch_layout, AV_SAMPLE_FMT_S16, frame.sample_rate,
                                               &frame.ch_layout, format, frame.sample_rate, 0, nullptr);
        resampler_.reset(made);
        if (result < 0 || swr_init(resampler_.get()) < 0) {
            resampler_.reset();
            fail("The sound's format cannot be converted to 16-bit PCM");
        }
        resamplerFormat_ = format;
        resamplerRate_ = frame.sample_rate;
        resamplerChannels_ = channels;
    }
    engine::AudioFrame pcm;
    pcm.sampleRate = frame.sample_rate;
    pcm.channels = channels;
    pcm.timestampMs = frame.pts;
    pcm.decodedAtUs = engine::clockMicros();
    pcm.buffer = pool_.acquire(static_cast<size_t>(frame.nb_samples) * static_cast<size_t>(channels) * 2);
    uint8_t *out[] = {pcm.buffer->data()};
    const int samples = swr_convert(resampler_.get(), out, frame.nb_samples,
                                    const_cast<const uint8_t **>(frame.extended_data), frame.nb_samples);
    if (samples < 0)
        fail("The sound cannot be converted to 16-bit PCM (" + avErrorText(samples) + ")");
    pcm.samples = samples;
    pcm.size = static_cast<size_t>(samples) * static_cast<size_t>(channels) * 2;
    return pcm;
}

} // namespace rtcroom::embedded
