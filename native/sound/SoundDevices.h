#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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
/// needs it and ends, and SDL's sound with it, when the last lets go. A sound server that hangs holds up that thread
/// and nobody else: what it keeps waiting is left to end by itself.
class SoundDevices : public std::enable_shared_from_this<SoundDevices> {
  public:
    static std::shared_ptr<SoundDevices> share();
    SoundDevices(const SoundDevices &) = delete;
    SoundDevices &operator=(const SoundDevices &) = delete;

    /// The system's own choice first. Waits for the sound server, at most 4 s. Throws EngineException(Unsupported,
    /// DeviceNotFound, DeviceFailed).
    std::vector<engine::Device> list(DeviceKind kind);
    /// Begins to open the device of that name, of an empty one the system's own choice. Throws as soundSdl().
    std::unique_ptr<SoundStream> open(DeviceKind kind, const std::string &name, int channels,
                                      SoundStream::Callback callback);
    /// How long to wait for what is asked of the sound server now: 5 s, less what it has been silent for already.
    std::chrono::milliseconds patience() const;
    /// DeviceFailed, of a server that was silent for so long, with its name.
    engine::Error noAnswer() const;

    /// DeviceFailed, of a device of that name (empty: the system's own) that look() found Lost.
    engine::Error lost(const SoundStream &stream, DeviceKind kind, const std::string &name) const;

  private:
    friend class SoundStream;
    using ContextPtr = std::shared_ptr<SoundStream::Context>;

    struct Present;
    static Present &present();
    SoundDevices() = default;
    ~SoundDevices() = default;
    /// Ends them. What the sound server keeps waiting is kept instead, and used again by the next that needs it.
    static void release(SoundDevices *devices);
    /// Runs it on the thread.
    void post(engine::TaskThread::Task task, std::chrono::milliseconds delay = {});
    void close(ContextPtr context);

    // On the thread.
    void startSystem();
    /// Starts it anew where that disturbs nobody.
    void renewSystem();
    void stopSystem();
    std::vector<std::string> names(DeviceKind kind);
    std::string defaultName(DeviceKind kind);
    void openNow(const ContextPtr &context, DeviceKind kind, const std::string &name, int channels);
    /// False, and what SDL's error says is true, when it cannot be opened.
    bool tryOpen(SoundStream::Context &context, DeviceKind kind, const std::string &name, int channels);
    void watch();
    static void onBlock(void *context, unsigned char *data, int bytes);

    mutable std::mutex mutex_;
    /// Since when the thread is in what it does; empty while it does nothing.
    std::optional<std::chrono::steady_clock::time_point> busySince_;
    /// SDL's name of the sound system, once one has answered.
    std::string driver_;

    bool started_ = false;
    std::chrono::steady_clock::time_point startedAt_;
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
