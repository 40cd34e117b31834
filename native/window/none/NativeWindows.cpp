#include "window/NativeWindows.h"
#include "window/Sdl.h"

// Systems without windows that have a number: sdl() says so.

namespace rtcroom::window {

void NativeWindows::prepare() {}

std::unique_ptr<NativeWindows> NativeWindows::create() {
    sdl();
    throwSdl("windows are not supported on this system");
}

void requireWindow(uint64_t) { sdl(); }

void requireText() { sdl(); }

} // namespace rtcroom::window
