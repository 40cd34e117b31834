#pragma once

namespace rtcroom::window {

/// What leaves SDL or Xlib when the X server dies during a call.
struct ServerGone {};

/// While one lives, the death of the X server throws ServerGone on this thread. The frames of SDL and Xlib in between
/// are left as they are, with their locks: they must never be entered again.
class ServerMayGo {
  public:
    ServerMayGo();
    ~ServerMayGo();
    ServerMayGo(const ServerMayGo &) = delete;
    ServerMayGo &operator=(const ServerMayGo &) = delete;
};

/// SDL was left so, for good.
bool sdlLeft();
void leaveSdl();

} // namespace rtcroom::window
