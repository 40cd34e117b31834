#include "embedded/record/Mp4Writer.h"

#include <algorithm>
#include <cstdio>
#include <new>

#include "embedded/media/CodecConfig.h"
#include "embedded/media/Codecs.h"
#include "embedded/media/OpusConfig.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

using engine::EngineException;
using engine::ErrorCode;

// Pictures that come less often than this are not waited for at a fragment's end.
constexpr int64_t slowPictureMs = 150;
constexpr AVRational milliseconds{1, 1000};
// A timestamp of the stream is a rounded ms, so two of them are off by up to this from the true distance.
constexpr int64_t roundingMs = 2;
// Sound that comes this much too early cannot be placed any more.
constexpr int64_t overlapMs = 100;

[[noreturn]] void fail(const std::string &what, std::error_code reason) {
    throw EngineException(ErrorCode::RecordFailed, what + ": " + reason.message() + "; " + fileRemedy(reason));
}

} // namespace

Mp4Writer::Mp4Writer(const std::string &path) {
    if (const std::error_code error = file_.create(path))
        fail("The recording's file cannot be created", error);
}

Mp4Writer::~Mp4Writer() { close(); }

void Mp4Writer::begin(const std::optional<VideoTrack> &video, const std::optional<AudioTrack> &audio) {
    io_ = makeAvio(this, {nullptr, &writeBytes, &seekBytes});
    AVFormatContext *made = nullptr;
    check(avformat_alloc_output_context2(&made, nullptr, "mp4", nullptr));
    format_.reset(made);
    format_->pb = io_.get();
    format_->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
    // Units are in MP4's form already; damaged ones must not switch a filter on.
    format_->flags &= ~AVFMT_FLAG_AUTO_BSF;
    // Each kind begins where it begins. Else the muxer moves the first unit of the later one to 0 and makes it longer.
    format_->avoid_negative_ts = AVFMT_AVOID_NEG_TS_MAKE_NON_NEGATIVE;
    if (video)
        addVideo(*video);
    if (audio && audio->codec == CodecId::Opus)
        addOpus(audio->config);
    else if (audio)
        addAac(audio->config);
    AVDictionary *options = nullptr;
    // skip_trailer: no index of all fragments at the end, which the muxer would keep in memory all along.
    av_dict_set(&options, "movflags", "frag_custom+empty_moov+default_base_moof+skip_trailer", 0);
    av_dict_set(&options, "use_editlist", "0", 0);
    const int result = avformat_write_header(format_.get(), &options);
    av_dict_free(&options);
    check(result);
    avio_flush(io_.get());
    check(0);
    wholeSize_ = size_;
    begun_ = true;
}

AVStream *Mp4Writer::addStream() {
    AVStream *stream = avformat_new_stream(format_.get(), nullptr);
    if (!stream)
        throw std::bad_alloc();
    return stream;
}

void Mp4Writer::addVideo(const VideoTrack &track) {
    video_ = addStream();
    AVCodecParameters &parameters = *video_->codecpar;
    parameters.codec_type = AVMEDIA_TYPE_VIDEO;
    parameters.codec_id = ffmpegCodec(track.codec);
    // FFmpeg's own choice for HEVC is hev1, which Apple's players do not take.
    if (track.codec == CodecId::Hevc)
        parameters.codec_tag = MKTAG('h', 'v', 'c', '1');
    parameters.width = track.size.width;
    parameters.height = track.size.height;
    setExtradata(parameters, track.config);
    video_->time_base = milliseconds;
}

void Mp4Writer::addAac(const Bytes &config) {
    const CodecPtr decoder = openAacDecoder(config);
    if (!decoder)
        throw EngineException(ErrorCode::RecordFailed, "The stream's AAC configuration cannot be read; the "
                                                       "publisher must send a valid AudioSpecificConfig");
    audio_ = addStream();
    check(avcodec_parameters_from_context(audio_->codecpar, decoder.get()));
    audio_->codecpar->codec_tag = 0;
    audioRate_ = decoder->sample_rate;
    if (decoder->frame_size > 0)
        audioUnitSamples_ = decoder->frame_size;
    audio_->codecpar->frame_size = static_cast<int>(audioUnitSamples_);
    audio_->time_base = {1, audioRate_};
}

void Mp4Writer::addOpus(const Bytes &config) {
    const auto head = readOpusHead(config);
    if (!head)
        throw EngineException(ErrorCode::RecordFailed, "The stream's Opus configuration cannot be read; the publisher "
                                                       "must send a valid OpusHead");
    audio_ = addStream();
    AVCodecParameters &parameters = *audio_->codecpar;
    parameters.codec_type = AVMEDIA_TYPE_AUDIO;
    parameters.codec_id = AV_CODEC_ID_OPUS;
    parameters.sample_rate = audioRate_ = opusSampleRate;
    av_channel_layout_default(&parameters.ch_layout, head->channels);
    // 80 ms until a decoder that begins in the middle has converged (RFC 7845, 4.6).
    parameters.seek_preroll = opusSampleRate * 80 / 1000;
    // A recording begins in the middle of a stream, so nothing of it is to be left out.
    Bytes withoutSkip = config;
    withoutSkip[10] = withoutSkip[11] = 0;
    setExtradata(parameters, withoutSkip);
    audioUnitSamples_ = opusSampleRate / 50;
    audio_->time_base = {1, audioRate_};
}

void Mp4Writer::writeVideo(Bytes unit, bool keyFrame, int64_t dtsMs, int32_t ctsMs) {
    if (pending_)
        writePending(std::max<int64_t>(dtsMs - pending_->dtsMs, 1));
    pending_ = {std::move(unit), keyFrame, dtsMs, ctsMs};
}

void Mp4Writer::writePending(int64_t durationMs) {
    const Picture picture = std::move(*pending_);
    pending_.reset();
    pictureMs_ = durationMs;
    const int64_t dts = av_rescale_q(picture.dtsMs, milliseconds, video_->time_base);
    const int64_t pts = av_rescale_q(picture.dtsMs + std::max(picture.ctsMs, 0), milliseconds, video_->time_base);
    write(video_, picture.unit, picture.keyFrame, dts, pts, av_rescale_q(durationMs, milliseconds, video_->time_base));
}

void Mp4Writer::writeAudio(const Bytes &unit, int64_t dtsMs) {
    if (audio_->codecpar->codec_id == AV_CODEC_ID_OPUS) {
        const auto samples = opusUnitSamples(unit);
        if (!samples)
            return;
        audioUnitSamples_ = *samples;
    } else if (unit.size() < 2 || (unit[0] == 0xff && (unit[1] & 0xf0) == 0xf0)) {
        // A raw access unit never begins like an ADTS header; FFmpeg's muxer gives up on such a one.
        return;
    }
    const int64_t asked = av_rescale(dtsMs, audioRate_, 1000);
    int64_t at = asked;
    if (nextSample_) {
        const int64_t ahead = *nextSample_ - asked;
        if (ahead > av_rescale(overlapMs, audioRate_, 1000))
            return;
        if (ahead > -av_rescale(roundingMs, audioRate_, 1000))
            at = *nextSample_;
    }
    nextSample_ = at + audioUnitSamples_;
    const AVRational samples{1, audioRate_};
    const int64_t time = av_rescale_q(at, samples, audio_->time_base);
    write(audio_, unit, true, time, time, av_rescale_q(audioUnitSamples_, samples, audio_->time_base));
}

void Mp4Writer::write(AVStream *stream, const Bytes &unit, bool keyFrame, int64_t dts, int64_t pts, int64_t duration) {
    bool &inFragment = stream == video_ ? videoInFragment_ : audioInFragment_;
    if (!inFragment)
        keepFragmentTimes();
    inFragment = true;
    const PacketPtr packet = paddedPacket(unit);
    packet->stream_index = stream->index;
    packet->dts = dts;
    packet->pts = pts;
    packet->duration = duration;
    if (keyFrame)
        packet->flags |= AV_PKT_FLAG_KEY;
    check(av_write_frame(format_.get(), packet.get()));
    unflushed_ = true;
}

void Mp4Writer::flushFragment(int64_t nowMs) {
    if (pending_ && nowMs - pending_->dtsMs >= slowPictureMs)
        writePending(nowMs - pending_->dtsMs);
    flushWritten();
}

void Mp4Writer::flushWritten() {
    if (!unflushed_)
        return;
    check(av_write_frame(format_.get(), nullptr));
    avio_flush(io_.get());
    check(0);
    wholeSize_ = size_;
    unflushed_ = videoInFragment_ = audioInFragment_ = false;
}

// Without this the muxer takes fragments as following each other without holes, and the first as beginning at 0.
void Mp4Writer::keepFragmentTimes() { check(av_opt_set(format_->priv_data, "movflags", "+frag_discont", 0)); }

void Mp4Writer::finish() {
    if (pending_)
        writePending(pictureMs_);
    flushWritten();
    const int result = av_write_trailer(format_.get());
    // The muxer has let go of its tracks, whatever came of it.
    format_.reset();
    check(result);
    avio_flush(io_.get());
    check(0);
    wholeSize_ = size_;
    if (const std::error_code error = file_.close())
        fail("The recording cannot be completed", error);
}

void Mp4Writer::check(int result) {
    if (ioError_) {
        close();
        fail("The recording cannot be written; what was written is kept", ioError_);
    }
    if (result < 0)
        throw EngineException(ErrorCode::RecordFailed, "The recording cannot be written (" + avErrorText(result) +
                                                           "); what was written is kept, start a new recording");
}

void Mp4Writer::close() noexcept {
    if (file_.isOpen() && size_ > wholeSize_)
        file_.truncate(wholeSize_);
    file_.close();
}

int Mp4Writer::writeBytes(void *self, AvioWritten *data, int size) {
    auto &writer = *static_cast<Mp4Writer *>(self);
    if (writer.ioError_)
        return AVERROR(EIO);
    writer.ioError_ = writer.file_.write(data, static_cast<size_t>(size));
    writer.size_ = std::max(writer.size_, writer.file_.position());
    return writer.ioError_ ? AVERROR(EIO) : size;
}

int64_t Mp4Writer::seekBytes(void *self, int64_t offset, int whence) {
    auto &writer = *static_cast<Mp4Writer *>(self);
    if (whence == AVSEEK_SIZE)
        return writer.size_;
    if (whence == SEEK_CUR)
        offset += writer.file_.position();
    else if (whence == SEEK_END)
        offset += writer.size_;
    else if (whence != SEEK_SET)
        return AVERROR(EINVAL);
    if (const std::error_code error = writer.file_.seek(offset))
        return AVERROR(error.value());
    return offset;
}

} // namespace rtcroom::embedded
