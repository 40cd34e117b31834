#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace rtcroom::embedded {

/// What an H.264 sequence parameter set says about the picture.
struct VideoFormat {
    /// Cropped, px.
    int width = 0;
    int height = 0;
    /// From the VUI's timing; 0 when it has none or varies.
    double framesPerSecond = 0;
};

/// What an AudioSpecificConfig says about the sound.
struct AudioFormat {
    int sampleRate = 0;
    /// 0 when a program config element tells it.
    int channels = 0;
};

/// From an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1). None when it is damaged.
std::optional<VideoFormat> readVideoFormat(std::span<const uint8_t> avcC);

/// The bytes of a NAL unit's length in an AVCDecoderConfigurationRecord: 1, 2 or 4. None when it is none.
std::optional<int> nalLengthSize(std::span<const uint8_t> avcC);

/// From an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1). None when it is damaged.
std::optional<AudioFormat> readAudioFormat(std::span<const uint8_t> config);

} // namespace rtcroom::embedded
