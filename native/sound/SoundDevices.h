#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/Options.h"
#include "engine/TaskThread.h"
#include "sound/SoundStream.h"

namespace rtcroom::sound {

enum class DeviceKind {
    Speaker,
    Microphone,
    /// What the machine plays: a loudspeaker's monitor, which PulseAudio and PipeWire have.
    SystemSound
};

/// The sound devices of the machine. SDL's sound is used on one thread of the process: it begins with the first that
/// needs it and ends, and SDL's sound with it, when the last lets go.
class SoundDevices : public std::enable_shared_from_this<SoundDevices> {
    struct Private {
        explicit Private() = default;
    };

  public:
    static std::shared_ptr<SoundDevices> share();
    /// For share() only.
    explicit SoundDevices(Private) {}
    ~SoundDevices();
    SoundDevices(const SoundDevices &) = delete;
    SoundDevices &operator=(const SoundDevices &) = delete;

    /// The system's own choice first. Waits for the sound system, at most 5 s. Throws EngineException(Unsupported,
    /// DeviceNotFound, DeviceFailed, Timeout).
    std::vector<engine::Device> list(DeviceKind kind);
    /// Begins to open the device of that name, of an empty one the system's own choice. Throws as soundSdl().
    std::unique_ptr<SoundStream> open(DeviceKind kind, const std::string &name, int channels,
                                      SoundStream::Callback callback);

  private:
    friend class SoundStream;
    using ContextPtr = std::shared_ptr<SoundStream::Context>;

    struct Present;
    static Present &present();
    /// One that did not answer is kept until it does, so that nobody waits for its end.
    void noteAnswer(bool answered);
    void close(ContextPtr context);

    // On the thread.
    void startSystem();
    void stopSystem();
    std::vector<std::string> names(DeviceKind kind);
    std::string defaultName(DeviceKind kind);
    void openNow(const ContextPtr &context, DeviceKind kind, const std::string &name, int channels);
    /// False, and what SDL's error says is true, when it cannot be opened.
    bool tryOpen(SoundStream::Context &context, DeviceKind kind, const std::string &name, int channels);
    void watch();
    static void onBlock(void *context, unsigned char *data, int bytes);

    bool started_ = false;
    /// Held while started.
    std::unique_lock<std::mutex> turn_;
    bool watching_ = false;
    std::vector<ContextPtr> open_;
    // Last: its destructor runs the tasks that use all of the above.
    engine::TaskThread thread_;
};

/// What SDL's words on a device that it cannot open mean: DeviceOccupied, or DeviceFailed.
engine::Error openError(DeviceKind kind, const std::string &name, const std::string &reason);

/// The one at that place of the list. Throws as list(), and EngineException(DeviceNotFound).
std::string deviceName(DeviceKind kind, int index);

} // namespace rtcroom::sound
