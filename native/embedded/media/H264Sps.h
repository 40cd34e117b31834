#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace rtcroom::embedded {

/// What a sequence parameter set of H.264 says (ISO/IEC 14496-10, 7.3.2.1.1).
struct H264Sps {
    uint32_t id = 0;
    uint32_t chromaFormat = 1;
    uint32_t lumaBits = 8;
    uint32_t chromaBits = 8;
    /// Cropped.
    int width = 0;
    int height = 0;
    /// 0 where it is not told, or may change.
    double framesPerSecond = 0;
};

/// None when it is damaged. `nal` has its header.
std::optional<H264Sps> readH264Sps(std::span<const uint8_t> nal);

} // namespace rtcroom::embedded
