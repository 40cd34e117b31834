#include "embedded/capture/DeviceLibrary.h"

#include "engine/Error.h"
#include "engine/SharedLibrary.h"

namespace rtcroom::embedded {

namespace {

#ifdef __linux__

DeviceLibrary find() {
    using engine::EngineException;
    using engine::ErrorCode;
    const std::string name = "libavdevice.so." AV_STRINGIFY(LIBAVDEVICE_VERSION_MAJOR);
    engine::SharedLibrary library;
    if (!library.open({name.c_str()}))
        throw EngineException(ErrorCode::DeviceFailed,
                              name + " is not installed: on Debian or Ubuntu `apt-get install libavdevice" AV_STRINGIFY(
                                         LIBAVDEVICE_VERSION_MAJOR) "`");
    DeviceLibrary table{};
    const auto take = [&](auto &function, const char *symbol) {
        if (!library.take(function, symbol))
            throw EngineException(ErrorCode::DeviceFailed, name + " has no " + symbol + "; install FFmpeg's own");
    };
#define RTCROOM_DEVICE_TAKE(name) take(table.name, #name);
    RTCROOM_DEVICE_FUNCTIONS(RTCROOM_DEVICE_TAKE)
#undef RTCROOM_DEVICE_TAKE
    return table;
}

#else

DeviceLibrary find() {
    return {
#define RTCROOM_DEVICE_LINKED(name) &::name,
        RTCROOM_DEVICE_FUNCTIONS(RTCROOM_DEVICE_LINKED)
#undef RTCROOM_DEVICE_LINKED
    };
}

#endif

DeviceLibrary load() {
    const DeviceLibrary table = find();
    table.avdevice_register_all();
    return table;
}

} // namespace

const DeviceLibrary &deviceLibrary() {
    // A load that throws is tried again at the next call.
    static const DeviceLibrary table = load();
    return table;
}

} // namespace rtcroom::embedded
