#include "embedded/media/Avio.h"

#include <new>

namespace rtcroom::embedded {

namespace {

constexpr int bufferSize = 64 * 1024;

} // namespace

AvioPtr makeAvio(void *self, const AvioCallbacks &callbacks) {
    auto *buffer = static_cast<uint8_t *>(av_malloc(bufferSize));
    if (!buffer)
        throw std::bad_alloc();
    AvioPtr io(avio_alloc_context(buffer, bufferSize, callbacks.write ? 1 : 0, self, callbacks.read, callbacks.write,
                                  callbacks.seek));
    if (!io) {
        av_free(buffer);
        throw std::bad_alloc();
    }
    return io;
}

} // namespace rtcroom::embedded
