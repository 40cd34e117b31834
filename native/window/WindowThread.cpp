#include "window/WindowThread.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

namespace rtcroom::window {

using engine::EngineException;
using engine::Error;
using engine::ErrorCode;

namespace {

/// How long input of the user may wait. Pictures do not: they wake the thread.
constexpr auto TURN = std::chrono::milliseconds(10);

/// SDL cannot be ended without its connection, and not begun again without an end.
std::atomic<bool> desktopLost{false};

const Error DESKTOP_LOST{ErrorCode::WindowFailed, "the connection to the desktop is lost, and with it all windows; "
                                                  "start the program anew"};

void setHints() {
    const auto set = [](const char *name, const char *value) {
        sdl().SetHintWithPriority(name, value, SDL_HINT_OVERRIDE);
    };
    // Ctrl-C is the application's.
    set(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    set(SDL_HINT_QUIT_ON_LAST_WINDOW_CLOSE, "0");
#ifdef _WIN32
    // A full screen has the screen's own pixels. Of no effect where the application (Electron) has decided already.
    set(SDL_HINT_WINDOWS_DPI_AWARENESS, "permonitorv2");
#else
    // Window handles are X11's; Wayland's desktops have them by XWayland.
    set("SDL_VIDEODRIVER", "x11");
    // Software drawing goes over shared memory; the probe for a better way would load OpenGL for nothing.
    set(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
#endif
}

} // namespace

std::shared_ptr<WindowThread> WindowThread::share() {
    struct Present {
        std::mutex mutex;
        std::weak_ptr<WindowThread> thread;
    };
    // Never destroyed: windows close after the destructors of statics when a process exits with windows open.
    static Present &present = *std::make_unique<Present>().release();
    const std::lock_guard lock(present.mutex);
    std::shared_ptr<WindowThread> thread = present.thread.lock();
    if (!thread)
        present.thread = thread = std::make_shared<WindowThread>(Private{});
    return thread;
}

WindowThread::WindowThread(Private) : thread_([this] { run(); }) {}

WindowThread::~WindowThread() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void WindowThread::post(Task task) {
    {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
    }
    changed_.notify_one();
}

void WindowThread::wake() {
    {
        const std::lock_guard lock(mutex_);
        awake_ = true;
    }
    changed_.notify_one();
}

void WindowThread::run() {
    // One at a time: the next thread waits until this one has ended SDL.
    static std::mutex sdlInUse;
    const std::lock_guard only(sdlInUse);
    std::unique_lock lock(mutex_);
    for (;;) {
        const auto due = [this] { return stopping_ || awake_ || !tasks_.empty(); };
        if (inhabited_)
            changed_.wait_for(lock, TURN, due);
        else
            changed_.wait(lock, due);
        if (stopping_ && tasks_.empty())
            break;
        awake_ = false;
        std::vector<Task> tasks = std::exchange(tasks_, {});
        lock.unlock();
        if (!tasks.empty())
            noticeLoss();
        for (const Task &task : tasks)
            task();
        tasks.clear();
        turn();
        lock.lock();
        inhabited_ = !residents_.empty();
    }
    lock.unlock();
    residents_.clear();
    closeDesktop();
}

void WindowThread::openDesktop() {
    const Sdl &functions = sdl();
    functions.SetMainReady();
    setHints();
    NativeWindows::prepare();
    sdlStarted_ = true;
    if (functions.Init(SDL_INIT_VIDEO) != 0)
        throwSdl("there is no desktop to show windows on (Linux: DISPLAY must name an X11 server that this user may "
                 "use, as in a desktop session or under xvfb-run)");
    // SDL asks for text at once; that is for fields to type into.
    functions.StopTextInput();
    native_ = NativeWindows::create();
}

void WindowThread::closeDesktop() {
    noticeLoss();
    const bool ending = !desktopLost && std::exchange(sdlStarted_, false);
    if (native_ && !desktopLost)
        native_->beforeSdlEnds();
    if (ending)
        sdl().Quit();
    if (native_ && native_->lossNoticed())
        desktopLost = true;
    if (desktopLost) {
        (void)native_.release();
        return;
    }
    native_.reset();
    // SDL's own threads do it by themselves.
    if (ending)
        sdl().TLSCleanup();
}

NativeWindows &WindowThread::native() {
    if (desktopLost || (sdlLeft() && !native_))
        throw EngineException(DESKTOP_LOST);
    if (!native_) {
        try {
            openDesktop();
        } catch (...) {
            closeDesktop();
            if (sdlLeft())
                throw EngineException(DESKTOP_LOST);
            throw;
        }
    }
    return *native_;
}

void WindowThread::add(std::shared_ptr<Resident> resident) { residents_.push_back(std::move(resident)); }

void WindowThread::remove(const Resident *resident) {
    std::erase_if(residents_, [resident](const auto &each) { return each.get() == resident; });
}

void WindowThread::turn() {
    noticeLoss();
    if (!native_ || desktopLost)
        return;
    SDL_Event event{};
    while (native_->nextSdlEvent(event))
        // Residents may leave while they are told.
        for (const auto &each : std::vector(residents_))
            each->onSdlEvent(event);
    if (native_->lossNoticed()) {
        loseDesktop();
        return;
    }
    for (const NativeEvent &native : native_->poll())
        for (const auto &each : std::vector(residents_))
            each->onNativeEvent(native);
    for (const auto &each : std::vector(residents_))
        each->turn();
    if (native_->lossNoticed())
        loseDesktop();
}

void WindowThread::noticeLoss() {
    if (native_ && !desktopLost && native_->lost())
        loseDesktop();
}

void WindowThread::loseDesktop() {
    desktopLost = true;
    leaveSdl();
    for (const auto &each : std::vector(residents_))
        each->onDesktopLost(DESKTOP_LOST);
    residents_.clear();
}

} // namespace rtcroom::window
