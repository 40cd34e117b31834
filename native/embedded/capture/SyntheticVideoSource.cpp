#include "embedded/capture/SyntheticVideoSource.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "embedded/capture/ClockPattern.h"
#include "embedded/capture/I420Frame.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

namespace {

// The texture's period across, in luma pixels; even, so that chroma pans with luma.
constexpr int PERIOD = 256;
constexpr int PAN_PX_PER_FRAME = 2;

uint8_t toByte(double value) { return static_cast<uint8_t>(std::clamp(std::lround(value), 16L, 235L)); }

double wave(int position, int period, double phase = 0) {
    return std::sin(2 * std::numbers::pi * position / period + phase);
}

} // namespace

void SyntheticVideoSource::Texture::copyTo(uint8_t *plane, int stride, int planeWidth, int offset) const {
    for (int y = 0; y < height; ++y)
        std::memcpy(plane + static_cast<ptrdiff_t>(y) * stride, bytes.data() + static_cast<size_t>(y) * width + offset,
                    static_cast<size_t>(planeWidth));
}

void SyntheticVideoSource::resize(engine::Size size) {
    frame_ = makeI420Frame(size);
    size_ = size;
    const int chromaWidth = (size.width + 1) / 2;
    const int chromaHeight = (size.height + 1) / 2;
    const int clockRows = size.height / 3;
    const int clockChromaRows = (clockRows + 1) / 2;
    for (int plane = 1; plane <= 2; ++plane)
        for (int y = 0; y < clockChromaRows; ++y)
            std::memset(frame_->data[plane] + static_cast<ptrdiff_t>(y) * frame_->linesize[plane], 128,
                        static_cast<size_t>(chromaWidth));

    const auto fill = [](Texture &texture, int width, int height, auto &&value) {
        texture.width = width;
        texture.height = height;
        texture.bytes.resize(static_cast<size_t>(width) * height);
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x)
                texture.bytes[static_cast<size_t>(y) * width + x] = value(x, y);
    };
    fill(luma_, size.width + PERIOD, size.height - clockRows, [](int x, int y) {
        // Waves with an 8 × 8 checker, whose edges make detail.
        const double checker = ((x / 8 + y / 8) % 4 == 0) ? 14 : 0;
        return toByte(115 + 40 * wave(x, PERIOD) * wave(y, 96) + 18 * wave(x + 3 * y, 64) + checker);
    });
    const int chromaRows = chromaHeight - clockChromaRows;
    fill(blue_, chromaWidth + PERIOD / 2, chromaRows,
         [](int x, int y) { return toByte(128 + 50 * wave(x, PERIOD / 2) + 20 * wave(y, 64)); });
    fill(red_, chromaWidth + PERIOD / 2, chromaRows,
         [](int x, int y) { return toByte(128 + 50 * wave(x, PERIOD / 2, 2) - 20 * wave(y, 48)); });
}

CaptureResult SyntheticVideoSource::capture(int64_t, int64_t, engine::Size size, bool, CapturedPicture &out) {
    if (!frame_ || size != size_)
        resize(size);
    makeWritable(*frame_);
    const int clockRows = size.height / 3;
    const int clockChromaRows = (clockRows + 1) / 2;
    const int offset = static_cast<int>(frameNumber_ * PAN_PX_PER_FRAME % PERIOD);
    const auto row = [&](int plane, int y) {
        return frame_->data[plane] + static_cast<ptrdiff_t>(y) * frame_->linesize[plane];
    };
    luma_.copyTo(row(0, clockRows), frame_->linesize[0], size.width, offset);
    blue_.copyTo(row(1, clockChromaRows), frame_->linesize[1], (size.width + 1) / 2, offset / 2);
    red_.copyTo(row(2, clockChromaRows), frame_->linesize[2], (size.width + 1) / 2, offset / 2);

    const int64_t now = engine::clockMicros();
    ClockPattern::draw(frame_->data[0], frame_->linesize[0], size.width, size.height, {now, frameNumber_});
    frameNumber_ = (frameNumber_ + 1) & 0x0fffffff;
    out = {frame_.get(), now};
    return CaptureResult::Picture;
}

} // namespace rtcroom::embedded
