#include "embedded/media/VideoDecoder.h"

#include <new>

#include "embedded/media/Av1Config.h"
#include "embedded/media/CodecConfig.h"
#include "embedded/media/HevcConfig.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

using engine::EngineException;
using engine::ErrorCode;

// FFmpeg's messages about damaged input go below every usual log level; errors are reported by exceptions.
constexpr int quiet = 100;
// 8K UHD and some: a damaged SPS must not make us allocate gigabytes.
constexpr int64_t maxPixels = 36'000'000;
constexpr int damaged =
    FF_DECODE_ERROR_INVALID_BITSTREAM | FF_DECODE_ERROR_DECODE_SLICES | FF_DECODE_ERROR_CONCEALMENT_ACTIVE;

bool isConfig(CodecId codec, const Bytes &config) {
    switch (codec) {
    case CodecId::H264:
        return config.size() >= 7 && config[0] == 1;
    case CodecId::Hevc:
        return hevcNalLengthSize(config).has_value();
    case CodecId::Av1:
        return isAv1Config(config);
    default:
        return true;
    }
}

} // namespace

bool VideoDecoder::configure(CodecId id, const Bytes &config, const Sink &sink) {
    if (context_ && id == codec_ && config == config_)
        return false;
    const std::string name = codecName(id);
    if (!isConfig(id, config))
        throw EngineException(ErrorCode::DecodeFailed, "The " + name +
                                                           " configuration is not a decoder configuration record; the "
                                                           "publisher must send a valid sequence header");
    const AVCodec *codec = lookup_(id);
    if (!codec)
        throw DecoderMissing(id);
    CodecPtr next(avcodec_alloc_context3(codec));
    if (!next)
        throw std::bad_alloc();
    // VP9 has none that a decoder would look at.
    if (id != CodecId::Vp9)
        setExtradata(*next, config);
    next->log_level_offset = quiet;
    // Frame threads hold back a picture each.
    next->thread_count = 1;
    // UNALIGNED: cropping on the left is exact rather than rounded to the SIMD width.
    next->flags |= AV_CODEC_FLAG_LOW_DELAY | AV_CODEC_FLAG_UNALIGNED;
    next->pkt_timebase = {1, 1000};
    next->max_pixels = maxPixels;
    // A damaged configuration is refused; damage in pictures is judged by their flags.
    next->err_recognition = AV_EF_EXPLODE;
    const int result = avcodec_open2(next.get(), codec, nullptr);
    if (result < 0)
        throw EngineException(ErrorCode::DecodeFailed, "The " + name + " configuration cannot be read (" +
                                                           avErrorText(result) +
                                                           "); the publisher must send a valid sequence header");
    next->err_recognition = 0;
    drain(sink);
    context_ = std::move(next);
    codec_ = id;
    config_ = config;
    return true;
}

void VideoDecoder::decode(const EncodedPacket &unit, const Sink &sink) {
    if (!context_)
        throw EngineException(ErrorCode::DecodeFailed, "A picture came before its configuration; the server must send "
                                                       "the sequence header first");
    // An empty packet would mean "end of stream" to FFmpeg.
    if (!unit.data || unit.data->empty())
        fail("unit is empty or damaged");
    const PacketPtr packet = paddedPacket(*unit.data);
    packet->dts = unit.dtsMs;
    packet->pts = unit.ptsMs();
    if (unit.keyFrame) {
        packet->flags |= AV_PKT_FLAG_KEY;
        // A sender that starts anew may begin at 0 again.
        if (unit.ptsMs() <= lastPtsMs_)
            lastPtsMs_ = INT64_MIN;
    }
    const int result = avcodec_send_packet(context_.get(), packet.get());
    if (result < 0)
        fail("unit cannot be decoded (" + avErrorText(result) + ")");
    held_.insert(unit.ptsMs());
    receive(sink);
}

void VideoDecoder::receive(const Sink &sink) {
    if (!frame_)
        throw std::bad_alloc();
    for (;;) {
        av_frame_unref(frame_.get());
        const int result = avcodec_receive_frame(context_.get(), frame_.get());
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return;
        if (result < 0)
            fail("picture cannot be decoded (" + avErrorText(result) + ")");
        if ((frame_->decode_error_flags & damaged) != 0)
            fail("picture is damaged");
        if (frame_->pts == AV_NOPTS_VALUE)
            frame_->pts = frame_->best_effort_timestamp;
        // What was to come before it, and did not, holds no picture.
        held_.erase(held_.begin(), held_.upper_bound(frame_->pts));
        // Streams that do not declare their reordering may give their first pictures too early; time never goes back.
        if (frame_->pts <= lastPtsMs_)
            continue;
        lastPtsMs_ = frame_->pts;
        sink(*frame_);
    }
}

void VideoDecoder::drain(const Sink &sink) {
    if (!context_)
        return;
    if (avcodec_send_packet(context_.get(), nullptr) >= 0)
        receive(sink);
    flush();
}

void VideoDecoder::flush() {
    if (context_)
        avcodec_flush_buffers(context_.get());
    held_.clear();
    lastPtsMs_ = INT64_MIN;
}

void VideoDecoder::fail(const std::string &what) {
    flush();
    throw EngineException(ErrorCode::DecodeFailed,
                          withArticle(codec_) + " " + what + "; playing goes on at the next key frame");
}

} // namespace rtcroom::embedded
