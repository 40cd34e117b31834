#include "embedded/playout/SpeakerBuffer.h"

#include <algorithm>

namespace rtcroom::embedded {

namespace {

constexpr double samplesPerMs = sound::DEVICE_RATE / 1000.0;
constexpr double blockMs = 1e3 * sound::DEVICE_BLOCK / sound::DEVICE_RATE;
constexpr double deviceMs = sound::DEVICE_DELAY_US / 1e3;
/// More than this beyond the cushion is left out at once.
constexpr double mostSurplusMs = 100;
/// Sound that comes this long after the device ran out of it was late; after more there was none.
constexpr int64_t lateUs = 300'000;
constexpr double cushionStepMs = 10;
constexpr double mostCushionMs = 80;

int64_t samplesOf(double ms) { return static_cast<int64_t>(ms * samplesPerMs); }

} // namespace

double SpeakerBuffer::leadMs() const {
    const std::lock_guard lock(mutex_);
    return cushionMs_ + deviceMs;
}

uint64_t SpeakerBuffer::underruns() const {
    const std::lock_guard lock(mutex_);
    return underruns_;
}

void SpeakerBuffer::clear() {
    if (!voice_)
        voice_ = sound::FarEnd::instance().addVoice();
    const std::lock_guard lock(mutex_);
    buffer_.reset(buffer_.end());
    filled_ = false;
    dryUs_ = 0;
}

double SpeakerBuffer::surplusMs(int64_t nowUs) {
    if (!filled_) {
        if (dryUs_ != 0 && nowUs - dryUs_ < lateUs) {
            ++underruns_;
            cushionMs_ = std::min(cushionMs_ + cushionStepMs, mostCushionMs);
        }
        filled_ = true;
        const int64_t silence = samplesOf(cushionMs_) - static_cast<int64_t>(buffer_.samples());
        if (silence > 0)
            buffer_.append(buffer_.end() + silence, {}, silence);
        drift_.reset();
        return 0;
    }
    // The device has played on since it took its last block.
    const double sinceReadMs = std::clamp(static_cast<double>(nowUs - lastReadUs_) / 1000, 0.0, blockMs);
    const double surplus =
        static_cast<double>(buffer_.samples()) / samplesPerMs - sinceReadMs - cushionMs_ + blockMs / 2;
    if (surplus <= mostSurplusMs)
        return surplus;
    buffer_.discardBefore(buffer_.begin() + samplesOf(surplus));
    drift_.reset();
    return 0;
}

void SpeakerBuffer::write(const engine::AudioFrame &frame, int64_t nowUs) {
    const double elapsedMs = static_cast<double>(nowUs - lastWriteUs_) / 1000;
    lastWriteUs_ = nowUs;
    double surplus = 0;
    {
        const std::lock_guard lock(mutex_);
        surplus = surplusMs(nowUs);
    }
    const std::span<const float> sound = converted(frame, drift_.note(surplus, elapsedMs));
    const std::lock_guard lock(mutex_);
    buffer_.append(buffer_.end(), sound, 0);
}

std::span<const float> SpeakerBuffer::converted(const engine::AudioFrame &frame, double shorter) {
    resampler_.shorten(shorter);
    AVChannelLayout layout{};
    av_channel_layout_default(&layout, frame.channels);
    const uint8_t *data = frame.buffer->data();
    const std::span<const float> sound =
        resampler_.convert(AV_SAMPLE_FMT_S16, frame.sampleRate, layout, &data, frame.samples);
    av_channel_layout_uninit(&layout);
    return sound;
}

void SpeakerBuffer::read(std::span<float> out, int64_t nowUs) {
    {
        const std::lock_guard lock(mutex_);
        lastReadUs_ = nowUs;
        const int64_t begin = buffer_.begin();
        const bool complete = buffer_.copy(begin, out);
        buffer_.discardBefore(begin + static_cast<int64_t>(out.size()) / channels);
        if (!complete && filled_) {
            filled_ = false;
            dryUs_ = nowUs;
        }
    }
    volume_.apply(out, sound::DEVICE_RATE * channels);
    if (voice_)
        voice_->play(out, channels);
}

} // namespace rtcroom::embedded
