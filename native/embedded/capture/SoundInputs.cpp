#include "embedded/capture/SoundInputs.h"

#include <utility>

#include "engine/Event.h"

namespace rtcroom::embedded {

using engine::EngineException;
using engine::ErrorCode;
using sound::DeviceKind;
using sound::SoundProcessor;

int openFailureEvent(ErrorCode code) {
    return code == ErrorCode::DeviceOccupied ? engine::event::PUSH_ERR_MICROPHONE_OCCUPY
                                             : engine::event::PUSH_ERR_OPEN_MIC_FAIL;
}

void SoundInputs::select(int index) {
    std::string name = sound::deviceName(DeviceKind::Microphone, index);
    const std::lock_guard lock(mutex_);
    chosen_ = std::move(name);
}

std::string SoundInputs::chosen() const {
    const std::lock_guard lock(mutex_);
    return chosen_;
}

void SoundInputs::enablePart(int part, bool enable) {
    if (part != SoundProcessor::Echo && part != SoundProcessor::Gain && part != SoundProcessor::Noise)
        throw EngineException(ErrorCode::InvalidArgument,
                              "an audio preprocess type is 1 (AEC), 2 (AGC) or 4 (NS), not " + std::to_string(part));
    if (const char *reason = SoundProcessor::unsupported())
        throw EngineException(ErrorCode::Unsupported, reason);
    const std::lock_guard lock(mutex_);
    parts_ = enable ? parts_ | part : parts_ & ~part;
    if (processor_)
        processor_->setParts(parts_);
}

std::shared_ptr<SoundProcessor> SoundInputs::processor() {
    const std::lock_guard lock(mutex_);
    if (!SoundProcessor::unsupported() && !processor_)
        processor_ = std::make_shared<SoundProcessor>(parts_);
    return processor_;
}

SoundOpening SoundInputs::openMicrophone(int sampleRate, int channels, Use use) {
    // One that is open goes over to what is chosen now; a test ends where the source begins.
    const auto source = microphone_ ? microphone_
                                    : std::make_shared<DeviceAudioSource>(DeviceKind::Microphone, sampleRate, channels,
                                                                          microphoneVolume_, processor());
    test_.reset();
    const auto begin = [this, source, use = std::move(use)] {
        microphone_ = source;
        use(source);
    };
    if (!enabled_)
        return {{}, begin};
    source->open(chosen());
    return {source, begin};
}

SoundOpening SoundInputs::openSystemSound(int sampleRate, int channels, Use use) {
    const auto source =
        std::make_shared<DeviceAudioSource>(DeviceKind::SystemSound, sampleRate, channels, systemVolume_, nullptr);
    source->open({});
    return {source, [this, source, use = std::move(use)] {
                system_ = source;
                use(source);
            }};
}

void SoundInputs::closeMicrophone() {
    if (microphone_)
        microphone_->close();
    microphone_.reset();
}

SoundOpening SoundInputs::reopenMicrophone() {
    // A test is open only where no source is.
    const auto &heard = microphone_ && enabled_ ? microphone_ : test_;
    if (!heard)
        return {};
    heard->open(chosen());
    return {heard};
}

SoundOpening SoundInputs::enableMicrophone(bool enable) {
    if (enable && microphone_ && !enabled_) {
        microphone_->open(chosen());
        return {microphone_, [this] { enabled_ = true; }};
    }
    if (microphone_ && !enable)
        microphone_->close();
    enabled_ = enable;
    return {};
}

SoundOpening SoundInputs::openTest() {
    if (hears())
        return {};
    const auto test = std::make_shared<DeviceAudioSource>(DeviceKind::Microphone, sound::DEVICE_RATE, 1,
                                                          microphoneVolume_, processor());
    test->open(chosen());
    return {test, [this, test] { test_ = test; }};
}

void SoundInputs::closeTest() {
    if (test_)
        test_->close();
    test_.reset();
}

void SoundInputs::check() {
    check(microphone_.get());
    check(system_.get());
    check(test_.get());
}

void SoundInputs::check(DeviceAudioSource *source) {
    if (!source)
        return;
    switch (source->check()) {
    case DeviceAudioSource::Change::Lost:
        return callbacks_.onLost(source->lastError());
    case DeviceAudioSource::Change::Back:
        return callbacks_.onBack();
    case DeviceAudioSource::Change::None:
        return;
    }
}

} // namespace rtcroom::embedded
