#include <exception>

#include <napi.h>

#include "addon/Addon.h"
#include "addon/Arguments.h"
#include "addon/Convert.h"
#include "addon/EmbeddedMatrix.h"
#include "addon/LiteavMatrix.h"
#include "addon/PlayerWrap.h"
#include "addon/PusherWrap.h"
#include "addon/RepairWrap.h"
#include "addon/WindowWrap.h"
#include "engine/Frame.h"

namespace rtcroom::addon {
namespace {

/// The engine that the first argument means.
engine::Engine &engineOf(const Napi::CallbackInfo &info) {
    try {
        return Addon::of(info.Env()).engine(fromJs<engine::EngineOptions>(info[0], "engine"));
    } catch (const engine::EngineException &failure) {
        throw toJs(info.Env(), failure.error());
    } catch (const Napi::Error &) {
        throw; // of a getter in the arguments
    } catch (const std::exception &failure) {
        throw toJs(info.Env(), engine::Error{engine::ErrorCode::Internal, failure.what()});
    }
}

Napi::Value engineInfo(const Napi::CallbackInfo &info) {
    engine::Engine &engine = engineOf(info);
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("name", engine.name());
    object.Set("version", engine.version());
    if (const std::string library = engine.library(); !library.empty())
        object.Set("library", library);
    return object;
}

Napi::Value capabilities(const Napi::CallbackInfo &info) { return toJs(info.Env(), engineOf(info).capabilities()); }

Napi::Value clockMicros(const Napi::CallbackInfo &info) {
    return Napi::Number::New(info.Env(), static_cast<double>(engine::clockMicros()));
}

Napi::Value outstandingFrames(const Napi::CallbackInfo &info) {
    return Napi::Number::New(info.Env(), static_cast<double>(Addon::of(info.Env()).frames().outstanding()));
}

/// Detaches a frame's ArrayBuffer, which gives its memory back. Detached already is nothing.
Napi::Value releaseFrame(const Napi::CallbackInfo &info) {
    if (!info[0].IsArrayBuffer())
        throw toJs(info.Env(), engine::Error{engine::ErrorCode::InvalidArgument, "a frame's data is an ArrayBuffer"});
    Napi::ArrayBuffer buffer = info[0].As<Napi::ArrayBuffer>();
    if (!buffer.IsDetached())
        buffer.Detach();
    return info.Env().Undefined();
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
    Addon::create(env);
    exports.Set("Pusher", PusherWrap::define(env));
    exports.Set("Player", PlayerWrap::define(env));
    exports.Set("Window", WindowWrap::define(env));
    exports.Set("RecordingRepair", RepairWrap::define(env));
    exports.Set("engineInfo", Napi::Function::New(env, engineInfo, "engineInfo"));
    exports.Set("capabilities", Napi::Function::New(env, capabilities, "capabilities"));
    exports.Set("clockMicros", Napi::Function::New(env, clockMicros, "clockMicros"));
    exports.Set("outstandingFrames", Napi::Function::New(env, outstandingFrames, "outstandingFrames"));
    exports.Set("releaseFrame", Napi::Function::New(env, releaseFrame, "releaseFrame"));
    exports.Set("eventTable",
                Napi::Function::New(
                    env, [](const Napi::CallbackInfo &info) { return eventTableToJs(info.Env()); }, "eventTable"));
    exports.Set("statusTable",
                Napi::Function::New(
                    env, [](const Napi::CallbackInfo &info) { return statusTableToJs(info.Env()); }, "statusTable"));
    exports.Set(
        "embeddedMatrix",
        Napi::Function::New(
            env, [](const Napi::CallbackInfo &info) { return embeddedMatrixToJs(info.Env()); }, "embeddedMatrix"));
    exports.Set("liteavMatrix",
                Napi::Function::New(
                    env, [](const Napi::CallbackInfo &info) { return liteavMatrixToJs(info.Env()); }, "liteavMatrix"));
    return exports;
}

} // namespace
} // namespace rtcroom::addon

static Napi::Object initializeModule(Napi::Env env, Napi::Object exports) {
    return rtcroom::addon::initialize(env, exports);
}

NODE_API_MODULE(liteav_rtcroom, initializeModule)
