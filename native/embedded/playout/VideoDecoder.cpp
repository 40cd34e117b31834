#include "embedded/playout/VideoDecoder.h"

#include <new>

#include "embedded/media/CodecConfig.h"
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

} // namespace

bool VideoDecoder::configure(const Bytes &avcC, const Sink &sink) {
    if (context_ && avcC == config_)
        return false;
    if (avcC.size() < 7 || avcC[0] != 1)
        throw EngineException(ErrorCode::DecodeFailed,
                              "The H.264 configuration is not an AVCDecoderConfigurationRecord; "
                              "the publisher must send a valid sequence header");
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
    if (!codec)
        throw EngineException(ErrorCode::DecodeFailed,
                              "FFmpeg was built without an H.264 decoder; install a build that has one");
    CodecPtr next(avcodec_alloc_context3(codec));
    if (!next)
        throw std::bad_alloc();
    setExtradata(*next, avcC);
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
        throw EngineException(ErrorCode::DecodeFailed, "The H.264 configuration cannot be read (" +
                                                           avErrorText(result) +
                                                           "); the publisher must send a valid sequence header");
    next->err_recognition = 0;
    drain(sink);
    context_ = std::move(next);
    config_ = avcC;
    return true;
}

void VideoDecoder::decode(const EncodedPacket &unit, const Sink &sink) {
    if (!context_)
        throw EngineException(ErrorCode::DecodeFailed, "H.264 came before its configuration; the server must send the "
                                                       "sequence header first");
    // An empty packet would mean "end of stream" to FFmpeg.
    if (!unit.data || unit.data->empty())
        fail("An H.264 unit is empty or damaged");
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
        fail("An H.264 unit cannot be decoded (" + avErrorText(result) + ")");
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
            fail("An H.264 picture cannot be decoded (" + avErrorText(result) + ")");
        if ((frame_->decode_error_flags & damaged) != 0)
            fail("An H.264 picture is damaged");
        if (frame_->pts == AV_NOPTS_VALUE)
            frame_->pts = frame_->best_effort_timestamp;
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
    lastPtsMs_ = INT64_MIN;
}

void VideoDecoder::fail(const std::string &reason) {
    flush();
    throw EngineException(ErrorCode::DecodeFailed, reason + "; playing goes on at the next key frame");
}

} // namespace rtcroom::embedded
