#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "embedded/playout/SpeakerBuffer.h"
#include "engine/Error.h"
#include "sound/SoundDevices.h"

namespace rtcroom::embedded {

/// The loudspeaker of one player: open while it plays and the application wants one. One that cannot be opened, or is
/// unplugged, is tried again.
class Speaker {
  public:
    /// How often to call check() while playing.
    static constexpr auto interval = std::chrono::milliseconds(100);

    struct Callbacks {
        /// Where sound goes from now on; null for nowhere, and then nothing is written any more.
        std::function<void(std::shared_ptr<SpeakerBuffer>)> route;
        std::function<void()> onAvailable;
        /// Once, until onAvailable.
        std::function<void(const engine::Error &)> onLost;
    };

    Speaker(Callbacks callbacks, bool wanted);
    ~Speaker() { stop(); }
    Speaker(const Speaker &) = delete;
    Speaker &operator=(const Speaker &) = delete;

    /// The one at that place of the list, -1 for none; from the next check() on. From any thread; waits for the list.
    /// Throws as sound::deviceName, and EngineException(InvalidArgument); the choice stays then as it was.
    void select(int index);
    bool wanted() const;
    SoundVolume &volume() { return buffer_->volume(); }

    // One thread at a time.
    void start();
    void stop();
    void check();

  private:
    struct Choice {
        bool wanted = false;
        /// Empty: the system's own.
        std::string name{};
        int revision = 0;
    };

    Choice choice() const;
    void open(const std::string &name);
    void close();
    void tell(const engine::Error &error);

    const Callbacks callbacks_;
    const std::shared_ptr<SpeakerBuffer> buffer_ = std::make_shared<SpeakerBuffer>();

    mutable std::mutex mutex_;
    Choice choice_;

    bool running_ = false;
    int revision_ = 0;
    bool routed_ = false;
    bool told_ = false;
    std::chrono::steady_clock::time_point nextTry_{};
    std::chrono::steady_clock::time_point patientUntil_{};
    /// From the first use on, so that no stop waits for the sound system's end.
    std::shared_ptr<sound::SoundDevices> devices_;
    std::unique_ptr<sound::SoundStream> stream_;
};

} // namespace rtcroom::embedded
