#include "window/VideoWindow.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "window/WindowThread.h"

namespace rtcroom::window {

using engine::Completion;
using engine::EngineException;
using engine::Error;
using engine::ErrorCode;
using engine::Size;

namespace {

constexpr int MAX_SIDE = 16384;
/// What a window manager takes at most to minimise a window; a later one is the user's.
constexpr auto MINIMISING = std::chrono::seconds(5);
/// From the telling to the doing, at most.
constexpr auto UNMAPPING = std::chrono::seconds(1);

void checkSide(const char *what, int value, int min) {
    if (value < min || value > MAX_SIDE)
        throw EngineException(ErrorCode::InvalidArgument, std::string(what) + " may be " + std::to_string(min) +
                                                              " to " + std::to_string(MAX_SIDE) + " px, not " +
                                                              std::to_string(value));
}

Area checkedArea(int left, int top, int width, int height) {
    checkSide("a region's left edge", left, -MAX_SIDE);
    checkSide("a region's top edge", top, -MAX_SIDE);
    checkSide("a region's width", width, 1);
    checkSide("a region's height", height, 1);
    return {left, top, width, height};
}

[[noreturn]] void throwClosed() { throw EngineException(ErrorCode::Closed, "the window is closed"); }

} // namespace

class VideoWindow::Impl final : public Resident, public std::enable_shared_from_this<Impl> {
  public:
    Impl(const WindowOptions &options, WindowListener &listener) : options_(options), listener_(&listener) {}

    // On the window thread.
    void open();
    void onSdlEvent(const SDL_Event &event) override;
    void onNativeEvent(const NativeEvent &event) override;
    void onDesktopLost(const Error &error) override;
    void setFullscreen(bool fullscreen);
    void minimize();
    void onMinimised();
    void restore();
    void openRegion(int id, const Area &area);
    void placeRegion(int id, const Area &area);
    void closeRegion(int id);
    void setCaption(const std::string &text);
    /// Tells the listener of an open window, once.
    void end(const std::string &reason);
    SDL_Window *window() const { return window_; }

    /// Posts `work` for a window that is there by then; an end in between is no error.
    template <typename Work> void post(Work work);

    const WindowOptions options_;

    mutable std::mutex mutex_;
    /// Kept by the VideoWindow, which outlives every use.
    WindowThread *thread_ = nullptr;
    bool open_ = false;
    bool ended_ = false;
    uint64_t handle_ = 0;
    Size size_;
    std::map<int, uint64_t> regions_;

    std::mutex listenerMutex_;
    WindowListener *listener_;

  private:
    void tell(const WindowEvent &event);
    void noteSize();
    void paintBackground();
    void placeCaption();
    Area captionArea() const;
    NativeWindows &native() { return thread_->native(); }

    SDL_Window *window_ = nullptr;
    bool lost_ = false;
    uint64_t caption_ = 0;
    /// Where the window was before it filled a screen without a window manager.
    std::optional<SDL_Rect> before_;
    /// Until when a minimising that is told of is the one that was asked for; past when that one has been told of.
    std::chrono::steady_clock::time_point minimisingUntil_;
    bool restoreWhenMinimised_ = false;
    /// A window manager may tell of the minimising before it does it, and a restore in between comes to nothing.
    std::chrono::steady_clock::time_point restoreAgainUntil_;
};

template <typename Work> void VideoWindow::Impl::post(Work work) {
    WindowThread *thread = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (ended_)
            throwClosed();
        thread = thread_;
    }
    if (!thread)
        throw EngineException(ErrorCode::InvalidState, "the window is not open; call open first");
    thread->post([self = shared_from_this(), work = std::move(work)] {
        if (self->window_)
            work(*self);
    });
}

void VideoWindow::Impl::open() {
    {
        const std::lock_guard lock(mutex_);
        if (ended_)
            throw EngineException(ErrorCode::Aborted, "the window was closed before it was there");
    }
    const bool manager = native().hasWindowManager();
    Uint32 flags = SDL_WINDOW_SHOWN;
    if (options_.fullscreen && manager)
        flags |= SDL_WINDOW_FULLSCREEN_DESKTOP;
    if (options_.borderless)
        flags |= SDL_WINDOW_BORDERLESS;
    if (options_.resizable)
        flags |= SDL_WINDOW_RESIZABLE;
    const auto place = [](const std::optional<int> &given) {
        return given ? *given : static_cast<int>(SDL_WINDOWPOS_CENTERED);
    };
    window_ = sdl().CreateWindow(options_.title.c_str(), place(options_.left), place(options_.top), options_.width,
                                 options_.height, flags);
    if (!window_)
        throwSdl("the desktop gives no window");
    thread_->add(shared_from_this());
    if (options_.fullscreen && !manager)
        setFullscreen(true);
    const uint64_t handle = nativeIds(window_).window;
    native().watch(handle);
    {
        const std::lock_guard lock(mutex_);
        handle_ = handle;
        size_ = native().size(handle).value_or(Size{options_.width, options_.height});
        open_ = true;
    }
    paintBackground();
}

void VideoWindow::Impl::tell(const WindowEvent &event) {
    const std::lock_guard lock(listenerMutex_);
    if (listener_)
        listener_->onWindowEvent(event);
}

void VideoWindow::Impl::onSdlEvent(const SDL_Event &event) {
    if (!window_)
        return;
    const Uint32 id = sdl().GetWindowID(window_);
    if (event.type == SDL_WINDOWEVENT && event.window.windowID == id) {
        if (event.window.event == SDL_WINDOWEVENT_CLOSE)
            tell({.kind = WindowEvent::Kind::CloseRequest});
        else if (event.window.event == SDL_WINDOWEVENT_EXPOSED || event.window.event == SDL_WINDOWEVENT_SIZE_CHANGED)
            paintBackground();
        if (event.window.event == SDL_WINDOWEVENT_SIZE_CHANGED)
            noteSize();
        if (event.window.event == SDL_WINDOWEVENT_MINIMIZED)
            onMinimised();
    } else if (event.type == SDL_KEYDOWN && event.key.windowID == id) {
        const SDL_Keysym &pressed = event.key.keysym;
        tell({.kind = WindowEvent::Kind::Key,
              .key = sdl().GetKeyName(pressed.sym),
              .repeat = event.key.repeat != 0,
              .alt = (pressed.mod & KMOD_ALT) != 0,
              .control = (pressed.mod & KMOD_CTRL) != 0,
              .shift = (pressed.mod & KMOD_SHIFT) != 0});
    }
}

void VideoWindow::Impl::onNativeEvent(const NativeEvent &event) {
    if (!window_ || event.window != handle_)
        return;
    if (event.kind == NativeEvent::Kind::Destroyed)
        end("the window was destroyed by another program");
    else if (event.kind == NativeEvent::Kind::Resized)
        noteSize();
    else if (event.kind == NativeEvent::Kind::Unmapped &&
             std::chrono::steady_clock::now() < std::exchange(restoreAgainUntil_, {}))
        sdl().RestoreWindow(window_);
}

void VideoWindow::Impl::noteSize() {
    const std::optional<Size> now = native().size(handle_);
    // Windows gives a minimised window no inside.
    if (!now || now->width < 1 || now->height < 1)
        return;
    {
        const std::lock_guard lock(mutex_);
        if (*now == size_)
            return;
        size_ = *now;
    }
    placeCaption();
    tell({.kind = WindowEvent::Kind::Resize, .size = *now});
}

// Children are not painted over: SDL's windows clip them.
void VideoWindow::Impl::paintBackground() {
    SDL_Surface *surface = sdl().GetWindowSurface(window_);
    // Without one the desktop shows its own colour, which is no fault.
    if (!surface)
        return;
    sdl().FillRect(surface, nullptr, 0);
    sdl().UpdateWindowSurface(window_);
}

void VideoWindow::Impl::setFullscreen(bool fullscreen) {
    const Sdl &functions = sdl();
    if (native().hasWindowManager() && !before_) {
        functions.SetWindowFullscreen(window_, fullscreen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
        return;
    }
    if (fullscreen == before_.has_value())
        return;
    SDL_Rect area{};
    if (fullscreen) {
        if (functions.GetDisplayBounds(std::max(0, functions.GetWindowDisplayIndex(window_)), &area) != 0)
            return;
        SDL_Rect now{};
        functions.GetWindowPosition(window_, &now.x, &now.y);
        functions.GetWindowSize(window_, &now.w, &now.h);
        before_ = now;
    } else {
        area = *std::exchange(before_, std::nullopt);
    }
    functions.SetWindowPosition(window_, area.x, area.y);
    functions.SetWindowSize(window_, area.w, area.h);
}

void VideoWindow::Impl::minimize() {
    minimisingUntil_ = std::chrono::steady_clock::now() + MINIMISING;
    restoreWhenMinimised_ = false;
    restoreAgainUntil_ = {};
    sdl().MinimizeWindow(window_);
}

void VideoWindow::Impl::onMinimised() {
    const bool asked = std::chrono::steady_clock::now() < std::exchange(minimisingUntil_, {});
    if (!std::exchange(restoreWhenMinimised_, false) || !asked)
        return;
    restoreAgainUntil_ = std::chrono::steady_clock::now() + UNMAPPING;
    sdl().RestoreWindow(window_);
}

// SDL restores what it knows to be minimised. A window manager minimises in its own time and tells of it later.
void VideoWindow::Impl::restore() {
    restoreWhenMinimised_ = (sdl().GetWindowFlags(window_) & SDL_WINDOW_MINIMIZED) == 0;
    sdl().RestoreWindow(window_);
}

void VideoWindow::Impl::openRegion(int id, const Area &area) {
    {
        const std::lock_guard lock(mutex_);
        if (!open_)
            throw EngineException(ErrorCode::Aborted, "the window was closed first");
        if (regions_.contains(id))
            throw EngineException(ErrorCode::InvalidState, "the window has a region of that number");
    }
    const uint64_t region = native().createChild(handle_, area, NativeWindows::Order::Top);
    {
        const std::lock_guard lock(mutex_);
        regions_.emplace(id, region);
    }
    // The caption stays above.
    if (caption_ != 0)
        native().raiseChild(caption_);
}

void VideoWindow::Impl::placeRegion(int id, const Area &area) {
    uint64_t region = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto found = regions_.find(id);
        if (found == regions_.end())
            return;
        region = found->second;
    }
    native().placeChild(region, area);
}

void VideoWindow::Impl::closeRegion(int id) {
    uint64_t region = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto found = regions_.find(id);
        if (found == regions_.end())
            return;
        region = found->second;
        regions_.erase(found);
    }
    native().destroyChild(region);
}

Area VideoWindow::Impl::captionArea() const {
    const int height = std::clamp(size_.height / 14, 20, 72);
    return {0, size_.height - height, size_.width, height};
}

void VideoWindow::Impl::setCaption(const std::string &text) {
    if (text.empty()) {
        if (const uint64_t caption = std::exchange(caption_, 0))
            native().destroyChild(caption);
        return;
    }
    try {
        if (caption_ == 0)
            caption_ = native().createChild(handle_, captionArea(), NativeWindows::Order::Top);
        native().setText(caption_, text);
    } catch (const EngineException &) {
        // The window is on its way out, which is told when it is gone.
    }
}

void VideoWindow::Impl::placeCaption() {
    if (caption_ != 0)
        native().placeChild(caption_, captionArea());
}

void VideoWindow::Impl::onDesktopLost(const Error &error) {
    lost_ = true;
    end(error.message);
}

void VideoWindow::Impl::end(const std::string &reason) {
    bool wasOpen = false;
    {
        const std::lock_guard lock(mutex_);
        wasOpen = std::exchange(open_, false);
        ended_ = true;
        handle_ = 0;
        regions_.clear();
    }
    if (!window_)
        return;
    // Its children go with it.
    caption_ = 0;
    SDL_Window *gone = std::exchange(window_, nullptr);
    // SDL would wait for the answer of an X server that is no more.
    if (!lost_)
        sdl().DestroyWindow(gone);
    if (wasOpen)
        tell({.kind = WindowEvent::Kind::Closed, .reason = reason});
    thread_->remove(this);
}

VideoWindow::VideoWindow(const WindowOptions &options, WindowListener &listener) {
    checkSide("a window's width", options.width, 1);
    checkSide("a window's height", options.height, 1);
    for (const auto &edge : {options.left, options.top})
        if (edge)
            checkSide("a window's place", *edge, -MAX_SIDE);
    impl_ = std::make_shared<Impl>(options, listener);
}

VideoWindow::~VideoWindow() {
    close({});
    const std::lock_guard lock(impl_->listenerMutex_);
    impl_->listener_ = nullptr;
}

void VideoWindow::open(Completion done) {
    {
        const std::lock_guard lock(impl_->mutex_);
        if (impl_->ended_)
            throwClosed();
        if (thread_)
            throw EngineException(ErrorCode::InvalidState, "the window was opened already");
        thread_ = WindowThread::share();
        impl_->thread_ = thread_.get();
    }
    thread_->post([impl = impl_, done = std::move(done)] {
        std::optional<Error> error;
        try {
            impl->open();
        } catch (const EngineException &failure) {
            error = failure.error();
        }
        if (error)
            impl->end({});
        if (done)
            done(std::move(error));
    });
}

bool VideoWindow::isOpen() const {
    const std::lock_guard lock(impl_->mutex_);
    return impl_->open_;
}

uint64_t VideoWindow::handle() const {
    const std::lock_guard lock(impl_->mutex_);
    return impl_->open_ ? impl_->handle_ : 0;
}

int VideoWindow::width() const {
    const std::lock_guard lock(impl_->mutex_);
    return impl_->size_.width;
}

int VideoWindow::height() const {
    const std::lock_guard lock(impl_->mutex_);
    return impl_->size_.height;
}

void VideoWindow::setTitle(const std::string &title) {
    impl_->post([title](Impl &impl) { sdl().SetWindowTitle(impl.window(), title.c_str()); });
}

void VideoWindow::setFullscreen(bool fullscreen) {
    impl_->post([fullscreen](Impl &impl) { impl.setFullscreen(fullscreen); });
}

void VideoWindow::setSize(int width, int height) {
    checkSide("a window's width", width, 1);
    checkSide("a window's height", height, 1);
    impl_->post([width, height](Impl &impl) { sdl().SetWindowSize(impl.window(), width, height); });
}

void VideoWindow::show() {
    impl_->post([](Impl &impl) {
        sdl().ShowWindow(impl.window());
        sdl().RaiseWindow(impl.window());
    });
}

void VideoWindow::hide() {
    impl_->post([](Impl &impl) { sdl().HideWindow(impl.window()); });
}

void VideoWindow::minimize() {
    impl_->post([](Impl &impl) { impl.minimize(); });
}

void VideoWindow::restore() {
    impl_->post([](Impl &impl) { impl.restore(); });
}

void VideoWindow::setCaption(const std::string &text) {
    if (!text.empty())
        requireText();
    impl_->post([text](Impl &impl) { impl.setCaption(text); });
}

void VideoWindow::openRegion(int id, int left, int top, int width, int height, Completion done) {
    const Area area = checkedArea(left, top, width, height);
    {
        const std::lock_guard lock(impl_->mutex_);
        if (impl_->ended_)
            throwClosed();
        if (!thread_)
            throw EngineException(ErrorCode::InvalidState, "the window is not open; call open first");
    }
    thread_->post([impl = impl_, id, area, done = std::move(done)] {
        std::optional<Error> error;
        try {
            impl->openRegion(id, area);
        } catch (const EngineException &failure) {
            error = failure.error();
        }
        if (done)
            done(std::move(error));
    });
}

void VideoWindow::moveRegion(int id, int left, int top, int width, int height) {
    const Area area = checkedArea(left, top, width, height);
    impl_->post([id, area](Impl &impl) { impl.placeRegion(id, area); });
}

void VideoWindow::closeRegion(int id) {
    impl_->post([id](Impl &impl) { impl.closeRegion(id); });
}

uint64_t VideoWindow::regionHandle(int id) const {
    const std::lock_guard lock(impl_->mutex_);
    const auto found = impl_->regions_.find(id);
    return found == impl_->regions_.end() ? 0 : found->second;
}

void VideoWindow::close(Completion done) {
    {
        const std::lock_guard lock(impl_->mutex_);
        impl_->ended_ = true;
    }
    const auto finish = [impl = impl_, done = std::move(done)] {
        impl->end({});
        {
            const std::lock_guard lock(impl->listenerMutex_);
            impl->listener_ = nullptr;
        }
        if (done)
            done(std::nullopt);
    };
    if (thread_)
        thread_->post(finish);
    else
        finish();
}

} // namespace rtcroom::window
