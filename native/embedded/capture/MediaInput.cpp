#include "embedded/capture/MediaInput.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <thread>

#include "engine/Error.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;

namespace {

// An opening that takes longer than this (a URL whose server is silent) has failed.
constexpr int64_t OPEN_TIMEOUT_US = 10'000'000;

// Demuxers that take any text by its file name and draw it.
constexpr std::array<std::string_view, 5> TEXT_FORMATS{"tty", "bin", "xbin", "adf", "idf"};

bool isUrl(const std::string &path) { return path.find("://") != std::string::npos; }

void checkLocalFile(const std::string &path) {
    const std::string name = shownName(path);
    std::error_code failure;
    const std::filesystem::file_status status = std::filesystem::status(path, failure);
    if (status.type() == std::filesystem::file_type::not_found)
        throw EngineException(ErrorCode::FileOpenFailed, name + " does not exist; check the path");
    if (failure)
        throw EngineException(ErrorCode::FileOpenFailed, name + " cannot be reached: " + failure.message());
    if (std::filesystem::is_directory(status))
        throw EngineException(ErrorCode::FileOpenFailed, name + " is a directory; give a media file");
    // Opening a pipe or a device blocks where no interrupt callback reaches.
    if (!std::filesystem::is_regular_file(status))
        throw EngineException(ErrorCode::FileOpenFailed, name + " is a pipe, socket or device; give a regular file");
    if (std::filesystem::file_size(path, failure) == 0 && !failure)
        throw EngineException(ErrorCode::NotMedia, name + " is empty; give a media file");
}

} // namespace

std::string shownName(const std::string &path) {
    if (!isUrl(path))
        return "'" + path + "'";
    return "the " + path.substr(0, path.find("://")) + " source";
}

MediaInput::MediaInput(const std::string &path, const std::atomic<bool> &abort) : abort_(abort) {
    if (path.empty())
        throw EngineException(ErrorCode::FileOpenFailed, "the path of the file is empty");
    if (path.find('\0') != std::string::npos)
        throw EngineException(ErrorCode::FileOpenFailed, "the path of the file holds a zero byte");
    open(path);
}

MediaInput::~MediaInput() = default;

int MediaInput::interrupted(void *self) {
    const auto &input = *static_cast<MediaInput *>(self);
    const int64_t deadline = input.deadlineUs_.load(std::memory_order_relaxed);
    return input.abort_.load(std::memory_order_relaxed) || (deadline && engine::clockMicros() > deadline);
}

void MediaInput::open(const std::string &path) {
    const bool url = isUrl(path);
    if (!url)
        checkLocalFile(path);
    const std::string name = shownName(path);
    deadlineUs_ = engine::clockMicros() + OPEN_TIMEOUT_US;
    AVFormatContext *context = avformat_alloc_context();
    if (!context)
        throw EngineException(ErrorCode::Internal, "no memory to open a file");
    context->interrupt_callback = {interrupted, this};
    // With a prefix, a colon in a file's name is no protocol.
    AVDictionary *options = nullptr;
    // A picture's name with a % is no pattern of many.
    av_dict_set(&options, "pattern_type", "none", 0);
    int result = avformat_open_input(&context, (url ? path : "file:" + path).c_str(), nullptr, &options);
    av_dict_free(&options);
    format_.reset(context);
    const auto fail = [&](int code) {
        if (abort_)
            throw EngineException(ErrorCode::Aborted, "opening " + name + " was stopped");
        if (code == AVERROR_EXIT || code == AVERROR(ETIMEDOUT))
            throw EngineException(ErrorCode::FileOpenFailed, "opening " + name + " took longer than 10 s");
        if (code == AVERROR_INVALIDDATA || code == AVERROR_EOF || code == AVERROR_PATCHWELCOME ||
            code == AVERROR_STREAM_NOT_FOUND || code == AVERROR_DECODER_NOT_FOUND)
            throw EngineException(ErrorCode::NotMedia, name + " holds nothing that can be played (" +
                                                           avErrorText(code) +
                                                           "); give a media file that FFmpeg reads");
        throw EngineException(ErrorCode::FileOpenFailed, name + " cannot be opened: " + avErrorText(code));
    };
    if (result < 0)
        fail(result);
    if (std::find(TEXT_FORMATS.begin(), TEXT_FORMATS.end(), format_->iformat->name) != TEXT_FORMATS.end())
        fail(AVERROR_INVALIDDATA);
    result = avformat_find_stream_info(format_.get(), nullptr);
    if (result < 0)
        fail(result);
    openTrack(MediaKind::Video, AVMEDIA_TYPE_VIDEO);
    openTrack(MediaKind::Audio, AVMEDIA_TYPE_AUDIO);
    if (video_.index < 0 && audio_.index < 0)
        fail(AVERROR_STREAM_NOT_FOUND);
    for (unsigned i = 0; i < format_->nb_streams; ++i)
        if (static_cast<int>(i) != video_.index && static_cast<int>(i) != audio_.index)
            format_->streams[i]->discard = AVDISCARD_ALL;
    startUs_ = format_->start_time == AV_NOPTS_VALUE ? 0 : format_->start_time;
    deadlineUs_ = 0;
}

void MediaInput::openTrack(MediaKind kind, AVMediaType type) {
    const AVCodec *codec = nullptr;
    const int index = av_find_best_stream(format_.get(), type, -1, -1, &codec, 0);
    if (index < 0 || !codec)
        return;
    const AVStream &stream = *format_->streams[index];
    // The cover picture of a song is no moving picture.
    if (stream.disposition & AV_DISPOSITION_ATTACHED_PIC)
        return;
    CodecPtr decoder(avcodec_alloc_context3(codec));
    if (!decoder || avcodec_parameters_to_context(decoder.get(), stream.codecpar) < 0)
        return;
    decoder->pkt_timebase = stream.time_base;
    // Pictures above 720p take more than a core's share in one thread.
    decoder->thread_count =
        kind == MediaKind::Video && stream.codecpar->width * int64_t{stream.codecpar->height} > 1280 * 720 ? 2 : 1;
    if (avcodec_open2(decoder.get(), codec, nullptr) < 0)
        return;
    track(kind) = {index, std::move(decoder)};
}

std::optional<MediaKind> MediaInput::read(AVPacket &packet) {
    for (int retries = 0;;) {
        const int result = av_read_frame(format_.get(), &packet);
        if (result == AVERROR(EAGAIN) && !abort_ && ++retries < 1000) {
            std::this_thread::yield();
            continue;
        }
        if (result < 0) {
            failed_ = result == AVERROR_EOF ? 0 : result;
            return std::nullopt;
        }
        if (packet.stream_index == video_.index)
            return MediaKind::Video;
        if (packet.stream_index == audio_.index)
            return MediaKind::Audio;
        av_packet_unref(&packet);
    }
}

bool MediaInput::rewind() {
    // In a transport stream the time of the beginning is searched for, and found behind its key frame.
    const bool searched = format_->iformat->flags & AVFMT_TS_DISCONT;
    int result = searched ? -1 : avformat_seek_file(format_.get(), -1, INT64_MIN, startUs_, startUs_, 0);
    if (result < 0)
        result = av_seek_frame(format_.get(), -1, 0, AVSEEK_FLAG_BYTE | AVSEEK_FLAG_BACKWARD);
    if (result < 0)
        return false;
    for (Track *each : {&video_, &audio_})
        if (each->decoder)
            avcodec_flush_buffers(each->decoder.get());
    failed_ = 0;
    return true;
}

std::optional<int64_t> MediaInput::timeUs(MediaKind kind, const AVFrame &frame) const {
    const int64_t time = frame.best_effort_timestamp;
    if (time == AV_NOPTS_VALUE)
        return std::nullopt;
    const AVRational base = format_->streams[track(kind).index]->time_base;
    return av_rescale_q(time, base, AVRational{1, 1'000'000}) - startUs_;
}

int64_t MediaInput::pictureDurationUs() const {
    const AVRational rate = format_->streams[video_.index]->avg_frame_rate;
    if (rate.num <= 0 || rate.den <= 0)
        return 40'000;
    return std::clamp<int64_t>(av_rescale(1'000'000, rate.den, rate.num), 1000, 10'000'000);
}

} // namespace rtcroom::embedded
