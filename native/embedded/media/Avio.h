#pragma once

#include <memory>

#include "embedded/media/ffmpeg.h"

namespace rtcroom::embedded {

struct AvioDeleter {
    void operator()(AVIOContext *p) const {
        av_freep(&p->buffer);
        avio_context_free(&p);
    }
};
using AvioPtr = std::unique_ptr<AVIOContext, AvioDeleter>;

/// What FFmpeg hands to a callback that writes.
#if LIBAVFORMAT_VERSION_MAJOR >= 61
using AvioWritten = const uint8_t;
#else
using AvioWritten = uint8_t;
#endif

struct AvioCallbacks {
    int (*read)(void *self, uint8_t *data, int size) = nullptr;
    int (*write)(void *self, AvioWritten *data, int size) = nullptr;
    int64_t (*seek)(void *self, int64_t offset, int whence) = nullptr;
};

/// Buffered input or output through callbacks that get `self`. Throws std::bad_alloc.
AvioPtr makeAvio(void *self, const AvioCallbacks &callbacks);

} // namespace rtcroom::embedded
