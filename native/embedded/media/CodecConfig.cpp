#include "embedded/media/CodecConfig.h"

#include <cstring>
#include <new>

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

CodecPtr openAacDecoder(const Bytes &audioSpecificConfig) {
    if (audioSpecificConfig.size() < 2)
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
    if (context->sample_rate <= 0 || context->ch_layout.nb_channels <= 0)
        return nullptr;
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
            const size_t length = static_cast<size_t>(avcC[at]) << 8 | avcC[at + 1];
            at += 2;
            if (at + length > avcC.size())
                return {};
            const uint8_t prefix[] = {0, 0, static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)};
            sets.insert(sets.end(), prefix, prefix + 4);
            sets.insert(sets.end(), avcC.begin() + static_cast<std::ptrdiff_t>(at),
                        avcC.begin() + static_cast<std::ptrdiff_t>(at + length));
            at += length;
        }
    }
    return sets;
}

PacketPtr paddedPacket(const Bytes &unit) {
    PacketPtr packet(av_packet_alloc());
    if (!packet || av_new_packet(packet.get(), static_cast<int>(unit.size())) < 0)
        throw std::bad_alloc();
    std::memcpy(packet->data, unit.data(), unit.size());
    return packet;
}

} // namespace rtcroom::embedded
