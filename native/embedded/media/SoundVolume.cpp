#include "embedded/media/SoundVolume.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>

#include "engine/Error.h"
#include "engine/Frame.h"

namespace rtcroom::embedded {

namespace {

constexpr double QUIETEST_DB = -60;
constexpr int64_t STALE_US = 500'000;

int levelOf(double meanSquare) {
    if (meanSquare <= 0)
        return 0;
    const double decibels = 10 * std::log10(meanSquare);
    return static_cast<int>(std::lround(std::clamp(100 * (1 - decibels / QUIETEST_DB), 0.0, 100.0)));
}

} // namespace

void SoundVolume::set(int volume) {
    if (volume < 0 || volume > MAX)
        throw engine::EngineException(engine::ErrorCode::InvalidArgument, "a volume must be 0 to " +
                                                                              std::to_string(MAX) + ", not " +
                                                                              std::to_string(volume));
    volume_ = volume;
}

void SoundVolume::apply(std::span<float> block, int perSecond) { applyTo(block, perSecond, 1); }

void SoundVolume::apply(std::span<int16_t> block, int perSecond) { applyTo(block, perSecond, 32768); }

template <typename Sample> void SoundVolume::applyTo(std::span<Sample> block, int perSecond, double fullScale) {
    const double target = static_cast<double>(volume_) / MAX;
    if (block.empty())
        return;
    if (gain_ != 1 || target != 1) {
        const double step = (target - gain_) / static_cast<double>(block.size());
        double gain = gain_;
        for (Sample &sample : block) {
            gain += step;
            const double scaled = static_cast<double>(sample) * gain;
            if constexpr (std::is_integral_v<Sample>)
                sample = static_cast<Sample>(std::lround(scaled));
            else
                sample = static_cast<Sample>(scaled);
        }
        gain_ = target;
    }
    for (const Sample sample : block) {
        const double value = static_cast<double>(sample) / fullScale;
        squares_ += value * value;
    }
    counted_ += static_cast<int>(block.size());
    if (counted_ < perSecond / 10)
        return;
    level_ = levelOf(squares_ / counted_);
    levelAtUs_ = engine::clockMicros();
    squares_ = 0;
    counted_ = 0;
}

int SoundVolume::level() const { return engine::clockMicros() - levelAtUs_ > STALE_US ? 0 : level_.load(); }

} // namespace rtcroom::embedded
