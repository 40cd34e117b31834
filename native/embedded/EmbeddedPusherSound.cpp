#include "embedded/EmbeddedPusher.h"

#include <future>
#include <utility>

#include "sound/SoundDevices.h"
#include "sound/SoundSdl.h"

// The microphone and the machine's own sound.
namespace rtcroom::embedded {

using engine::Completion;
using engine::EngineException;
using engine::Error;
using engine::ErrorCode;
using engine::requireRange;

namespace {

/// How often devices for sound are looked after.
constexpr auto SOUND_CHECK = std::chrono::milliseconds(250);

} // namespace

int EmbeddedPusher::micVolumeIndication() {
    life_.throwIfClosed();
    // While nothing is encoded a microphone that is open is measured by itself, as in a test.
    const int level = pipeline_.soundLevel();
    return level > 0 ? level : pipeline_.sounds().microphoneVolume().level();
}

void EmbeddedPusher::setAudioCaptureVolume(int volume) {
    life_.throwIfClosed();
    pipeline_.setVolume(volume);
}

int EmbeddedPusher::getAudioCaptureVolume() {
    life_.throwIfClosed();
    return pipeline_.volume();
}

void EmbeddedPusher::useDevice(std::function<void()> work, Completion done) {
    life_.runOnControl(
        [this, work = std::move(work)] {
            work();
            watchSounds();
        },
        [this, done = std::move(done)](const std::optional<Error> &error) {
            if (error && error->code != ErrorCode::Aborted && error->code != ErrorCode::Closed &&
                error->code != ErrorCode::InvalidState)
                emit(openFailureEvent(error->code), error->message);
            if (done)
                done(error);
        });
}

void EmbeddedPusher::watchSounds() {
    if (std::exchange(watchingSounds_, true))
        return;
    control_.postAfter(SOUND_CHECK, [this] {
        watchingSounds_ = false;
        pipeline_.sounds().check();
        if (pipeline_.sounds().anyOpen())
            watchSounds();
    });
}

std::vector<engine::Device> EmbeddedPusher::enumMics() {
    life_.throwIfClosed();
    return sound::SoundDevices::share()->list(sound::DeviceKind::Microphone);
}

void EmbeddedPusher::selectMicDevice(int index) {
    life_.throwIfClosed();
    pipeline_.sounds().select(index);
    useDevice([this] { pipeline_.reopenMicrophone(); }, {});
}

int EmbeddedPusher::micVolume() {
    life_.throwIfClosed();
    return pipeline_.sounds().microphoneVolume().value();
}

void EmbeddedPusher::setMicVolume(int volume) {
    life_.throwIfClosed();
    pipeline_.sounds().microphoneVolume().set(volume);
}

void EmbeddedPusher::enableMic(bool enable) {
    life_.throwIfClosed();
    useDevice([this, enable] { pipeline_.enableMicrophone(enable); }, {});
}

void EmbeddedPusher::openMicTest() {
    life_.throwIfClosed();
    useDevice([this] { pipeline_.testMicrophone(); }, {});
}

void EmbeddedPusher::closeMicTest() {
    life_.throwIfClosed();
    useDevice([this] { pipeline_.sounds().closeTest(); }, {});
}

void EmbeddedPusher::openSystemVoiceInput(const std::string &program) {
    life_.throwIfClosed();
    sound::requireSystemSound();
    if (!program.empty())
        throw EngineException(ErrorCode::InvalidArgument,
                              "the embedded engine takes the sound of the whole machine and "
                              "not of one program; leave the program out");
    pipeline_.requireMixable();
    useDevice([this] { pipeline_.setSystemSound(true); }, {});
}

void EmbeddedPusher::closeSystemVoiceInput() {
    life_.throwIfClosed();
    sound::requireSystemSound();
    useDevice([this] { pipeline_.setSystemSound(false); }, {});
}

void EmbeddedPusher::setSystemVoiceInputVolume(int volume) {
    life_.throwIfClosed();
    sound::requireSystemSound();
    requireRange("the system sound's volume", volume, 0, 100);
    pipeline_.sounds().systemVolume().set(volume * SoundVolume::MAX / 100);
}

void EmbeddedPusher::enableAudioPreprocess(int type, bool enable) {
    life_.throwIfClosed();
    pipeline_.sounds().enablePart(type, enable);
}

void EmbeddedPusher::setAudioChannels(int channels) {
    life_.throwIfClosed();
    requireRange("the number of channels", channels, 1, 2);
    // In turn with what opens sources, and answered here: nothing of it waits for long.
    std::promise<void> changed;
    std::future<void> answer = changed.get_future();
    control_.post([&] {
        try {
            pipeline_.setAudioChannels(channels);
            changed.set_value();
        } catch (...) {
            changed.set_exception(std::current_exception());
        }
    });
    answer.get();
}

} // namespace rtcroom::embedded
