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
using Kind = SoundTurn::Kind;

namespace {

/// How often devices for sound are looked after.
constexpr auto SOUND_CHECK = std::chrono::milliseconds(250);

[[noreturn]] void throwOpening() {
    throw EngineException(ErrorCode::InvalidState,
                          "a source is being opened; await that, and call setAudioChannels before startAudioCapture");
}

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

void EmbeddedPusher::runSound(SoundTurn::Kind kind, SoundTurn::Begin begin, Completion done) {
    life_.throwIfClosed();
    ++soundCalls_;
    const auto counted = [this, done = std::move(done)](std::optional<Error> error) {
        --soundCalls_;
        if (done)
            done(std::move(error));
    };
    control_.post([this, kind, begin = std::move(begin), counted] { soundTurn_.run(kind, begin, counted); });
}

void EmbeddedPusher::useDevice(SoundTurn::Kind kind, SoundTurn::Begin begin, Completion done) {
    runSound(kind, std::move(begin), [this, done = std::move(done)](const std::optional<Error> &error) {
        if (!error)
            watchSounds();
        else if (error->code != ErrorCode::Aborted && error->code != ErrorCode::InvalidState)
            emit(openFailureEvent(error->code), error->message);
        if (done)
            done(error);
    });
}

void EmbeddedPusher::endSound(SoundTurn::Kind kind, Lifecycle::Work work, Completion done) {
    life_.throwIfClosed();
    ++soundCalls_;
    life_.runOnControl(
        [this, kind, work = std::move(work)] {
            soundTurn_.abort(kind);
            work();
        },
        [this, done = std::move(done)](std::optional<Error> error) {
            --soundCalls_;
            if (done)
                done(std::move(error));
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
    // Choices outlast a stop.
    useDevice(Kind::Other, [this] { return pipeline_.sounds().reopenMicrophone(); });
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
    useDevice(Kind::Other, [this, enable] { return pipeline_.sounds().enableMicrophone(enable); });
}

void EmbeddedPusher::openMicTest() {
    life_.throwIfClosed();
    useDevice(Kind::Test, [this] { return pipeline_.sounds().openTest(); });
}

void EmbeddedPusher::closeMicTest() {
    life_.throwIfClosed();
    endSound(Kind::Test, [this] { pipeline_.sounds().closeTest(); });
}

void EmbeddedPusher::openSystemVoiceInput(const std::string &program) {
    life_.throwIfClosed();
    sound::requireSystemSound();
    if (!program.empty())
        throw EngineException(ErrorCode::InvalidArgument,
                              "the embedded engine takes the sound of the whole machine and "
                              "not of one program; leave the program out");
    pipeline_.requireMixable();
    useDevice(Kind::SystemSound, [this] { return pipeline_.openSystemSound(); });
}

void EmbeddedPusher::closeSystemVoiceInput() {
    life_.throwIfClosed();
    sound::requireSystemSound();
    endSound(Kind::SystemSound, [this] { pipeline_.closeSystemSound(); });
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
    if (soundCalls_ == 0)
        return pipeline_.setAudioChannels(channels);
    // In turn with what is done to sources, and answered here; so it does not wait for one that is being opened.
    struct Answer {
        std::promise<void> changed;
        /// By who changes them, or by who does not wait for that: it is the one or the other.
        std::atomic<bool> taken{false};
    };
    const auto answer = std::make_shared<Answer>();
    std::future<void> changed = answer->changed.get_future();
    control_.post([this, answer, channels] {
        if (answer->taken.exchange(true))
            return;
        try {
            if (soundTurn_.waiting())
                throwOpening();
            pipeline_.setAudioChannels(channels);
            answer->changed.set_value();
        } catch (...) {
            answer->changed.set_exception(std::current_exception());
        }
    });
    while (changed.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready)
        if (pipeline_.opening() && !answer->taken.exchange(true))
            throwOpening();
    changed.get();
}

} // namespace rtcroom::embedded
