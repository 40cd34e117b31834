#include "addon/FrameExport.h"

#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace rtcroom::addon {

struct FrameExport::Holder {
    Holder(std::shared_ptr<engine::FrameBuffer> held, std::shared_ptr<std::atomic<uint64_t>> count)
        : buffer(std::move(held)), outstanding(std::move(count)) {
        ++*outstanding;
    }
    ~Holder() { --*outstanding; }
    Holder(const Holder &) = delete;
    Holder &operator=(const Holder &) = delete;

    std::shared_ptr<engine::FrameBuffer> buffer;
    std::shared_ptr<std::atomic<uint64_t>> outstanding;
};

FrameExport::FrameExport() : outstanding_(std::make_shared<std::atomic<uint64_t>>(0)) {
    const char *forced = std::getenv("LITEAV_RTCROOM_COPY_FRAMES");
    copies_ = forced && std::string_view(forced) == "1";
}

void FrameExport::onFree(napi_env, void *, void *hint) {
    const std::unique_ptr<Holder> holder(static_cast<Holder *>(hint));
}

Napi::Value FrameExport::arrayBuffer(Napi::Env env, std::shared_ptr<engine::FrameBuffer> buffer, size_t size) {
    if (copies_)
        return copy(env, *buffer, size);
    uint8_t *data = buffer->data();
    auto holder = std::make_unique<Holder>(std::move(buffer), outstanding_);
    napi_value value = nullptr;
    // V8 counts the bytes of external buffers as external memory itself.
    const napi_status status = napi_create_external_arraybuffer(env, data, size, onFree, holder.get(), &value);
    if (status == napi_ok) {
        (void)holder.release(); // onFree takes it back.
        return {env, value};
    }
    if (status != napi_no_external_buffers_allowed)
        return {};
    copies_ = true;
    return copy(env, *holder->buffer, size);
}

Napi::Value FrameExport::object(Napi::Env env, engine::VideoFrame frame) {
    const Napi::Value data = arrayBuffer(env, std::move(frame.buffer), frame.size);
    if (data.IsEmpty())
        return data;
    Napi::Object object = Napi::Object::New(env);
    object.Set("format", frame.format == engine::PixelFormat::RGBA ? "rgba" : "i420");
    object.Set("width", frame.width);
    object.Set("height", frame.height);
    object.Set("timestampMs", static_cast<double>(frame.timestampMs));
    object.Set("decodedAtUs", static_cast<double>(frame.decodedAtUs));
    object.Set("data", data);
    return object;
}

Napi::Value FrameExport::object(Napi::Env env, engine::AudioFrame frame) {
    const Napi::Value data = arrayBuffer(env, std::move(frame.buffer), frame.size);
    if (data.IsEmpty())
        return data;
    Napi::Object object = Napi::Object::New(env);
    object.Set("sampleRate", frame.sampleRate);
    object.Set("channels", frame.channels);
    object.Set("samples", frame.samples);
    object.Set("timestampMs", static_cast<double>(frame.timestampMs));
    object.Set("decodedAtUs", static_cast<double>(frame.decodedAtUs));
    object.Set("data", data);
    return object;
}

Napi::Value FrameExport::copy(Napi::Env env, const engine::FrameBuffer &buffer, size_t size) const {
    void *data = nullptr;
    napi_value value = nullptr;
    if (napi_create_arraybuffer(env, size, &data, &value) != napi_ok)
        return {};
    std::memcpy(data, buffer.data(), size);
    return {env, value};
}

} // namespace rtcroom::addon
