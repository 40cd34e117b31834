#include "embedded/record/PlainMp4.h"

#include "embedded/media/CodecConfig.h"
#include "embedded/media/OutputFile.h"
#include "embedded/media/ffmpeg.h"

namespace rtcroom::embedded {

namespace {

struct InputDeleter {
    void operator()(AVFormatContext *p) const { avformat_close_input(&p); }
};
struct OutputDeleter {
    void operator()(AVFormatContext *p) const {
        avio_closep(&p->pb);
        avformat_free_context(p);
    }
};

// "file:" keeps a colon in the path from being read as a protocol.
std::string url(const std::string &path) { return "file:" + path; }

int unitSamples(const AVCodecParameters &parameters) {
    const Bytes config(parameters.extradata, parameters.extradata + parameters.extradata_size);
    return readAacConfig(config).value_or(AacFormat()).unitSamples;
}

bool copyStreams(AVFormatContext &input, AVFormatContext &output) {
    for (unsigned i = 0; i < input.nb_streams; ++i) {
        AVStream *stream = avformat_new_stream(&output, nullptr);
        if (!stream || avcodec_parameters_copy(stream->codecpar, input.streams[i]->codecpar) < 0)
            return false;
        stream->codecpar->codec_tag = 0;
        if (stream->codecpar->codec_id == AV_CODEC_ID_AAC)
            stream->codecpar->frame_size = unitSamples(*stream->codecpar);
        stream->time_base = input.streams[i]->time_base;
    }
    return input.nb_streams > 0;
}

bool copyPackets(AVFormatContext &input, AVFormatContext &output) {
    const PacketPtr packet(av_packet_alloc());
    if (!packet)
        return false;
    int result = 0;
    while ((result = av_read_frame(&input, packet.get())) >= 0) {
        const auto index = static_cast<unsigned>(packet->stream_index);
        av_packet_rescale_ts(packet.get(), input.streams[index]->time_base, output.streams[index]->time_base);
        packet->pos = -1;
        const int written = av_write_frame(&output, packet.get());
        // Neither the next read nor the write lets go of it.
        av_packet_unref(packet.get());
        if (written < 0)
            return false;
    }
    return result == AVERROR_EOF;
}

bool remux(const std::string &from, const std::string &to) {
    AVFormatContext *opened = nullptr;
    const AVInputFormat *mp4 = av_find_input_format("mp4");
    if (avformat_open_input(&opened, url(from).c_str(), mp4, nullptr) < 0)
        return false;
    const std::unique_ptr<AVFormatContext, InputDeleter> input(opened);
    AVFormatContext *made = nullptr;
    if (avformat_alloc_output_context2(&made, nullptr, "mp4", url(to).c_str()) < 0)
        return false;
    const std::unique_ptr<AVFormatContext, OutputDeleter> output(made);
    if (!copyStreams(*input, *output))
        return false;
    output->flags |= AVFMT_FLAG_BITEXACT;
    output->flags &= ~AVFMT_FLAG_AUTO_BSF;
    if (avio_open(&output->pb, url(to).c_str(), AVIO_FLAG_WRITE) < 0)
        return false;
    AVDictionary *options = nullptr;
    av_dict_set(&options, "movflags", "faststart", 0);
    const int header = avformat_write_header(output.get(), &options);
    av_dict_free(&options);
    if (header < 0)
        return false;
    const bool copied = copyPackets(*input, *output);
    // Frees the muxer's state, so it is due even after a failure.
    const bool indexed = av_write_trailer(output.get()) >= 0;
    return copied && indexed && output->pb->error >= 0 && avio_closep(&output->pb) >= 0;
}

} // namespace

bool makePlainMp4(const std::string &path) {
    const std::string temporary = temporaryPathBeside(path);
    if (remux(path, temporary) && !renameReplacing(temporary, path))
        return true;
    removeFile(temporary);
    return false;
}

} // namespace rtcroom::embedded
