#include "embedded/media/CodecConfig.h"

#include <cstring>
#include <iterator>
#include <new>

#include "embedded/media/Av1Config.h"
#include "embedded/media/ByteOrder.h"
#include "embedded/media/H264Config.h"
#include "embedded/media/HevcConfig.h"
#include "embedded/media/OpusConfig.h"

namespace rtcroom::embedded {

namespace {

// FFmpeg prints damaged input to stderr; this moves its messages below every usual log level. Errors are reported by
// return codes.
constexpr int quiet = 100;

struct ParserDeleter {
    void operator()(AVCodecParserContext *p) const { av_parser_close(p); }
};

uint8_t *paddedCopy(const Bytes &config) {
    auto *copy = static_cast<uint8_t *>(av_mallocz(config.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    if (!copy)
        throw std::bad_alloc();
    std::memcpy(copy, config.data(), config.size());
    return copy;
}

} // namespace

void setExtradata(AVCodecContext &context, const Bytes &config) {
    av_freep(&context.extradata);
    context.extradata_size = 0;
    context.extradata = paddedCopy(config);
    context.extradata_size = static_cast<int>(config.size());
}

void setExtradata(AVCodecParameters &parameters, const Bytes &config) {
    av_freep(&parameters.extradata);
    parameters.extradata_size = 0;
    parameters.extradata = paddedCopy(config);
    parameters.extradata_size = static_cast<int>(config.size());
}

std::optional<AacFormat> readAacConfig(const Bytes &audioSpecificConfig) {
    // AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) up to the first bit of GASpecificConfig.
    size_t at = 0;
    const auto read = [&](int bits) {
        uint32_t value = 0;
        for (; bits > 0; --bits, ++at) {
            const uint32_t byte = at / 8 < audioSpecificConfig.size() ? audioSpecificConfig[at / 8] : 0;
            value = value << 1 | (byte >> (7 - at % 8) & 1);
        }
        return value;
    };
    constexpr int rates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350};
    const auto readType = [&] {
        const uint32_t type = read(5);
        return type == 31 ? 32 + read(6) : type;
    };
    const auto readRate = [&] {
        const uint32_t index = read(4);
        if (index == 15)
            return static_cast<int>(read(24));
        return index < std::size(rates) ? rates[index] : 0;
    };
    uint32_t type = readType();
    const int rate = readRate();
    read(4); // channels: the decoder knows them, also where they are described at length
    if (type == 5 || type == 29) {
        readRate();
        type = readType();
    }
    const bool shortUnit = read(1) != 0;
    if (type == 0 || rate <= 0 || rate > 96000 || at > audioSpecificConfig.size() * 8)
        return std::nullopt;
    return AacFormat{rate, shortUnit ? 960 : 1024};
}

CodecPtr openAacDecoder(const Bytes &audioSpecificConfig) {
    const auto format = readAacConfig(audioSpecificConfig);
    if (!format)
        return nullptr;
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_AAC);
    CodecPtr context(codec ? avcodec_alloc_context3(codec) : nullptr);
    if (!context)
        return nullptr;
    setExtradata(*context, audioSpecificConfig);
    context->log_level_offset = quiet;
    context->thread_count = 1;
    context->pkt_timebase = {1, 1000};
    if (avcodec_open2(context.get(), codec, nullptr) < 0)
        return nullptr;
    if (context->ch_layout.nb_channels <= 0)
        return nullptr;
    // FFmpeg fills these in with the first sound only.
    context->sample_rate = format->sampleRate;
    context->frame_size = format->unitSamples;
    return context;
}

std::optional<engine::Size> h264PictureSize(const Bytes &avcC, const Bytes &unit) {
    if (avcC.size() < 7 || unit.empty())
        return std::nullopt;
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
    CodecPtr context(codec ? avcodec_alloc_context3(codec) : nullptr);
    const std::unique_ptr<AVCodecParserContext, ParserDeleter> parser(av_parser_init(AV_CODEC_ID_H264));
    if (!context || !parser)
        return std::nullopt;
    setExtradata(*context, avcC);
    context->log_level_offset = quiet;
    parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
    const PacketPtr packet = paddedPacket(unit);
    uint8_t *out = nullptr;
    int outSize = 0;
    av_parser_parse2(parser.get(), context.get(), &out, &outSize, packet->data, packet->size, AV_NOPTS_VALUE,
                     AV_NOPTS_VALUE, 0);
    if (parser->width <= 0 || parser->height <= 0)
        return std::nullopt;
    return engine::Size{parser->width, parser->height};
}

Bytes h264ParameterSets(const Bytes &avcC) {
    // version, profile, compatibility, level, length size, then a counted list of SPS and one of PPS, each entry with a
    // 16-bit length (ISO/IEC 14496-15, 5.3.3.1).
    Bytes sets;
    size_t at = 5;
    for (const uint8_t countMask : {uint8_t{0x1f}, uint8_t{0xff}}) {
        if (at >= avcC.size())
            return {};
        for (int left = avcC[at++] & countMask; left > 0; --left) {
            if (at + 2 > avcC.size())
                return {};
            const size_t length = static_cast<size_t>(readBigEndian(avcC.data() + at, 2));
            at += 2;
            if (at + length > avcC.size())
                return {};
            appendLengthPrefixed(sets, std::span(avcC).subspan(at, length));
            at += length;
        }
    }
    return sets;
}

CodecPtr openOpusDecoder(const AVCodec *codec, const Bytes &opusHead) {
    const auto head = readOpusHead(opusHead);
    CodecPtr context(head && codec ? avcodec_alloc_context3(codec) : nullptr);
    if (!context)
        return nullptr;
    setExtradata(*context, opusHead);
    context->log_level_offset = quiet;
    context->thread_count = 1;
    context->pkt_timebase = {1, 1000};
    context->sample_rate = opusSampleRate;
    av_channel_layout_default(&context->ch_layout, head->channels);
    return avcodec_open2(context.get(), codec, nullptr) < 0 ? nullptr : std::move(context);
}

std::optional<engine::Size> pictureSize(CodecId codec, const Bytes &config, const Bytes &unit) {
    switch (codec) {
    case CodecId::H264:
        return h264PictureSize(config, unit);
    case CodecId::Hevc:
        return hevcPictureSize(config, unit);
    case CodecId::Av1:
        return av1PictureSize(config, unit);
    default:
        return std::nullopt;
    }
}

Bytes inBandConfig(CodecId codec, const Bytes &config) {
    if (codec == CodecId::H264)
        return h264ParameterSets(config);
    return codec == CodecId::Hevc ? hevcParameterSets(config) : Bytes();
}

PacketPtr paddedPacket(const Bytes &unit) {
    PacketPtr packet(av_packet_alloc());
    if (!packet || av_new_packet(packet.get(), static_cast<int>(unit.size())) < 0)
        throw std::bad_alloc();
    std::memcpy(packet->data, unit.data(), unit.size());
    return packet;
}

} // namespace rtcroom::embedded
