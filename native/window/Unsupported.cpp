#include "window/Unsupported.h"

namespace rtcroom::window {

using engine::System;

const char *windowsUnsupported(System system) {
    return system == System::Mac ? "macOS lets only a process's first thread have windows, and that is Node's; take "
                                   "the pictures with videoFormat and show them yourself"
                                 : nullptr;
}

const char *captureUnsupported(System system) {
    return system == System::Mac ? "screens and windows cannot be captured on macOS yet; Linux with X11 and Windows can"
                                 : nullptr;
}

} // namespace rtcroom::window
