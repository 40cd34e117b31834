#pragma once

// SDL's own headers, without its main().
#define SDL_MAIN_HANDLED
#include <SDL.h>

#include <cstdint>

#include "window/SdlCall.h"

// Its header brings Xlib's macros along.
struct SDL_SysWMinfo;

namespace rtcroom::window {

#define RTCROOM_SDL_FUNCTIONS(X)                                                                                       \
    X(CreateRenderer)                                                                                                  \
    X(CreateTexture)                                                                                                   \
    X(CreateWindow)                                                                                                    \
    X(CreateWindowFrom)                                                                                                \
    X(DestroyRenderer)                                                                                                 \
    X(DestroyTexture)                                                                                                  \
    X(DestroyWindow)                                                                                                   \
    X(FillRect)                                                                                                        \
    X(GetDisplayBounds)                                                                                                \
    X(GetError)                                                                                                        \
    X(GetKeyName)                                                                                                      \
    X(GetVersion)                                                                                                      \
    X(GetWindowDisplayIndex)                                                                                           \
    X(GetWindowFlags)                                                                                                  \
    X(GetWindowID)                                                                                                     \
    X(GetWindowPosition)                                                                                               \
    X(GetWindowSize)                                                                                                   \
    X(GetWindowSurface)                                                                                                \
    X(HideWindow)                                                                                                      \
    X(Init)                                                                                                            \
    X(MinimizeWindow)                                                                                                  \
    X(PollEvent)                                                                                                       \
    X(Quit)                                                                                                            \
    X(RaiseWindow)                                                                                                     \
    X(RenderClear)                                                                                                     \
    X(RenderCopyEx)                                                                                                    \
    X(RenderPresent)                                                                                                   \
    X(RestoreWindow)                                                                                                   \
    X(SetHintWithPriority)                                                                                             \
    X(SetMainReady)                                                                                                    \
    X(SetRenderDrawColor)                                                                                              \
    X(SetTextureBlendMode)                                                                                             \
    X(SetTextureScaleMode)                                                                                             \
    X(SetWindowFullscreen)                                                                                             \
    X(SetWindowPosition)                                                                                               \
    X(SetWindowSize)                                                                                                   \
    X(SetWindowTitle)                                                                                                  \
    X(SetYUVConversionMode)                                                                                            \
    X(ShowWindow)                                                                                                      \
    X(StopTextInput)                                                                                                   \
    X(TLSCleanup)                                                                                                      \
    X(UpdateWindowSurface)                                                                                             \
    X(UpdateYUVTexture)

/// The functions of SDL 2 that are used. On Linux the library is loaded when the first window is wanted, so that a
/// program without windows needs neither SDL nor X11 on its machine; on Windows it is linked in.
struct Sdl {
#define RTCROOM_SDL_MEMBER(name) SdlCall<decltype(&SDL_##name)> name;
    RTCROOM_SDL_FUNCTIONS(RTCROOM_SDL_MEMBER)
#undef RTCROOM_SDL_MEMBER
    SdlCall<SDL_bool(SDLCALL *)(SDL_Window *, SDL_SysWMinfo *)> GetWindowWMInfo;
};

/// From any thread. Throws EngineException: WindowFailed when the library is not there or too old (2.0.16), Unsupported
/// on a system where windows are not.
const Sdl &sdl();

/// A window's HWND or X11 window, and SDL's connection to the X server.
struct NativeIds {
    uint64_t window = 0;
    void *display = nullptr;
};
/// On the window thread. Throws EngineException(WindowFailed).
NativeIds nativeIds(SDL_Window *window);

/// EngineException(WindowFailed) with SDL's own words.
[[noreturn]] void throwSdl(const char *what);

} // namespace rtcroom::window
