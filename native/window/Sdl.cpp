#include "window/Sdl.h"

#include <string>

#include <SDL_syswm.h>

#include "engine/Error.h"
#include "engine/SharedLibrary.h"
#include "window/Unsupported.h"

namespace rtcroom::window {

namespace {

using engine::EngineException;
using engine::ErrorCode;

#ifdef _WIN32

Sdl load() {
    return {
#define RTCROOM_SDL_LINKED(name) &SDL_##name,
        RTCROOM_SDL_FUNCTIONS(RTCROOM_SDL_LINKED)
#undef RTCROOM_SDL_LINKED
            & SDL_GetWindowWMInfo,
    };
}

#elif defined(__APPLE__)

Sdl load() { throw EngineException(ErrorCode::Unsupported, windowsUnsupported()); }

#else

Sdl load() {
    engine::SharedLibrary library;
    if (!library.open({"libSDL2-2.0.so.0"}))
        throw EngineException(ErrorCode::WindowFailed, "windows need SDL 2, which is not installed: on Debian or "
                                                       "Ubuntu `apt-get install libsdl2-2.0-0`");
    Sdl table{};
    const auto take = [&library](auto &function, const char *name) {
        if (!library.take(function, name))
            throw EngineException(ErrorCode::WindowFailed, std::string("the installed SDL 2 is too old, it has no ") +
                                                               name + "; install 2.0.16 or newer");
    };
#define RTCROOM_SDL_TAKE(name) take(table.name.address(), "SDL_" #name);
    RTCROOM_SDL_FUNCTIONS(RTCROOM_SDL_TAKE)
#undef RTCROOM_SDL_TAKE
    take(table.GetWindowWMInfo.address(), "SDL_GetWindowWMInfo");
    return table;
}

#endif

} // namespace

const Sdl &sdl() {
    // A load that throws is tried again at the next call.
    static const Sdl table = load();
    return table;
}

NativeIds nativeIds(SDL_Window *window) {
    SDL_SysWMinfo info{};
    SDL_VERSION(&info.version);
    if (!sdl().GetWindowWMInfo(window, &info))
        throwSdl("a window has no handle");
#ifdef _WIN32
    return {static_cast<uint64_t>(reinterpret_cast<uintptr_t>(info.info.win.window)), nullptr};
#elif defined(SDL_VIDEO_DRIVER_X11)
    if (info.subsystem != SDL_SYSWM_X11)
        throwSdl("SDL does not run on X11");
    return {info.info.x11.window, info.info.x11.display};
#else
    throwSdl("this SDL has no windows with handles");
#endif
}

void throwSdl(const char *what) {
    const char *reason = sdl().GetError();
    throw EngineException(ErrorCode::WindowFailed, std::string(what) + ": " +
                                                       (reason && *reason ? reason : "SDL gives no reason") +
                                                       "; see the desktop's own log");
}

} // namespace rtcroom::window
