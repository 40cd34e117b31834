#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace rtcroom::engine {

enum class PixelFormat { I420, RGBA };

/// Bytes of a packed picture: I420 has chroma planes of ceil(width/2) × ceil(height/2).
size_t pictureSize(PixelFormat format, int width, int height);

/// One buffer of a pool; it goes back when its last owner lets go.
class FrameBuffer {
  public:
    explicit FrameBuffer(size_t capacity) : bytes_(capacity) {}
    uint8_t *data() { return bytes_.data(); }
    const uint8_t *data() const { return bytes_.data(); }
    size_t capacity() const { return bytes_.size(); }

  private:
    std::vector<uint8_t> bytes_;
};

/// Hands out buffers and takes them back, from any thread. Keeps at most `keep` free ones; more are allocated when
/// needed and freed on return. A buffer may outlive its pool.
class FramePool {
  public:
    explicit FramePool(size_t keep = 8);
    std::shared_ptr<FrameBuffer> acquire(size_t size);
    /// Buffers handed out and not yet returned.
    size_t outstanding() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

/// A packed picture (no padding between rows or planes).
struct VideoFrame {
    PixelFormat format = PixelFormat::I420;
    int width = 0;
    int height = 0;
    /// Presentation time in the stream, ms.
    int64_t timestampMs = 0;
    /// When the decoder gave it and it was due, µs of `clockMicros()`.
    int64_t decodedAtUs = 0;
    size_t size = 0;
    std::shared_ptr<FrameBuffer> buffer;
};

/// Interleaved signed 16-bit PCM, host byte order.
struct AudioFrame {
    int sampleRate = 0;
    int channels = 0;
    /// Samples a channel.
    int samples = 0;
    int64_t timestampMs = 0;
    int64_t decodedAtUs = 0;
    size_t size = 0;
    std::shared_ptr<FrameBuffer> buffer;
};

/// The engine's clock: µs since 1970, taken once at process start and advanced by the monotonic clock, so that it never
/// steps. The synthetic source draws it.
int64_t clockMicros();

/// The machine's wall clock, µs since 1970, which steps when it is set: what several machines agree on.
int64_t wallClockMicros();

} // namespace rtcroom::engine
