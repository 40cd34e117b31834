#include "TestClip.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "embedded/media/Codecs.h"
#include "embedded/media/ffmpeg.h"

namespace rtcroom::test {

using namespace embedded;

TemporaryDirectory::TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "playout-XXXXXX").string();
    if (!mkdtemp(name.data()))
        throw std::runtime_error("mkdtemp failed");
    path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string runCommand(const std::string &command) {
    FILE *pipe = popen((command + " 2>&1").c_str(), "r");
    if (!pipe)
        throw std::runtime_error("popen failed");
    std::string output;
    char part[4096];
    size_t got = 0;
    while ((got = fread(part, 1, sizeof part, pipe)) > 0)
        output.append(part, got);
    if (pclose(pipe) != 0)
        throw std::runtime_error(command + " failed: " + output);
    return output;
}

namespace {

CodecId codecOf(const AVCodecParameters &parameters) {
    for (const CodecId codec : {CodecId::H264, CodecId::Hevc, CodecId::Av1, CodecId::Vp9, CodecId::Aac, CodecId::Opus})
        if (ffmpegCodec(codec) == parameters.codec_id)
            return codec;
    throw std::runtime_error("the clip has a codec that is not known");
}

} // namespace

std::vector<EncodedPacket> makeClip(const std::string &ffmpegArguments, const std::string &container) {
    const TemporaryDirectory directory;
    const std::string path = directory / "clip." + container;
    runCommand("ffmpeg -nostdin -v error " + ffmpegArguments + " -f " + container + " '" + path + "'");
    AVFormatContext *input = nullptr;
    if (avformat_open_input(&input, path.c_str(), nullptr, nullptr) < 0 ||
        avformat_find_stream_info(input, nullptr) < 0)
        throw std::runtime_error("the clip cannot be read");
    std::vector<EncodedPacket> packets;
    for (unsigned i = 0; i < input->nb_streams; ++i) {
        const AVCodecParameters &parameters = *input->streams[i]->codecpar;
        EncodedPacket config;
        config.codec = codecOf(parameters);
        config.kind = kindOf(config.codec);
        config.isConfig = true;
        config.data = std::make_shared<Bytes>(parameters.extradata, parameters.extradata + parameters.extradata_size);
        // FFmpeg's MP4 gives none for VP9; a stream has one.
        if (config.data->empty())
            config.data = std::make_shared<Bytes>(1);
        packets.push_back(config);
    }
    const PacketPtr packet(av_packet_alloc());
    while (av_read_frame(input, packet.get()) >= 0) {
        EncodedPacket unit;
        const AVStream &stream = *input->streams[packet->stream_index];
        unit.codec = codecOf(*stream.codecpar);
        unit.kind = kindOf(unit.codec);
        av_packet_rescale_ts(packet.get(), stream.time_base, {1, 1000});
        unit.keyFrame = (packet->flags & AV_PKT_FLAG_KEY) != 0;
        unit.dtsMs = packet->dts;
        unit.ctsMs = static_cast<int32_t>(packet->pts - packet->dts);
        unit.data = std::make_shared<Bytes>(packet->data, packet->data + packet->size);
        packets.push_back(unit);
        av_packet_unref(packet.get());
    }
    avformat_close_input(&input);
    return packets;
}

std::vector<EncodedPacket> makeLiveClip(const std::string &videoSource, double seconds,
                                        const std::string &videoOptions) {
    const std::string duration = std::to_string(seconds);
    return makeClip("-f lavfi -i '" + videoSource + "' -f lavfi -i sine=frequency=440:sample_rate=48000 -t " +
                    duration + " -c:v libx264 -preset ultrafast -tune zerolatency -g 30 -pix_fmt yuv420p " +
                    videoOptions + " -c:a aac -b:a 64k -flags +global_header");
}

std::string Probe::operator[](const std::string &key) const {
    std::istringstream lines(text);
    std::string value;
    for (std::string line; std::getline(lines, line);)
        if (line.rfind(key + "=", 0) == 0)
            value = line.substr(key.size() + 1);
    return value;
}

double Probe::number(const std::string &key) const { return std::strtod((*this)[key].c_str(), nullptr); }

Probe probe(const std::string &path, const std::string &stream) {
    const std::string select =
        stream.empty() ? "-show_format" : "-select_streams " + stream + " -count_frames -show_streams";
    return {runCommand("ffprobe -v error -of default=noprint_wrappers=1 " + select + " 'file:" + path + "'")};
}

size_t countUnits(const std::vector<EncodedPacket> &packets, MediaKind kind) {
    return static_cast<size_t>(std::count_if(packets.begin(), packets.end(), [kind](const EncodedPacket &packet) {
        return packet.kind == kind && !packet.isConfig;
    }));
}

} // namespace rtcroom::test
