#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "window/Viewport.h"
#include "window/WindowThread.h"

namespace rtcroom::window {

/// I420, 8 bit, limited range. The planes stay as they are for as long as `owner` is held.
struct Picture {
    engine::Size size;
    /// Width : height of one pixel.
    double pixelAspect = 1;
    std::array<const uint8_t *, 3> planes{};
    std::array<int, 3> strides{};
    /// BT.709 rather than BT.601.
    bool bt709 = false;
    std::shared_ptr<const void> owner;
};

/// A child that fills a window and shows pictures. Child, because the window may be anybody's: its own thread and its
/// own painting are left alone, and it may die at any time.
class Canvas final : public Resident, public std::enable_shared_from_this<Canvas> {
  public:
    /// On the window thread, once: the window is gone, or nothing can be drawn into it.
    using Lost = std::function<void(const std::string &reason)>;

    Canvas(WindowThread &thread, uint64_t window, const Look &look, Lost lost);

    // From any thread; none waits for the window.
    /// The newest one wins.
    void offer(Picture picture);
    void setLook(const Look &look);
    /// Lines of text above the pictures, at the top left; empty takes them away.
    void setStatus(std::string lines);
    /// Shows black.
    void clear();
    /// No Lost comes after it.
    void forget();

    // On the window thread.
    void open();
    void close();
    void onSdlEvent(const SDL_Event &event) override;
    void onNativeEvent(const NativeEvent &event) override;
    void turn() override;
    void onDesktopLost(const engine::Error &error) override;

  private:
    struct Destroy {
        void operator()(SDL_Window *window) const { sdl().DestroyWindow(window); }
        void operator()(SDL_Renderer *renderer) const { sdl().DestroyRenderer(renderer); }
        void operator()(SDL_Texture *texture) const { sdl().DestroyTexture(texture); }
    };
    template <typename T> using Owned = std::unique_ptr<T, Destroy>;

    bool fitParent();
    void placeStatus();
    void draw(bool newPicture);
    void prepareRenderer(engine::Size size);
    void prepareTexture(const Picture &picture, bool newPicture);
    void lose(const std::string &reason);
    void release();

    WindowThread &thread_;
    const uint64_t parent_;

    std::mutex mutex_;
    std::optional<Picture> offered_;
    bool clearWanted_ = false;
    Look look_;
    /// Until the window thread has taken it.
    std::optional<std::string> newStatus_;

    std::mutex lostMutex_;
    Lost lost_;

    // The window thread's own.
    uint64_t child_ = 0;
    std::string status_;
    /// In the child; 0 without a status.
    uint64_t statusChild_ = 0;
    engine::Size size_;
    bool open_ = false;
    bool resized_ = false;
    bool exposed_ = false;
    /// The first failure since a success.
    std::optional<std::chrono::steady_clock::time_point> failingSince_;
    Look drawnLook_;
    std::optional<Picture> shown_;
    engine::Size textureSize_;
    Owned<SDL_Window> window_;
    Owned<SDL_Renderer> renderer_;
    Owned<SDL_Texture> texture_;
};

} // namespace rtcroom::window
