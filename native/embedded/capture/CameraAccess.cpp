#include "embedded/capture/CameraAccess.h"

#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "embedded/net/AbandonableCall.h"
#include "engine/Error.h"

namespace rtcroom::embedded {

using engine::Device;
using engine::EngineException;
using engine::ErrorCode;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

constexpr milliseconds TURN{10};
/// Who closes a camera waits no longer for it.
constexpr milliseconds CLOSING{500};

AbandonedCalls abandonedCalls;

/// Who asks which driver, of the whole process.
class Turns {
  public:
    /// From when it was taken until it is destroyed, by whichever thread.
    class Turn {
      public:
        explicit Turn(std::string driver) : driver_(std::move(driver)) {}
        ~Turn() { Turns::all().end(driver_); }
        Turn(const Turn &) = delete;
        Turn &operator=(const Turn &) = delete;

      private:
        const std::string driver_;
    };

    static Turns &all() {
        // Never destroyed: what was abandoned may end after the destructors of statics.
        static Turns &only = *std::make_unique<Turns>().release();
        return only;
    }

    /// Null while another has it, since `since`.
    std::shared_ptr<Turn> take(const std::string &driver, Clock::time_point &since) {
        const std::lock_guard lock(mutex_);
        const auto [found, free] = taken_.try_emplace(driver, Clock::now());
        since = found->second;
        if (!free)
            return nullptr;
        try {
            return std::make_shared<Turn>(driver);
        } catch (...) {
            taken_.erase(found);
            throw;
        }
    }

  private:
    void end(const std::string &driver) {
        const std::lock_guard lock(mutex_);
        taken_.erase(driver);
    }

    std::mutex mutex_;
    std::map<std::string, Clock::time_point> taken_;
};

/// Closes a device on the thread that has opened it.
class Closer {
  public:
    /// On that thread; there is something to close from now on.
    void expect() { thread_ = std::this_thread::get_id(); }

    /// Waits for it, unless it takes too long. From any thread.
    void close(std::unique_ptr<DeviceInput> device, const std::string &driver) noexcept {
        std::unique_lock lock(mutex_);
        if (std::this_thread::get_id() == thread_) {
            lock.unlock();
            device.reset();
            closed_ = true;
            return;
        }
        try {
            // Who opens it next waits for that. Where another has the turn the driver tells him that it is occupied.
            Clock::time_point since;
            turn_ = Turns::all().take(driver, since);
        } catch (const std::bad_alloc &) {
        }
        device_ = std::move(device);
        changed_.notify_all();
        changed_.wait_for(lock, CLOSING, [this] { return closed_; });
    }

    /// On that thread: until it is closed.
    void serve() {
        if (thread_ == std::thread::id())
            return;
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return device_ || closed_; });
        std::unique_ptr<DeviceInput> device = std::move(device_);
        lock.unlock();
        device.reset();
        lock.lock();
        turn_.reset();
        closed_ = true;
        changed_.notify_all();
    }

  private:
    std::thread::id thread_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::unique_ptr<DeviceInput> device_;
    std::shared_ptr<Turns::Turn> turn_;
    bool closed_ = false;
};

/// A device that is closed by the thread that has opened it.
class KeptInput final : public DeviceInput {
  public:
    KeptInput(std::unique_ptr<DeviceInput> device, std::shared_ptr<Closer> closer, std::string driver)
        : device_(std::move(device)), closer_(std::move(closer)), driver_(std::move(driver)) {
        closer_->expect();
    }
    ~KeptInput() override { closer_->close(std::move(device_), driver_); }
    KeptInput(const KeptInput &) = delete;
    KeptInput &operator=(const KeptInput &) = delete;

    Reading read(AVFrame &picture, int64_t &captureUs) override { return device_->read(picture, captureUs); }
    Reading skip() override { return device_->skip(); }
    bool onDemand() const override { return device_->onDemand(); }
    std::string whyGone() const override { return device_->whyGone(); }

  private:
    std::unique_ptr<DeviceInput> device_;
    const std::shared_ptr<Closer> closer_;
    const std::string driver_;
};

struct Words {
    /// "the camera 'X' cannot be opened"
    std::string failed;
    /// "the driver of …"
    std::string driver;
    /// "unplug it …"
    std::string remedy;
};

/// What a driver is asked, by a thread of its own.
template <typename Value> class DriverCall {
  public:
    DriverCall(const DeviceWait &wait, milliseconds patience, Words words)
        : wait_(wait), patience_(patience), words_(std::move(words)) {}

    /// @param afterwards of the same thread, once somebody has the answer, or nobody wants it
    Value run(const std::string &driver, std::function<Value()> ask, std::function<void()> afterwards = {}) {
        AbandonableCall<Outcome> call(abandonedCalls);
        const auto turn = std::make_shared<std::shared_ptr<Turns::Turn>>(takeTurn(driver));
        const auto begin = [ask = std::move(ask), turn] {
            // Ends with the answer.
            Outcome outcome{std::move(*turn), {}, {}};
            try {
                outcome.value = ask();
            } catch (...) {
                outcome.failure = std::current_exception();
            }
            return outcome;
        };
        if (const std::string why = call.start(begin, std::move(afterwards)); !why.empty())
            throw EngineException(ErrorCode::DeviceFailed,
                                  words_.failed + ": " + why + "; " + words_.remedy + ", or start this program anew");
        const Clock::time_point begun = Clock::now();
        Interrupt never;
        for (;;) {
            if (std::optional<Outcome> outcome = call.wait(Deadline::in(TURN), never)) {
                if (outcome->failure)
                    std::rethrow_exception(outcome->failure);
                return std::move(*outcome->value);
            }
            pass(begun);
        }
    }

  private:
    struct Outcome {
        // First, so that what was opened is closed before the turn of another.
        std::shared_ptr<Turns::Turn> turn;
        std::optional<Value> value;
        std::exception_ptr failure;
    };

    std::shared_ptr<Turns::Turn> takeTurn(const std::string &driver) {
        for (;;) {
            Clock::time_point since;
            if (auto turn = Turns::all().take(driver, since))
                return turn;
            std::this_thread::sleep_for(TURN);
            pass(since);
        }
    }

    /// @param since when the driver was asked
    void pass(Clock::time_point since) {
        if (wait_.meanwhile)
            wait_.meanwhile();
        if (wait_.aborted())
            throw EngineException(ErrorCode::Aborted, words_.failed + ": it was stopped");
        const auto silent = std::chrono::floor<std::chrono::seconds>(Clock::now() - since);
        if (Clock::now() - since >= patience_)
            throw EngineException(ErrorCode::DeviceFailed, words_.failed + ": " + words_.driver +
                                                               " has not answered for " +
                                                               std::to_string(silent.count()) + " s; " + words_.remedy);
    }

    const DeviceWait &wait_;
    const milliseconds patience_;
    const Words words_;
};

} // namespace

std::vector<Device> CameraAccess::list(const DeviceWait &wait) const {
    DriverCall<std::vector<Device>> call(wait, patience_.list,
                                         {.failed = "the cameras cannot be listed",
                                          .driver = "one of their drivers",
                                          .remedy = "unplug the cameras and plug them in again, one after another"});
    return call.run({}, [cameras = cameras_] { return cameras->list(); });
}

std::unique_ptr<DeviceInput> CameraAccess::open(const Device &camera, engine::Size size, int fps,
                                                const DeviceWait &wait) const {
    DriverCall<std::unique_ptr<DeviceInput>> call(wait, patience_.open,
                                                  {.failed = "the camera '" + camera.name + "' cannot be opened",
                                                   .driver = "its driver",
                                                   .remedy = "unplug it and plug it in again, or choose another one"});
    auto abort = wait.abort ? wait.abort : std::make_shared<std::atomic<bool>>(false);
    const auto closer = std::make_shared<Closer>();
    return call.run(
        camera.id,
        [cameras = cameras_, camera, size, fps, abort, closer]() -> std::unique_ptr<DeviceInput> {
            return std::make_unique<KeptInput>(cameras->open(camera, size, fps, abort), closer, camera.id);
        },
        [closer] { closer->serve(); });
}

} // namespace rtcroom::embedded
