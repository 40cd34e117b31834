#pragma once

#include "embedded/media/ffmpeg.h"

extern "C" {
#include <libavdevice/avdevice.h>
}

namespace rtcroom::embedded {

#define RTCROOM_DEVICE_FUNCTIONS(X)                                                                                    \
    X(avdevice_free_list_devices)                                                                                      \
    X(avdevice_list_input_sources)                                                                                     \
    X(avdevice_register_all)

/// The functions of libavdevice that are used. On Linux it is loaded when a camera or a screen is first wanted: it
/// brings the libraries of every kind of device along, which a bot on a server needs none of.
struct DeviceLibrary {
#define RTCROOM_DEVICE_MEMBER(name) decltype(&::name) name;
    RTCROOM_DEVICE_FUNCTIONS(RTCROOM_DEVICE_MEMBER)
#undef RTCROOM_DEVICE_MEMBER
};

/// From any thread; av_find_input_format() knows the devices afterwards. Throws EngineException(DeviceFailed) when the
/// library is not there.
const DeviceLibrary &deviceLibrary();

} // namespace rtcroom::embedded
