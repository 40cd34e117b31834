#include <doctest/doctest.h>

#include <atomic>
#include <mutex>
#include <vector>

#include "engine/Error.h"
#include "sound/SoundDevices.h"
#include "test/support/Await.h"
#include "test/support/CodeOf.h"
#include "test/support/PulseServer.h"
#include "test/support/Tone.h"

using namespace rtcroom;
using sound::DeviceKind;
using sound::SoundDevices;
using State = sound::SoundStream::State;

namespace {

std::vector<std::string> names(DeviceKind kind) {
    std::vector<std::string> found;
    for (const engine::Device &device : SoundDevices::share()->list(kind))
        found.push_back(device.name);
    return found;
}

bool has(DeviceKind kind, const std::string &name) {
    const std::vector<std::string> found = names(kind);
    return std::find(found.begin(), found.end(), name) != found.end();
}

std::unique_ptr<sound::SoundStream> play(const std::string &name, double hz) {
    auto tone = std::make_shared<test::Tone>(hz, 0.4, sound::DEVICE_RATE);
    return SoundDevices::share()->open(DeviceKind::Speaker, name, 1, [tone](std::span<float> block) {
        std::fill(block.begin(), block.end(), 0.0F);
        tone->add(block);
    });
}

/// What a microphone or a monitor hears.
struct Ear {
    Ear(DeviceKind kind, const std::string &name)
        : stream(SoundDevices::share()->open(kind, name, 1, [this](std::span<float> block) {
              const std::lock_guard lock(mutex);
              heard.insert(heard.end(), block.begin(), block.end());
          })) {}
    std::vector<float> lastSecond() {
        const std::lock_guard lock(mutex);
        return heard.size() < 48000 ? std::vector<float>() : std::vector<float>(heard.end() - 48000, heard.end());
    }
    bool hears(double hz) {
        return test::await([&] { return test::amplitudeAt(lastSecond(), hz, 48000) > 0.3; });
    }

    std::mutex mutex;
    std::vector<float> heard;
    std::unique_ptr<sound::SoundStream> stream;
};

} // namespace

TEST_CASE("loudspeakers, microphones and what the machine plays are listed by name, the system's own first") {
    const test::PulseServer pulse;
    const auto devices = SoundDevices::share();
    CHECK(names(DeviceKind::Speaker) == std::vector<std::string>{"One", "Two", "Mouth"});
    CHECK(names(DeviceKind::Microphone) == std::vector<std::string>{"Micro"});
    CHECK(names(DeviceKind::SystemSound).size() == 3);
    CHECK(names(DeviceKind::SystemSound).front() == "Monitor of One");
    CHECK(sound::deviceName(DeviceKind::Speaker, 1) == "Two");
    for (const int wrong : {-1, 3, 1000})
        CHECK(test::codeOf([&] { sound::deviceName(DeviceKind::Speaker, wrong); }) ==
              engine::ErrorCode::DeviceNotFound);
    pulse.plug("Three");
    CHECK(test::await([&] { return has(DeviceKind::Speaker, "Three"); }));
}

TEST_CASE("what plays in one loudspeaker is heard there and nowhere else") {
    const test::PulseServer pulse;
    const auto tone = play("Two", 700);
    const auto other = play("", 1100);
    Ear two(DeviceKind::SystemSound, "Monitor of Two");
    Ear own(DeviceKind::SystemSound, "");
    CHECK(two.hears(700));
    CHECK(own.hears(1100));
    CHECK(test::amplitudeAt(two.lastSecond(), 1100, 48000) < 0.01);
    CHECK(tone->state() == State::Open);
}

TEST_CASE("a microphone hears; the monitors of loudspeakers are none") {
    const test::PulseServer pulse;
    const auto mouth = play("Mouth", 500);
    Ear micro(DeviceKind::Microphone, "");
    CHECK(micro.hears(500));
    Ear none(DeviceKind::Microphone, "Monitor of One");
    CHECK(none.stream->wait(std::chrono::seconds(5)) == State::Failed);
    CHECK(none.stream->error().code == engine::ErrorCode::DeviceNotFound);
}

TEST_CASE("a device that is unplugged is lost, and can be opened again when it is back") {
    const test::PulseServer pulse;
    pulse.plug("Late");
    REQUIRE(test::await([] { return has(DeviceKind::Speaker, "Late"); }));
    auto stream = play("Late", 500);
    REQUIRE(stream->wait(std::chrono::seconds(5)) == State::Open);
    pulse.unplugAll();
    CHECK(test::await([&] { return stream->state() == State::Lost; }));
    CHECK(test::await([] { return !has(DeviceKind::Speaker, "Late"); }));
    const auto absent = play("Late", 500);
    CHECK(absent->wait(std::chrono::seconds(5)) == State::Failed);
    CHECK(absent->error().code == engine::ErrorCode::DeviceNotFound);
    pulse.plug("Late");
    REQUIRE(test::await(
        [] { return has(DeviceKind::Speaker, "Late") && has(DeviceKind::SystemSound, "Monitor of Late"); }));
    stream = play("Late", 500);
    CHECK(stream->wait(std::chrono::seconds(5)) == State::Open);
    Ear ear(DeviceKind::SystemSound, "Monitor of Late");
    CHECK(ear.hears(500));
}

TEST_CASE("a sound system that ends and comes back is found again") {
    test::PulseServer pulse;
    auto stream = play("One", 500);
    REQUIRE(stream->wait(std::chrono::seconds(5)) == State::Open);
    pulse.stop();
    CHECK(test::await([&] { return stream->state() == State::Lost; }));
    pulse.start();
    CHECK(test::await([&] {
        stream.reset();
        stream = play("One", 500);
        return stream->wait(std::chrono::seconds(5)) == State::Open;
    }));
    Ear ear(DeviceKind::SystemSound, "Monitor of One");
    CHECK(ear.hears(500));
}

TEST_CASE("while nothing is open the list is that of the sound system that runs now") {
    test::PulseServer pulse;
    const auto devices = SoundDevices::share();
    pulse.plug("Late");
    CHECK(test::await([] { return has(DeviceKind::Speaker, "Late"); }));
    pulse.stop();
    pulse.start();
    CHECK(test::await([] { return names(DeviceKind::Speaker) == std::vector<std::string>{"One", "Two", "Mouth"}; }));
}

TEST_CASE("without a sound system nothing is listed, and the error says so") {
    setenv("SDL_AUDIODRIVER", "pulseaudio", 1);
    setenv("PULSE_SERVER", "unix:/nowhere", 1);
    const auto devices = SoundDevices::share();
    CHECK(test::codeOf([&] { devices->list(DeviceKind::Speaker); }) == engine::ErrorCode::DeviceNotFound);
    const auto stream = play("", 500);
    CHECK(stream->wait(std::chrono::seconds(5)) == State::Failed);
    CHECK(stream->error().code == engine::ErrorCode::DeviceNotFound);
    unsetenv("PULSE_SERVER");
    unsetenv("SDL_AUDIODRIVER");
}

TEST_CASE("an occupied device is told from one that fails") {
    const auto code = [](const char *reason) { return sound::openError(DeviceKind::Microphone, "Micro", reason).code; };
    CHECK(code("ALSA: Couldn't open audio device: Device or resource busy") == engine::ErrorCode::DeviceOccupied);
    CHECK(code("WASAPI can't initialize audio client: The device is already in use.") ==
          engine::ErrorCode::DeviceOccupied);
    CHECK(code("Could not connect PulseAudio stream") == engine::ErrorCode::DeviceFailed);
    CHECK(code("ALSA: Couldn't open audio device: Permission denied") == engine::ErrorCode::DeviceFailed);
    CHECK(code("") == engine::ErrorCode::DeviceFailed);
}

TEST_CASE("a stream that ends while it is being opened calls nothing any more") {
    const test::PulseServer pulse;
    for (int i = 0; i < 20; ++i) {
        std::atomic<bool> ended{false}, late{false};
        {
            const auto stream = SoundDevices::share()->open(DeviceKind::Speaker, "One", 1, [&](std::span<float>) {
                if (ended)
                    late = true;
            });
            stream->wait(std::chrono::milliseconds(i % 4 * 5));
        }
        ended = true;
        SoundDevices::share()->list(DeviceKind::Speaker);
        CHECK_FALSE(late);
    }
}
