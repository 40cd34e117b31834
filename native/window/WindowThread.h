#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/Error.h"
#include "window/NativeWindows.h"
#include "window/Sdl.h"

namespace rtcroom::window {

/// Something that lives on the window thread and is called there.
class Resident {
  public:
    virtual ~Resident() = default;
    virtual void onSdlEvent(const SDL_Event &) {}
    virtual void onNativeEvent(const NativeEvent &) {}
    /// After the events of a turn; at least every 10 ms.
    virtual void turn() {}
    /// The desktop went away with all windows; the resident is removed afterwards.
    virtual void onDesktopLost(const engine::Error &) {}
};

/// The one thread of the process on which SDL is used and windows live: it starts with the first that needs it and
/// ends, and SDL with it, when the last lets go.
class WindowThread {
    struct Private {
        explicit Private() = default;
    };

  public:
    static std::shared_ptr<WindowThread> share();
    /// For share() only.
    explicit WindowThread(Private);
    /// Runs what was posted, then joins. Not on the window thread.
    ~WindowThread();
    WindowThread(const WindowThread &) = delete;
    WindowThread &operator=(const WindowThread &) = delete;

    using Task = std::function<void()>;
    /// From any thread, in order. Tasks must not throw.
    void post(Task task);
    /// A turn of all residents at once.
    void wake();

    // On the window thread.
    /// Opens SDL and the desktop at the first use. Throws EngineException(WindowFailed).
    NativeWindows &native();
    void add(std::shared_ptr<Resident> resident);
    void remove(const Resident *resident);

  private:
    void run();
    void openDesktop();
    void closeDesktop();
    void turn();
    /// Of an X server that died while nothing was asked of it.
    void noticeLoss();
    void loseDesktop();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Task> tasks_;
    bool awake_ = false;
    bool stopping_ = false;
    bool inhabited_ = false;

    // The thread's own.
    bool sdlStarted_ = false;
    std::unique_ptr<NativeWindows> native_;
    std::vector<std::shared_ptr<Resident>> residents_;

    std::thread thread_;
};

} // namespace rtcroom::window
