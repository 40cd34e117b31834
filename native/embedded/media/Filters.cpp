#include "embedded/media/Filters.h"

#include "engine/Error.h"
#include "engine/SharedLibrary.h"

namespace rtcroom::embedded {

namespace {

#ifdef __linux__

Filters load() {
    using engine::EngineException;
    using engine::ErrorCode;
    const std::string name = "libavfilter.so." AV_STRINGIFY(LIBAVFILTER_VERSION_MAJOR);
    engine::SharedLibrary library;
    if (!library.open({name.c_str()}))
        throw EngineException(ErrorCode::Internal,
                              name + " is not installed: on Debian or Ubuntu `apt-get install libavfilter" AV_STRINGIFY(
                                         LIBAVFILTER_VERSION_MAJOR) "`");
    Filters table{};
    const auto take = [&](auto &function, const char *symbol) {
        if (!library.take(function, symbol))
            throw EngineException(ErrorCode::Internal, name + " has no " + symbol + "; install FFmpeg's own");
    };
#define RTCROOM_FILTER_TAKE(name) take(table.name, #name);
    RTCROOM_FILTER_FUNCTIONS(RTCROOM_FILTER_TAKE)
#undef RTCROOM_FILTER_TAKE
    return table;
}

#else

Filters load() {
    return {
#define RTCROOM_FILTER_LINKED(name) &::name,
        RTCROOM_FILTER_FUNCTIONS(RTCROOM_FILTER_LINKED)
#undef RTCROOM_FILTER_LINKED
    };
}

#endif

} // namespace

const Filters &filters() {
    // A load that throws is tried again at the next call.
    static const Filters table = load();
    return table;
}

} // namespace rtcroom::embedded
