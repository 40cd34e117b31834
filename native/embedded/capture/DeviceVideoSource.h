#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "embedded/capture/CameraAccess.h"
#include "embedded/capture/DeviceInput.h"
#include "embedded/capture/NewestPictureSource.h"

namespace rtcroom::embedded {

/// Pictures of a device, read and decoded by a thread of its own.
class DeviceVideoSource final : public NewestPictureSource {
  public:
    struct Callbacks {
        /// The device is gone. On the source's thread; must return at once.
        std::function<void(const std::string &why)> onGone;
        /// It is back, after onGone.
        std::function<void()> onBack{};
        /// Tries to open the device again, twice a second after onGone; null or a throw is "not yet". Empty: never.
        std::function<std::unique_ptr<DeviceInput>()> reopen{};
    };

    /// Waits up to 5 s for the first picture, so that the one before is shown as long. Throws EngineException:
    /// DeviceFailed without one, Aborted.
    /// @param wait its flag, which is not null, ends what waits for the device later as well
    DeviceVideoSource(std::unique_ptr<DeviceInput> input, Callbacks callbacks, const DeviceWait &wait);
    ~DeviceVideoSource() override;
    DeviceVideoSource(const DeviceVideoSource &) = delete;
    DeviceVideoSource &operator=(const DeviceVideoSource &) = delete;

    void setRunning(bool running) override;
    CaptureResult capture(int64_t dueUs, int64_t framePeriodUs, engine::Size size, bool repeat,
                          CapturedPicture &out) override;

  private:
    void awaitFirst(const std::function<void()> &meanwhile);
    void run();
    /// False when the source ends, or nobody looks.
    bool awaitTurn(std::unique_lock<std::mutex> &lock);
    bool comesBack(std::unique_lock<std::mutex> &lock);

    const Callbacks callbacks_;
    /// Ends what waits for the device, a reopening too.
    const std::shared_ptr<std::atomic<bool>> abort_;
    // The reader's (and the constructor's).
    std::unique_ptr<DeviceInput> input_;
    int64_t dueUs_ = 0;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    bool running_ = false;
    int64_t periodUs_ = 66'667;

    std::thread reader_;
};

} // namespace rtcroom::embedded
