#include "sound/FarEnd.h"

#include <algorithm>

#include "sound/SoundStream.h"

namespace rtcroom::sound {

namespace {

/// Kept for a microphone that takes nothing for a while; then only the newest two blocks, so that it stays in step.
constexpr size_t MOST = size_t{DEVICE_BLOCK} * 8;
constexpr size_t NEWEST = size_t{DEVICE_BLOCK} * 2;

} // namespace

FarEnd &FarEnd::instance() {
    // Never destroyed: devices may play while the process exits.
    static FarEnd &only = *std::make_unique<FarEnd>().release();
    return only;
}

void FarEnd::Voice::play(std::span<const float> block, int channels) {
    const std::lock_guard lock(mutex_);
    const auto step = static_cast<size_t>(channels);
    for (auto &[listener, queue] : queues_) {
        for (size_t i = 0; i + step <= block.size(); i += step) {
            float sum = 0;
            for (size_t channel = 0; channel < step; ++channel)
                sum += block[i + channel];
            queue.push_back(sum / static_cast<float>(channels));
        }
        if (queue.size() > MOST)
            queue.erase(queue.begin(), queue.end() - static_cast<ptrdiff_t>(NEWEST));
    }
}

std::shared_ptr<FarEnd::Voice> FarEnd::addVoice() {
    auto voice = std::make_shared<Voice>();
    const std::lock_guard lock(mutex_);
    std::erase_if(voices_, [](const auto &each) { return each.expired(); });
    for (const void *listener : listeners_)
        voice->queues_.emplace_back(listener, std::vector<float>());
    voices_.push_back(voice);
    return voice;
}

void FarEnd::addListener(const void *listener) {
    const std::lock_guard lock(mutex_);
    listeners_.push_back(listener);
    for (const auto &each : voices_)
        if (const auto voice = each.lock()) {
            const std::lock_guard queues(voice->mutex_);
            voice->queues_.emplace_back(listener, std::vector<float>());
        }
}

void FarEnd::removeListener(const void *listener) {
    const std::lock_guard lock(mutex_);
    std::erase(listeners_, listener);
    for (const auto &each : voices_)
        if (const auto voice = each.lock()) {
            const std::lock_guard queues(voice->mutex_);
            std::erase_if(voice->queues_, [&](const auto &queue) { return queue.first == listener; });
        }
}

void FarEnd::take(const void *listener, std::span<float> out) {
    std::ranges::fill(out, 0.0F);
    const std::lock_guard lock(mutex_);
    for (const auto &each : voices_) {
        const auto voice = each.lock();
        if (!voice)
            continue;
        const std::lock_guard queues(voice->mutex_);
        for (auto &[owner, queue] : voice->queues_) {
            if (owner != listener)
                continue;
            // Less than a block is on its way to be one.
            if (queue.size() < out.size())
                continue;
            for (size_t i = 0; i < out.size(); ++i)
                out[i] += queue[i];
            queue.erase(queue.begin(), queue.begin() + static_cast<ptrdiff_t>(out.size()));
        }
    }
}

} // namespace rtcroom::sound
