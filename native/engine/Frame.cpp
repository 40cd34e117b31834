#include "engine/Frame.h"

#include <chrono>
#include <cstdlib>

namespace rtcroom::engine {

size_t pictureSize(PixelFormat format, int width, int height) {
    const auto w = static_cast<size_t>(width);
    const auto h = static_cast<size_t>(height);
    if (format == PixelFormat::RGBA)
        return w * h * 4;
    return w * h + 2 * ((w + 1) / 2) * ((h + 1) / 2);
}

struct FramePool::State {
    explicit State(size_t limit) : keep(limit) {}
    const size_t keep;
    mutable std::mutex mutex;
    std::vector<std::unique_ptr<FrameBuffer>> free;
    size_t outstanding = 0;
};

FramePool::FramePool(size_t keep) : state_(std::make_shared<State>(keep)) {}

std::shared_ptr<FrameBuffer> FramePool::acquire(size_t size) {
    std::unique_ptr<FrameBuffer> buffer;
    {
        const std::lock_guard lock(state_->mutex);
        // After a change of resolution the old sizes are of no use: let them go.
        while (!state_->free.empty() && !buffer) {
            if (state_->free.back()->capacity() >= size && state_->free.back()->capacity() <= size * 2)
                buffer = std::move(state_->free.back());
            state_->free.pop_back();
        }
        ++state_->outstanding;
    }
    if (!buffer)
        buffer = std::make_unique<FrameBuffer>(size);
    return {buffer.release(), [state = state_](FrameBuffer *returned) {
                std::unique_ptr<FrameBuffer> owned(returned);
                const std::lock_guard lock(state->mutex);
                --state->outstanding;
                if (state->free.size() < state->keep)
                    state->free.push_back(std::move(owned));
            }};
}

size_t FramePool::outstanding() const {
    const std::lock_guard lock(state_->mutex);
    return state_->outstanding;
}

namespace {

/// µs from the monotonic clock's zero to 1970. An engine in a child process is given its parent's, so that the clocks
/// of both agree: the monotonic clock itself is one for all processes of a machine.
std::chrono::microseconds epochOffset() {
    using namespace std::chrono;
    if (const char *given = std::getenv("LITEAV_RTCROOM_CLOCK_OFFSET_US")) {
        char *end = nullptr;
        const long long offset = std::strtoll(given, &end, 10);
        if (end != given && *end == '\0')
            return microseconds(offset);
    }
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()) -
           duration_cast<microseconds>(steady_clock::now().time_since_epoch());
}

} // namespace

int64_t clockMicros() {
    using namespace std::chrono;
    static const microseconds offset = epochOffset();
    return (duration_cast<microseconds>(steady_clock::now().time_since_epoch()) + offset).count();
}

int64_t wallClockMicros() {
    using namespace std::chrono;
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

} // namespace rtcroom::engine
