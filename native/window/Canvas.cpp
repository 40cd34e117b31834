#include "window/Canvas.h"

#include <algorithm>
#include <utility>

namespace rtcroom::window {

using engine::EngineException;
using engine::Size;

namespace {

/// Drawing fails for a moment when a screen is locked or a graphics driver is replaced; after this it is over.
constexpr auto PATIENCE = std::chrono::seconds(5);

SDL_Rect rect(const Area &area) { return {area.left, area.top, area.width, area.height}; }

void require(int result, const char *what) {
    if (result != 0)
        throwSdl(what);
}

} // namespace

Canvas::Canvas(WindowThread &thread, uint64_t window, const Look &look, Lost lost)
    : thread_(thread), parent_(window), look_(look), lost_(std::move(lost)) {}

void Canvas::offer(Picture picture) {
    {
        const std::lock_guard lock(mutex_);
        offered_ = std::move(picture);
        clearWanted_ = false;
    }
    thread_.wake();
}

void Canvas::setLook(const Look &look) {
    {
        const std::lock_guard lock(mutex_);
        look_ = look;
    }
    thread_.wake();
}

void Canvas::setStatus(std::string lines) {
    {
        const std::lock_guard lock(mutex_);
        newStatus_ = std::move(lines);
    }
    thread_.wake();
}

void Canvas::clear() {
    {
        const std::lock_guard lock(mutex_);
        offered_.reset();
        clearWanted_ = true;
    }
    thread_.wake();
}

void Canvas::forget() {
    const std::lock_guard lock(lostMutex_);
    lost_ = nullptr;
}

void Canvas::open() {
    {
        const std::lock_guard lock(lostMutex_);
        // Forgotten already, and then the thread of a window of this process may be waiting for ours: Windows would
        // have it answer to its window's new child.
        if (!lost_)
            return;
    }
    try {
        NativeWindows &native = thread_.native();
        // Before its size is read, so that no change is missed.
        native.watch(parent_);
        const Size size = native.size(parent_).value_or(Size{});
        size_ = {std::max(1, size.width), std::max(1, size.height)};
        child_ = native.createChild(parent_, {0, 0, size_.width, size_.height}, NativeWindows::Order::Bottom);
        open_ = true;
        exposed_ = true;
        thread_.add(shared_from_this());
    } catch (const EngineException &failure) {
        lose(failure.error().message);
    }
}

void Canvas::close() {
    release();
    thread_.remove(this);
}

void Canvas::release() {
    texture_.reset();
    renderer_.reset();
    window_.reset();
    const bool open = std::exchange(open_, false);
    if (const uint64_t status = std::exchange(statusChild_, 0); open && status != 0)
        thread_.native().destroyChild(status);
    if (open)
        thread_.native().destroyChild(child_);
    shown_.reset();
}

void Canvas::lose(const std::string &reason) {
    close();
    const std::lock_guard lock(lostMutex_);
    if (const Lost lost = std::exchange(lost_, nullptr))
        lost(reason);
}

void Canvas::onDesktopLost(const engine::Error &error) {
    // The child went with the desktop. What SDL has of it is left: SDL would wait for the X server's answers.
    open_ = false;
    statusChild_ = 0;
    (void)texture_.release();
    (void)renderer_.release();
    (void)window_.release();
    lose(error.message);
}

void Canvas::onSdlEvent(const SDL_Event &event) {
    if (event.type == SDL_RENDER_DEVICE_RESET || event.type == SDL_RENDER_TARGETS_RESET) {
        texture_.reset();
        renderer_.reset();
        exposed_ = true;
    } else if (event.type == SDL_WINDOWEVENT && window_ && event.window.windowID == sdl().GetWindowID(window_.get()) &&
               event.window.event == SDL_WINDOWEVENT_EXPOSED) {
        exposed_ = true;
    }
}

void Canvas::onNativeEvent(const NativeEvent &event) {
    if (!open_ || (event.window != parent_ && event.window != child_))
        return;
    switch (event.kind) {
    case NativeEvent::Kind::Exposed:
        exposed_ = true;
        break;
    case NativeEvent::Kind::Resized:
        resized_ = resized_ || event.window == parent_;
        break;
    case NativeEvent::Kind::Unmapped:
        break;
    case NativeEvent::Kind::Destroyed:
        lose("the window was closed");
        break;
    }
}

void Canvas::turn() {
    if (!open_)
        return;
    std::optional<Picture> picture;
    bool clearWanted = false;
    Look look;
    std::optional<std::string> status;
    {
        const std::lock_guard lock(mutex_);
        status = std::exchange(newStatus_, std::nullopt);
        picture = std::exchange(offered_, std::nullopt);
        clearWanted = std::exchange(clearWanted_, false);
        look = look_;
    }
    const bool resized = std::exchange(resized_, false);
    if (resized && !fitParent())
        return;
    if (status)
        status_ = std::move(*status);
    if (status || resized)
        placeStatus();
    const bool newPicture = picture.has_value();
    if (newPicture)
        shown_ = std::move(picture);
    if (clearWanted)
        shown_.reset();
    const bool newLook = look != drawnLook_;
    drawnLook_ = look;
    if (!newPicture && !clearWanted && !newLook && !resized && !std::exchange(exposed_, false))
        return;
    exposed_ = false;
    try {
        draw(newPicture);
        failingSince_.reset();
    } catch (const EngineException &failure) {
        texture_.reset();
        renderer_.reset();
        window_.reset();
        // The next picture tries again.
        const auto now = std::chrono::steady_clock::now();
        if (!failingSince_)
            failingSince_ = now;
        if (!thread_.native().size(child_))
            lose("the window was closed");
        else if (now - *failingSince_ > PATIENCE)
            lose(failure.error().message);
    }
}

/// False when the window is gone.
bool Canvas::fitParent() {
    const std::optional<Size> size = thread_.native().size(parent_);
    if (!size) {
        lose("the window was closed");
        return false;
    }
    // Windows gives a minimised window no inside: the child keeps its size.
    if (size->width > 0 && size->height > 0 && *size != size_) {
        size_ = *size;
        thread_.native().placeChild(child_, {0, 0, size_.width, size_.height});
    }
    return true;
}

void Canvas::placeStatus() {
    NativeWindows &native = thread_.native();
    try {
        if (status_.empty()) {
            if (const uint64_t status = std::exchange(statusChild_, 0))
                native.destroyChild(status);
            return;
        }
        const auto lines = static_cast<int>(std::ranges::count(status_, '\n')) + 1;
        // All lines within the height, as long as they can be read.
        const int pixelSize = std::clamp(std::min(size_.height / 28, size_.height * 2 / 3 / lines), 9, 20);
        if (statusChild_ == 0)
            statusChild_ = native.createChild(child_, {pixelSize / 2, pixelSize / 2, 1, 1}, NativeWindows::Order::Top);
        native.setLines(statusChild_, status_, pixelSize);
    } catch (const EngineException &) {
        // The window is on its way out, which is told when it is gone.
    }
}

void Canvas::draw(bool newPicture) {
    const Sdl &functions = sdl();
    prepareRenderer(size_);
    SDL_Renderer *renderer = renderer_.get();
    if (shown_)
        prepareTexture(*shown_, newPicture);
    require(functions.SetRenderDrawColor(renderer, 0, 0, 0, SDL_ALPHA_OPAQUE), "the window cannot be drawn into");
    require(functions.RenderClear(renderer), "the window cannot be drawn into");
    if (shown_) {
        const Viewport view = viewport(shown_->size, shown_->pixelAspect, size_, drawnLook_);
        const SDL_Rect source = rect(view.source);
        const SDL_Rect target = rect(view.target);
        // The software renderer turns opaque pictures in one step only when they are blended.
        const bool plain = drawnLook_.quarterTurns == 0 && !drawnLook_.mirror;
        functions.SetTextureBlendMode(texture_.get(), plain ? SDL_BLENDMODE_NONE : SDL_BLENDMODE_BLEND);
        require(functions.RenderCopyEx(renderer, texture_.get(), &source, &target, 90.0 * drawnLook_.quarterTurns,
                                       nullptr, drawnLook_.mirror ? SDL_FLIP_HORIZONTAL : SDL_FLIP_NONE),
                "a picture cannot be drawn");
    }
    functions.RenderPresent(renderer);
}

void Canvas::prepareRenderer(Size size) {
    const Sdl &functions = sdl();
    if (window_) {
        Size known;
        functions.GetWindowSize(window_.get(), &known.width, &known.height);
        // X11: SDL is not told of a foreign window's size.
        if (known != size) {
            texture_.reset();
            renderer_.reset();
            window_.reset();
        }
    }
    if (!window_) {
        window_.reset(functions.CreateWindowFrom(reinterpret_cast<const void *>(static_cast<uintptr_t>(child_))));
        if (!window_)
            throwSdl("the window cannot be used");
    }
    if (renderer_)
        return;
    // Drawn by software unless the environment's SDL_RENDER_DRIVER names another: X11's OpenGL would need a window of a
    // visual of its choice, and Direct3D in a child window is what we could not see work. None waits for the screen's
    // refresh: a desktop's compositor shows whole pictures anyway, and a wait would hold up every other window.
    renderer_.reset(functions.CreateRenderer(window_.get(), -1, SDL_RENDERER_SOFTWARE));
    if (!renderer_)
        throwSdl("the window cannot be drawn into");
}

void Canvas::prepareTexture(const Picture &picture, bool newPicture) {
    const Sdl &functions = sdl();
    // SDL's matrix is one for all textures and is looked at while they are filled or drawn.
    functions.SetYUVConversionMode(picture.bt709 ? SDL_YUV_CONVERSION_BT709 : SDL_YUV_CONVERSION_BT601);
    if (!texture_ || textureSize_ != picture.size) {
        texture_.reset();
        texture_.reset(functions.CreateTexture(renderer_.get(), SDL_PIXELFORMAT_IYUV, SDL_TEXTUREACCESS_STREAMING,
                                               picture.size.width, picture.size.height));
        if (!texture_)
            throwSdl("no memory of the graphics for a picture");
        textureSize_ = picture.size;
        functions.SetTextureScaleMode(texture_.get(), SDL_ScaleModeLinear);
        newPicture = true;
    }
    if (newPicture)
        require(functions.UpdateYUVTexture(texture_.get(), nullptr, picture.planes[0], picture.strides[0],
                                           picture.planes[1], picture.strides[1], picture.planes[2],
                                           picture.strides[2]),
                "a picture cannot be given to the graphics");
}

} // namespace rtcroom::window
