#pragma once

#include <cstdint>

#include "embedded/media/BitReader.h"
#include "engine/Options.h"

namespace rtcroom::embedded {

/// The largest side of a picture: HEVC's level 6.2 ends there, H.264's 8 px before it. Beyond it numbers are noise.
constexpr uint32_t maxSpsSide = 16888;

/// What is shown of a picture that is coded in `width` × `height`: reads an SPS's flag and its four offsets, which
/// H.264 calls frame cropping and HEVC the conformance window. They count in samples of chroma, and in H.264 in rows of
/// a field (`rowsAUnit` 2) where there may be any. Throws Truncated where nothing is left.
inline engine::Size readCroppedSize(BitReader &in, uint32_t width, uint32_t height, uint32_t chromaFormat,
                                    uint32_t rowsAUnit = 1) {
    uint32_t left = 0, right = 0, top = 0, bottom = 0;
    if (in.flag()) {
        left = in.ue();
        right = in.ue();
        top = in.ue();
        bottom = in.ue();
    }
    for (const uint32_t side : {width, height, left, right, top, bottom})
        if (side > maxSpsSide)
            throw Truncated();
    const uint32_t unitX = chromaFormat == 1 || chromaFormat == 2 ? 2 : 1;
    const uint32_t unitY = (chromaFormat == 1 ? 2 : 1) * rowsAUnit;
    const engine::Size size{static_cast<int>(width) - static_cast<int>(unitX * (left + right)),
                            static_cast<int>(height) - static_cast<int>(unitY * (top + bottom))};
    if (size.width <= 0 || size.height <= 0)
        throw Truncated();
    return size;
}

} // namespace rtcroom::embedded
