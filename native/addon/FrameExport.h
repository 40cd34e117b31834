#pragma once

#include <atomic>
#include <memory>

#include <napi.h>

#include "engine/Frame.h"

namespace rtcroom::addon {

/// Hands pooled buffers to JavaScript as ArrayBuffers without copying. A buffer goes back to its pool soon after the
/// ArrayBuffer is detached (the frame's close), or when it is collected. Where external buffers are refused (Electron),
/// or with LITEAV_RTCROOM_COPY_FRAMES=1, the bytes are copied and the buffer goes back at once.
class FrameExport {
  public:
    FrameExport();

    /// Empty when an exception is pending.
    Napi::Value arrayBuffer(Napi::Env env, std::shared_ptr<engine::FrameBuffer> buffer, size_t size);
    /// With what else there is to a frame; empty likewise.
    Napi::Value object(Napi::Env env, engine::VideoFrame frame);
    Napi::Value object(Napi::Env env, engine::AudioFrame frame);
    /// Pooled buffers that JavaScript holds.
    uint64_t outstanding() const { return *outstanding_; }

  private:
    struct Holder;
    static void onFree(napi_env env, void *data, void *hint);
    Napi::Value copy(Napi::Env env, const engine::FrameBuffer &buffer, size_t size) const;

    bool copies_;
    // Shared with the holders: a frame may be collected after the environment's addon is gone.
    std::shared_ptr<std::atomic<uint64_t>> outstanding_;
};

} // namespace rtcroom::addon
