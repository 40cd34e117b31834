#pragma once

#include <napi.h>

namespace rtcroom::addon {

class Addon;

/// Node runs no cleanup hooks of the main thread on process.exit() or an uncaught exception: it goes straight to
/// exit(3). This shuts the calling thread's addons down there, before the destructors of the libraries' statics run
/// under engine threads that still use them. On Windows that is too late: exit functions of a DLL run when the system
/// has ended every other thread, and waiting for one would never end. There a listener of the process's event 'exit'
/// does it, and what is made after that, or is there when a program ends without that event, is left to the system.
namespace processExit {
void add(Napi::Env env, Addon &addon);
void remove(Addon &addon);
} // namespace processExit

} // namespace rtcroom::addon
