#pragma once

namespace rtcroom::addon {

class Addon;

/// Node runs no cleanup hooks of the main thread on process.exit() or an uncaught exception: it goes straight to
/// exit(3). This shuts the calling thread's addons down there, before the destructors of the libraries' statics run
/// under engine threads that still use them.
namespace processExit {
void add(Addon &addon);
void remove(Addon &addon);
} // namespace processExit

} // namespace rtcroom::addon
