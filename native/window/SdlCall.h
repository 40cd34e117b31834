#pragma once

#if !defined(_WIN32) && !defined(__APPLE__)
#include "window/x11/ServerGone.h"
#define RTCROOM_SDL_ON_X11
#endif

namespace rtcroom::window {

#ifndef RTCROOM_SDL_ON_X11
inline bool sdlLeft() { return false; }
inline void leaveSdl() {}
#endif

/// A function of SDL, called as such. On X11 a call in which the X server dies comes back with nothing (0, null), and
/// no later one enters SDL: Xlib would end the process, or SDL would wait for ever for answers.
template <typename Function> class SdlCall;

template <typename Result, typename... Arguments> class SdlCall<Result(SDLCALL *)(Arguments...)> {
  public:
    using Function = Result(SDLCALL *)(Arguments...);
    SdlCall() = default;
    explicit(false) SdlCall(Function function) : function_(function) {}
    /// Where SDL's address goes.
    Function &address() { return function_; }

    Result operator()(Arguments... arguments) const {
#ifdef RTCROOM_SDL_ON_X11
        if (sdlLeft())
            return Result();
        const ServerMayGo leaving;
        try {
            return function_(arguments...);
        } catch (const ServerGone &) {
            leaveSdl();
            return Result();
        }
#else
        return function_(arguments...);
#endif
    }

  private:
    Function function_ = nullptr;
};

} // namespace rtcroom::window
