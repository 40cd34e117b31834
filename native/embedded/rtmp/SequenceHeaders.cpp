#include "embedded/rtmp/SequenceHeaders.h"

#include <iterator>

#include "embedded/media/Av1Config.h"
#include "embedded/media/BitReader.h"
#include "embedded/media/H264Sps.h"
#include "embedded/media/HevcConfig.h"
#include "embedded/media/OpusConfig.h"

namespace rtcroom::embedded {

std::optional<int> nalLengthSize(std::span<const uint8_t> avcC) {
    if (avcC.size() < 7 || avcC[0] != 1)
        return std::nullopt;
    const int size = (avcC[4] & 3) + 1;
    return size == 3 ? std::nullopt : std::optional(size);
}

std::optional<VideoFormat> readVideoFormat(std::span<const uint8_t> avcC) {
    if (!nalLengthSize(avcC) || (avcC[5] & 0x1f) == 0 || avcC.size() < 8)
        return std::nullopt;
    const size_t length = static_cast<size_t>(avcC[6]) << 8 | avcC[7];
    if (length > avcC.size() - 8)
        return std::nullopt;
    const auto sps = readH264Sps(avcC.subspan(8, length));
    if (!sps)
        return std::nullopt;
    VideoFormat out;
    out.width = sps->width;
    out.height = sps->height;
    out.framesPerSecond = sps->framesPerSecond;
    return out;
}

std::optional<AudioFormat> readAudioFormat(std::span<const uint8_t> config) {
    constexpr int rates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350};
    constexpr int channelCounts[] = {0, 1, 2, 3, 4, 5, 6, 8};
    constexpr uint32_t escape = 31, explicitRate = 15;
    try {
        BitReader in(config);
        if (in.bits(5) == escape)
            in.skip(6);
        const uint32_t index = in.bits(4);
        AudioFormat out;
        if (index == explicitRate)
            out.sampleRate = static_cast<int>(in.bits(24));
        else if (index < std::size(rates))
            out.sampleRate = rates[index];
        const uint32_t channels = in.bits(4);
        if (out.sampleRate == 0 || channels >= std::size(channelCounts))
            return std::nullopt;
        out.channels = channelCounts[channels];
        return out;
    } catch (const Truncated &) {
        return std::nullopt;
    }
}

std::optional<VideoFormat> videoFormatOf(const EncodedPacket &config) {
    if (config.codec == CodecId::H264)
        return readVideoFormat(*config.data);
    VideoFormat out{.codec = config.codec};
    std::optional<engine::Size> size;
    if (config.codec == CodecId::Hevc)
        size = hevcPictureSize(*config.data);
    else if (config.codec == CodecId::Av1)
        size = av1PictureSize(*config.data);
    if (size) {
        out.width = size->width;
        out.height = size->height;
    }
    return out;
}

std::optional<AudioFormat> audioFormatOf(const EncodedPacket &config) {
    if (config.codec != CodecId::Opus)
        return readAudioFormat(*config.data);
    const auto head = readOpusHead(*config.data);
    return head ? std::optional(AudioFormat{opusSampleRate, head->channels, CodecId::Opus}) : std::nullopt;
}

} // namespace rtcroom::embedded
