#include "embedded/encode/OutgoingFrames.h"

#include <algorithm>
#include <cmath>

namespace rtcroom::embedded {

void OutgoingPictures::offer(const AVFrame &picture, int64_t timestampMs, int64_t captureUs) {
    if (!wanted())
        return;
    auto frame = output_.take(picture, timestampMs);
    if (!frame)
        return;
    frame->timestampMs = timestampMs;
    frame->decodedAtUs = captureUs;
    sink_(std::move(*frame));
}

void OutgoingSound::offer(std::span<const float> block, int sampleRate, int channels, int64_t timestampMs,
                          int64_t captureUs) {
    if (!wanted())
        return;
    engine::AudioFrame frame;
    frame.sampleRate = sampleRate;
    frame.channels = channels;
    frame.samples = static_cast<int>(block.size() / static_cast<size_t>(channels));
    frame.timestampMs = timestampMs;
    frame.decodedAtUs = captureUs;
    frame.size = block.size() * sizeof(int16_t);
    frame.buffer = pool_.acquire(frame.size);
    auto *out = reinterpret_cast<int16_t *>(frame.buffer->data());
    std::ranges::transform(block, out, [](float sample) {
        return static_cast<int16_t>(std::lround(std::clamp(sample, -1.0F, 1.0F) * 32767));
    });
    offer(std::move(frame));
}

} // namespace rtcroom::embedded
