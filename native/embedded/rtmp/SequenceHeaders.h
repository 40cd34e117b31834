#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "embedded/media/EncodedPacket.h"

namespace rtcroom::embedded {

/// What a configuration says about the picture.
struct VideoFormat {
    /// Cropped, px; 0 when it is not known.
    int width = 0;
    int height = 0;
    /// From the VUI's timing of H.264; 0 when it has none or varies.
    double framesPerSecond = 0;
    CodecId codec = CodecId::H264;
};

/// What a configuration says about the sound.
struct AudioFormat {
    int sampleRate = 0;
    /// 0 when a program config element tells it.
    int channels = 0;
    CodecId codec = CodecId::Aac;
};

/// From an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1). None when it is damaged.
std::optional<VideoFormat> readVideoFormat(std::span<const uint8_t> avcC);

/// The bytes of a NAL unit's length in an AVCDecoderConfigurationRecord: 1, 2 or 4. None when it is none.
std::optional<int> nalLengthSize(std::span<const uint8_t> avcC);

/// From an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1). None when it is damaged.
std::optional<AudioFormat> readAudioFormat(std::span<const uint8_t> config);

/// From a packet with a configuration. None when it is damaged; without a size where it does not tell one.
std::optional<VideoFormat> videoFormatOf(const EncodedPacket &config);
std::optional<AudioFormat> audioFormatOf(const EncodedPacket &config);

} // namespace rtcroom::embedded
