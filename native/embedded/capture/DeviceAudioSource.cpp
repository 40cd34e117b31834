#include "embedded/capture/DeviceAudioSource.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/Frame.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;
using State = sound::SoundStream::State;

namespace {

constexpr auto TRY_AGAIN = std::chrono::seconds(1);
/// Further from the clock, sound was lost, or the machine slept.
constexpr double JUMP_MS = 100;
constexpr double BLOCK_MS = 1e3 * sound::DEVICE_BLOCK / sound::DEVICE_RATE;

} // namespace

DeviceAudioSource::DeviceAudioSource(sound::DeviceKind kind, int sampleRate, int channels,
                                     std::shared_ptr<SoundVolume> volume,
                                     std::shared_ptr<sound::SoundProcessor> processor)
    : kind_(kind), channels_(channels), grid_{sampleRate, engine::clockMicros()}, volume_(std::move(volume)),
      processor_(std::move(processor)), resampler_(sampleRate, channels), buffer_(channels) {}

DeviceAudioSource::Line DeviceAudioSource::begin(const std::string &name) {
    devices_ = sound::SoundDevices::share();
    const auto heard = std::make_shared<std::atomic<bool>>(false);
    return {heard, devices_->open(kind_, name, channels_, [this, heard](std::span<float> block) {
                if (*heard)
                    hear(block);
            })};
}

void DeviceAudioSource::use(Line line) {
    line_.stream.reset();
    line_ = std::move(line);
    *line_.heard = true;
    present_ = true;
    lost_ = false;
}

void DeviceAudioSource::open(const std::string &name) {
    Line line = begin(name);
    const auto end = std::chrono::steady_clock::now() + devices_->patience();
    next_ = Next{name, std::move(line), end};
}

bool DeviceAudioSource::settle() {
    if (!next_)
        return true;
    const State state = next_->line.stream->state();
    if (state == State::Opening && std::chrono::steady_clock::now() < next_->end)
        return false;
    Next next = std::move(*next_);
    next_.reset();
    if (state == State::Opening)
        throw EngineException(devices_->noAnswer());
    if (state == State::Failed)
        throw EngineException(next.line.stream->error());
    trial_ = {};
    use(std::move(next.line));
    name_ = std::move(next.name);
    wanted_ = true;
    return true;
}

void DeviceAudioSource::close() {
    wanted_ = present_ = lost_ = false;
    giveUp();
    trial_.stream.reset();
    line_.stream.reset();
}

DeviceAudioSource::Change DeviceAudioSource::check() {
    if (!wanted_)
        return Change::None;
    if (line_.stream) {
        if (line_.stream->look() != State::Lost)
            return Change::None;
        lastError_ = devices_->lost(*line_.stream, kind_, name_);
        line_.stream.reset();
        present_ = false;
        nextTry_ = {};
        return std::exchange(lost_, true) ? Change::None : Change::Lost;
    }
    const auto now = std::chrono::steady_clock::now();
    if (!trial_.stream) {
        if (now < nextTry_)
            return Change::None;
        trial_ = begin(name_);
    }
    switch (trial_.stream->state()) {
    case State::Opening:
        return Change::None;
    case State::Open:
        // Of one that stood still more is wanted than that it opens.
        if (!trial_.stream->works())
            return Change::None;
        use(std::exchange(trial_, {}));
        return Change::Back;
    default:
        trial_ = {};
        nextTry_ = now + TRY_AGAIN;
        return Change::None;
    }
}

void DeviceAudioSource::hear(std::span<float> block) {
    const int64_t beginUs = engine::clockMicros() - sound::DEVICE_DELAY_US;
    if (processor_)
        processor_->process(block, channels_);
    volume_->apply(block, sound::DEVICE_RATE * channels_);
    const std::lock_guard lock(mutex_);
    if (!running_)
        return;
    place(block, beginUs);
    if (arrived_)
        arrived_();
}

void DeviceAudioSource::place(std::span<const float> block, int64_t beginUs) {
    const int64_t due = grid_.toSample(beginUs);
    double surplusMs = 1e3 * static_cast<double>(buffer_.end() + resampler_.delay() - due) / grid_.sampleRate;
    const bool jumped = fresh_ || std::abs(surplusMs) > JUMP_MS;
    if (jumped) {
        drift_.reset();
        resampler_.reset();
        surplusMs = 0;
    }
    resampler_.shorten(drift_.note(surplusMs, BLOCK_MS));
    AVChannelLayout layout{};
    av_channel_layout_default(&layout, channels_);
    const auto *data = reinterpret_cast<const uint8_t *>(block.data());
    const std::span<const float> sound = resampler_.convert(AV_SAMPLE_FMT_FLT, sound::DEVICE_RATE, layout, &data,
                                                            static_cast<int>(block.size()) / channels_);
    if (std::exchange(fresh_, false))
        buffer_.reset(due);
    buffer_.append(jumped ? due : buffer_.end(), sound, grid_.sampleRate);
}

void DeviceAudioSource::setRunning(bool running) {
    const std::lock_guard lock(mutex_);
    if (running && !running_)
        fresh_ = true;
    running_ = running;
}

void DeviceAudioSource::onArrival(std::function<void()> arrived) {
    const std::lock_guard lock(mutex_);
    arrived_ = std::move(arrived);
}

ReadResult DeviceAudioSource::read(int64_t startUs, std::span<float> out, bool final) {
    const std::lock_guard lock(mutex_);
    if (fresh_) {
        std::ranges::fill(out, 0.0F);
        return final || !present_ ? ReadResult::Ready : ReadResult::NotYet;
    }
    return grid_.read(buffer_, static_cast<size_t>(channels_), startUs, out, final || !present_);
}

} // namespace rtcroom::embedded
