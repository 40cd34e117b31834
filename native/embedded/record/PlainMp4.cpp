#include "embedded/record/PlainMp4.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "embedded/media/Avio.h"
#include "embedded/media/CodecConfig.h"
#include "embedded/media/OutputFile.h"
#include "embedded/media/ffmpeg.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

namespace {

using engine::EngineException;
using engine::ErrorCode;

constexpr AVRational milliseconds{1, 1000};
/// What a recording may hold; FFmpeg's muxer trusts its caller with the rest.
constexpr std::array recordedCodecs{AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_AV1, AV_CODEC_ID_AAC,
                                    AV_CODEC_ID_OPUS};

struct InputDeleter {
    void operator()(AVFormatContext *p) const { avformat_close_input(&p); }
};
struct OutputDeleter {
    void operator()(AVFormatContext *p) const { avformat_free_context(p); }
};
using InputPtr = std::unique_ptr<AVFormatContext, InputDeleter>;
using OutputPtr = std::unique_ptr<AVFormatContext, OutputDeleter>;

[[noreturn]] void failToRead(std::error_code reason) {
    throw EngineException(ErrorCode::FileOpenFailed,
                          "The recording cannot be read: " + reason.message() + "; check the disk");
}

/// The file as FFmpeg shall see it: as long as its layout says. What is not there is 0.
class Source {
  public:
    Source(const InputFile &file, const Mp4Layout &layout)
        : file_(file), end_(layout.end), io_(makeAvio(this, {&Source::read, nullptr, &Source::seek})) {}
    Source(const Source &) = delete;
    Source &operator=(const Source &) = delete;

    AVIOContext *io() { return io_.get(); }
    /// Of the bytes from `position`, how many are there.
    int64_t present(int64_t position, int64_t size) const {
        return std::clamp<int64_t>(file_.size() - position, 0, size);
    }
    void throwIfUnread() const {
        if (error_)
            failToRead(error_);
    }

  private:
    static int read(void *self, uint8_t *data, int size) {
        auto &source = *static_cast<Source *>(self);
        const int64_t wanted = std::min<int64_t>(size, source.end_ - source.position_);
        if (wanted <= 0)
            return AVERROR_EOF;
        const std::span<uint8_t> out(data, static_cast<size_t>(wanted));
        const int64_t got = source.file_.readAt(source.position_, out, source.error_);
        if (got < 0)
            return AVERROR(EIO);
        std::fill(out.begin() + got, out.end(), uint8_t{0});
        source.position_ += wanted;
        return static_cast<int>(wanted);
    }

    static int64_t seek(void *self, int64_t offset, int whence) {
        auto &source = *static_cast<Source *>(self);
        if (whence == AVSEEK_SIZE)
            return source.end_;
        const int64_t base = whence == SEEK_CUR ? source.position_ : whence == SEEK_END ? source.end_ : 0;
        if (offset < -base || offset > source.end_ - base)
            return AVERROR(EINVAL);
        return source.position_ = base + offset;
    }

    const InputFile &file_;
    const int64_t end_;
    int64_t position_ = 0;
    std::error_code error_;
    AvioPtr io_;
};

/// The file that is made. Its index goes in front at the end, so that each byte is written twice.
class Target {
  public:
    Target(const std::string &path, int64_t expectedBytes, const RemuxOptions &options)
        : path_(path), expected_(std::max<double>(1, 2.0 * static_cast<double>(expectedBytes))), options_(options),
          io_(makeAvio(this, {nullptr, &Target::write, &Target::seek})) {
        throwIf(file_.create(path));
        created_ = true;
    }
    ~Target() {
        file_.close();
        if (created_)
            removeFile(path_);
    }
    Target(const Target &) = delete;
    Target &operator=(const Target &) = delete;

    AVIOContext *io() { return io_.get(); }
    void throwIfUnwritten() const {
        if (aborted_)
            throw EngineException(ErrorCode::Aborted, "The repair was ended; the recording is as it was");
        throwIf(error_);
    }
    /// The file is whole and stays.
    void keep() {
        if (options_.sync)
            throwIf(file_.sync());
        throwIf(file_.close());
        // It took a while to reach the disk.
        tell(1);
        throwIfUnwritten();
        created_ = false;
    }

  private:
    static void throwIf(std::error_code error) {
        if (error)
            throw EngineException(ErrorCode::RecordFailed, "The plain MP4 cannot be written beside the recording: " +
                                                               error.message() + "; " + fileRemedy(error));
    }

    void tell(double done) {
        if (options_.onProgress && !options_.onProgress(done))
            aborted_ = true;
    }

    static int write(void *self, AvioWritten *data, int size) {
        auto &target = *static_cast<Target *>(self);
        if (target.error_ || target.aborted_)
            return AVERROR(EIO);
        target.error_ = target.file_.write(data, static_cast<size_t>(size));
        target.size_ = std::max(target.size_, target.file_.position());
        target.written_ += size;
        target.tell(std::min(1.0, static_cast<double>(target.written_) / target.expected_));
        return target.error_ || target.aborted_ ? AVERROR(EIO) : size;
    }

    static int64_t seek(void *self, int64_t offset, int whence) {
        auto &target = *static_cast<Target *>(self);
        if (whence == AVSEEK_SIZE)
            return target.size_;
        if (target.error_)
            return AVERROR(EIO);
        const int64_t base = whence == SEEK_CUR ? target.file_.position() : whence == SEEK_END ? target.size_ : 0;
        target.error_ = target.file_.seek(base + offset);
        return target.error_ ? AVERROR(EIO) : target.file_.position();
    }

    const std::string path_;
    const double expected_;
    const RemuxOptions &options_;
    OutputFile file_;
    bool created_ = false;
    bool aborted_ = false;
    std::error_code error_;
    int64_t size_ = 0;
    int64_t written_ = 0;
    AvioPtr io_;
};

[[noreturn]] void failWithDamage(int result) {
    throw EngineException(ErrorCode::NotMedia, "The recording is damaged (" + avErrorText(result) +
                                                   "); it is left as it is, play it with a player that skips errors");
}

// "file:" keeps a colon in the path from being read as a protocol.
std::string url(const std::string &path) { return "file:" + path; }

InputPtr openInput(Source &source) {
    AVFormatContext *opened = avformat_alloc_context();
    if (!opened)
        throw std::bad_alloc();
    opened->pb = source.io();
    opened->flags |= AVFMT_FLAG_CUSTOM_IO;
    // Frees it when it fails.
    const int result = avformat_open_input(&opened, nullptr, av_find_input_format("mp4"), nullptr);
    source.throwIfUnread();
    if (result < 0)
        failWithDamage(result);
    return InputPtr(opened);
}

int unitSamples(const AVCodecParameters &parameters) {
    const Bytes config(parameters.extradata, parameters.extradata + parameters.extradata_size);
    return readAacConfig(config).value_or(AacFormat()).unitSamples;
}

void copyStreams(const AVFormatContext &input, AVFormatContext &output) {
    for (unsigned i = 0; i < input.nb_streams; ++i) {
        const AVCodecParameters &parameters = *input.streams[i]->codecpar;
        if (std::ranges::find(recordedCodecs, parameters.codec_id) == recordedCodecs.end())
            throw EngineException(ErrorCode::NotMedia, "The file has a track that no recording of this library has (" +
                                                           std::string(avcodec_get_name(parameters.codec_id)) +
                                                           "); it is left as it is");
        AVStream *stream = avformat_new_stream(&output, nullptr);
        if (!stream || avcodec_parameters_copy(stream->codecpar, &parameters) < 0)
            throw std::bad_alloc();
        // As Mp4Writer has it.
        stream->codecpar->codec_tag = parameters.codec_id == AV_CODEC_ID_HEVC ? MKTAG('h', 'v', 'c', '1') : 0;
        if (stream->codecpar->codec_id == AV_CODEC_ID_AAC)
            stream->codecpar->frame_size = unitSamples(*stream->codecpar);
        stream->time_base = input.streams[i]->time_base;
    }
    if (input.nb_streams == 0)
        throw EngineException(ErrorCode::NotMedia, "The file has neither picture nor sound");
}

PlainMp4 copyUnits(Source &source, Target &target, AVFormatContext &input, AVFormatContext &output) {
    const PacketPtr packet(av_packet_alloc());
    if (!packet)
        throw std::bad_alloc();
    PlainMp4 result;
    // FFmpeg knows the durations of some codecs only, and players leave out a last unit that takes no time.
    std::vector<std::optional<int64_t>> lastDts(input.nb_streams);
    int read = 0;
    while ((read = av_read_frame(&input, packet.get())) >= 0) {
        const auto index = static_cast<unsigned>(packet->stream_index);
        const AVRational inputBase = input.streams[index]->time_base;
        const int64_t there = source.present(packet->pos, packet->size);
        if (there < packet->size) {
            result.tornBytes += there;
            av_packet_unref(packet.get());
            continue;
        }
        if (packet->duration <= 0 && lastDts[index])
            packet->duration = std::max<int64_t>(av_sat_sub64(packet->dts, *lastDts[index]), 0);
        lastDts[index] = packet->dts;
        const int64_t end = av_sat_add64(packet->pts, packet->duration);
        result.durationMs = std::max(result.durationMs, av_rescale_q(end, inputBase, milliseconds));
        av_packet_rescale_ts(packet.get(), inputBase, output.streams[index]->time_base);
        packet->pos = -1;
        const int written = av_write_frame(&output, packet.get());
        // Neither the next read nor the write lets go of it.
        av_packet_unref(packet.get());
        target.throwIfUnwritten();
        if (written < 0)
            failWithDamage(written);
        ++result.units;
    }
    source.throwIfUnread();
    if (read != AVERROR_EOF)
        failWithDamage(read);
    return result;
}

} // namespace

PlainMp4 writePlainMp4(const InputFile &from, const Mp4Layout &layout, const std::string &to,
                       const RemuxOptions &options) {
    Source source(from, layout);
    const InputPtr input = openInput(source);
    Target target(to, std::min(from.size(), layout.end), options);
    AVFormatContext *made = nullptr;
    if (avformat_alloc_output_context2(&made, nullptr, "mp4", url(to).c_str()) < 0)
        throw std::bad_alloc();
    const OutputPtr output(made);
    output->pb = target.io();
    output->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
    output->flags &= ~AVFMT_FLAG_AUTO_BSF;
    copyStreams(*input, *output);
    AVDictionary *settings = nullptr;
    av_dict_set(&settings, "movflags", "faststart", 0);
    const int header = avformat_write_header(output.get(), &settings);
    av_dict_free(&settings);
    target.throwIfUnwritten();
    if (header < 0)
        failWithDamage(header);
    PlainMp4 result;
    try {
        result = copyUnits(source, target, *input, *output);
    } catch (...) {
        // Frees the muxer's state.
        av_write_trailer(output.get());
        throw;
    }
    const int trailer = av_write_trailer(output.get());
    avio_flush(target.io());
    target.throwIfUnwritten();
    if (trailer < 0)
        failWithDamage(trailer);
    if (result.units == 0)
        throw EngineException(ErrorCode::NotMedia, "The recording ended before a whole picture or sound was written; "
                                                   "there is nothing to repair, delete it");
    target.keep();
    return result;
}

std::optional<Mp4Layout> mp4Layout(const InputFile &file) {
    const auto read = [&file](int64_t position, std::span<uint8_t> out) {
        std::error_code error;
        const int64_t got = file.readAt(position, out, error);
        if (got < 0)
            failToRead(error);
        return got;
    };
    const auto layout = readMp4Layout(read, file.size());
    if (layout && !layout->credible)
        throw EngineException(ErrorCode::NotMedia, "The recording is damaged (a table in it counts more than the file "
                                                   "holds, or a track has no ID); it is left as it is");
    return layout;
}

int64_t mp4DurationMs(const InputFile &file, const Mp4Layout &layout) {
    Source source(file, layout);
    const InputPtr input = openInput(source);
    const int64_t duration = input->duration;
    return duration == AV_NOPTS_VALUE ? 0 : duration / (AV_TIME_BASE / 1000);
}

bool makePlainMp4(const std::string &path) {
    try {
        InputFile file;
        if (file.open(path))
            return false;
        const auto layout = mp4Layout(file);
        if (!layout)
            return false;
        const std::string temporary = temporaryPathBeside(path);
        writePlainMp4(file, *layout, temporary);
        file.allowReplacing();
        if (!renameReplacing(temporary, path))
            return true;
        removeFile(temporary);
    } catch (const std::exception &) {
        // The fragmented file is whole.
    }
    return false;
}

} // namespace rtcroom::embedded
