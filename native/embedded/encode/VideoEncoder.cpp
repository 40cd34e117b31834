#include "embedded/encode/VideoEncoder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "embedded/capture/I420Frame.h"
#include "embedded/encode/EncoderOptions.h"
#include "embedded/encode/StreamForm.h"
#include "embedded/media/CodecConfig.h"
#include "embedded/media/Codecs.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

// The longest time that the encoder may borrow from: the size of its rate-control buffer. Shorter starves key frames,
// longer lets bursts queue up in the network.
constexpr double VBV_SECONDS = 0.4;

// All but x264 take a bitrate only when they open, which costs a key frame. So a change waits for the next key frame,
// unless it is so large that the link would overflow, or most of it stay unused, until then.
constexpr double REOPEN_BELOW = 0.8;
constexpr double REOPEN_ABOVE = 1.5;

} // namespace

VideoEncoder::VideoEncoder(const VideoSettings &settings)
    : settings_(settings), input_(makeEmptyFrame()), output_(av_packet_alloc()), wantedKbps_(settings.bitrateKbps),
      pace_(settings.fps), wantedPace_(settings.fps) {
    if (!output_)
        throw EngineException(ErrorCode::Internal, "no memory for a packet");
    const auto opens = [this](const char *name) { return tryOpen(name); };
    if (settings.hardware && std::ranges::any_of(hardwareEncoderNames(settings.codec), opens)) {
        hardware_ = true;
        return;
    }
    const std::vector<const char *> names = encoderNames(settings.codec);
    if (std::ranges::any_of(names, opens))
        return;
    requireEncoder(settings.codec);
    throw EngineException(ErrorCode::EncodeFailed, std::string("no ") + codecName(settings.codec) +
                                                       " encoder opened at " + std::to_string(settings.width) + "x" +
                                                       std::to_string(settings.height) +
                                                       "; choose another size, or another build of FFmpeg (rtcroom "
                                                       "doctor tells what it has)");
}

void VideoEncoder::applyBitrate() {
    const int64_t bitrate = int64_t{settings_.bitrateKbps} * 1000;
    // The encoder knows pictures, not time: at half the pace each may have twice the bits.
    const int64_t paced = bitrate * settings_.fps / pace_;
    codec_->bit_rate = paced;
    codec_->rc_max_rate = paced;
    codec_->rc_buffer_size = static_cast<int>(static_cast<double>(bitrate) * VBV_SECONDS);
}

bool VideoEncoder::tryOpen(const char *name) {
    if (!open(name))
        return false;
    Bytes header(codec_->extradata, codec_->extradata + codec_->extradata_size);
    // libaom tells it with the first packet only, and again with each key frame.
    if (header.empty() && !config_) {
        header = probeHeader();
        if (!open(name))
            return false;
    }
    name_ = name;
    if (header.empty() && config_)
        return true;
    Bytes record = configRecord(settings_.codec, header);
    if (record.empty())
        return false;
    if (!config_)
        config_ = std::make_shared<const Bytes>(std::move(record));
    else if (settings_.codec != CodecId::H264)
        inBandConfig_ = record == *config_ ? Bytes() : inBandConfig(settings_.codec, record);
    // else OpenH264's, which differs by its level at most: that follows the bitrate, and no decoder needs it
    return true;
}

bool VideoEncoder::open(const char *name) {
    const AVCodec *codec = avcodec_find_encoder_by_name(name);
    if (!codec)
        return false;
    codec_.reset(avcodec_alloc_context3(codec));
    if (!codec_)
        return false;
    codec_->width = settings_.width;
    codec_->height = settings_.height;
    codec_->color_range = AVCOL_RANGE_MPEG;
    codec_->time_base = {1, settings_.fps};
    codec_->framerate = {settings_.fps, 1};
    codec_->gop_size = std::max(1, static_cast<int>(std::lround(settings_.fps * settings_.gopSeconds)));
    codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    applyBitrate();
    setLiveOptions(*codec_, name);
    return hardwareInput_.prepare(*codec_, *codec, {settings_.width, settings_.height}) &&
           avcodec_open2(codec_.get(), codec, nullptr) >= 0;
}

Bytes VideoEncoder::probeHeader() {
    const FramePtr black = makeI420Frame({settings_.width, settings_.height});
    const ptrdiff_t strides[4] = {black->linesize[0], black->linesize[1], black->linesize[2], 0};
    av_image_fill_black(black->data, strides, AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, black->width, black->height);
    const FramePtr sent(av_frame_clone(hardwareInput_.convert(*black)));
    if (!sent)
        return {};
    sent->pts = 0;
    if (avcodec_send_frame(codec_.get(), sent.get()) < 0 || avcodec_send_frame(codec_.get(), nullptr) < 0 ||
        avcodec_receive_packet(codec_.get(), output_.get()) < 0)
        return {};
    Bytes unit(output_->data, output_->data + output_->size);
    av_packet_unref(output_.get());
    return unit;
}

EncodedPacket VideoEncoder::config(int64_t dtsMs) const {
    return {.kind = MediaKind::Video, .codec = settings_.codec, .isConfig = true, .dtsMs = dtsMs, .data = config_};
}

void VideoEncoder::setBitrate(int kbps, int pace) {
    wantedKbps_ = kbps;
    wantedPace_ = pace;
    if (!takesBitrateOpen(name_))
        return;
    settings_.bitrateKbps = kbps;
    pace_ = pace;
    applyBitrate();
}

void VideoEncoder::followBitrate(bool keyFrame) {
    const auto perPicture = [](int kbps, int pace) { return static_cast<double>(kbps) / pace; };
    const double change = perPicture(wantedKbps_, wantedPace_) / perPicture(settings_.bitrateKbps, pace_);
    const bool same = wantedKbps_ == settings_.bitrateKbps && wantedPace_ == pace_;
    if (same || (!keyFrame && change >= REOPEN_BELOW && change <= REOPEN_ABOVE))
        return;
    settings_.bitrateKbps = wantedKbps_;
    pace_ = wantedPace_;
    pending_.clear();
    const std::string name = name_;
    if (!tryOpen(name.c_str()))
        throw EngineException(ErrorCode::EncodeFailed, std::string("the encoder ") + name + " did not open again at " +
                                                           std::to_string(wantedKbps_) +
                                                           " kbit/s; give the machine more memory, or stop and start");
}

void VideoEncoder::encode(const AVFrame &picture, int64_t dtsMs, bool keyFrame, const Sink &sink) {
    const auto fail = [this](int code) {
        throw EngineException(ErrorCode::EncodeFailed, "the encoder " + name_ + " failed: " + avErrorText(code));
    };
    followBitrate(keyFrame);
    av_frame_unref(input_.get());
    if (const int result = av_frame_ref(input_.get(), hardwareInput_.convert(picture)); result < 0)
        fail(result);
    input_->pts = pictures_++;
    input_->pict_type = keyFrame ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    // Properties of a file's own picture must not reach the stream.
    input_->sample_aspect_ratio = {0, 1};
    av_frame_remove_side_data(input_.get(), AV_FRAME_DATA_A53_CC);
    pending_.push_back(dtsMs);
    int result = avcodec_send_frame(codec_.get(), input_.get());
    av_frame_unref(input_.get());
    if (result < 0)
        fail(result);
    while ((result = avcodec_receive_packet(codec_.get(), output_.get())) == 0) {
        const int64_t time = pending_.empty() ? dtsMs : pending_.front();
        if (!pending_.empty())
            pending_.pop_front();
        EncodedPacket packet = toPacket(time);
        av_packet_unref(output_.get());
        if (!packet.data->empty())
            sink(std::move(packet));
    }
    if (result != AVERROR(EAGAIN))
        fail(result);
}

EncodedPacket VideoEncoder::toPacket(int64_t dtsMs) const {
    const bool keyFrame = (output_->flags & AV_PKT_FLAG_KEY) != 0;
    Bytes unit = streamUnit(settings_.codec, {output_->data, static_cast<size_t>(output_->size)});
    if (keyFrame && !unit.empty())
        unit.insert(unit.begin(), inBandConfig_.begin(), inBandConfig_.end());
    return {.kind = MediaKind::Video,
            .codec = settings_.codec,
            .keyFrame = keyFrame,
            .dtsMs = dtsMs,
            .data = std::make_shared<const Bytes>(std::move(unit))};
}

} // namespace rtcroom::embedded
