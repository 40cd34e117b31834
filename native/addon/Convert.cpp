#include "addon/Convert.h"

#include <cstdlib>

namespace rtcroom::addon {
namespace {

const char *severityName(engine::Severity severity) {
    switch (severity) {
    case engine::Severity::Info:
        return "info";
    case engine::Severity::Warning:
        return "warning";
    case engine::Severity::Error:
        return "error";
    }
    return "error";
}

} // namespace

Napi::Error toJs(Napi::Env env, const engine::Error &error) {
    Napi::Error result = error.code == engine::ErrorCode::InvalidArgument ? Napi::TypeError::New(env, error.message)
                                                                          : Napi::Error::New(env, error.message);
    result.Set("code", engine::errorCodeName(error.code));
    if (error.nativeCode != 0)
        result.Set("nativeCode", static_cast<double>(error.nativeCode));
    return result;
}

Napi::Object toJs(Napi::Env env, const engine::Event &event) {
    Napi::Object params = Napi::Object::New(env);
    std::string message = event.info->meaning;
    double time = 0;
    for (const auto &[key, value] : event.params) {
        params.Set(key, value);
        if (key == "EVT_MSG")
            message = value;
        else if (key == "EVT_TIME")
            time = std::strtod(value.c_str(), nullptr);
    }
    Napi::Object object = Napi::Object::New(env);
    object.Set("name", event.info->name);
    object.Set("code", event.info->code);
    object.Set("nativeCode", event.nativeCode);
    object.Set("severity", severityName(event.info->severity));
    object.Set("message", message);
    object.Set("time", time);
    object.Set("params", params);
    return object;
}

Napi::Object toJs(Napi::Env env, const engine::Status &status) {
    Napi::Object object = Napi::Object::New(env);
    for (const auto &[key, value] : status) {
        if (const double *number = std::get_if<double>(&value))
            object.Set(key, *number);
        else
            object.Set(key, std::get<std::string>(value));
    }
    return object;
}

Napi::Array toJs(Napi::Env env, const std::vector<std::string> &strings) {
    Napi::Array array = Napi::Array::New(env, strings.size());
    for (size_t i = 0; i < strings.size(); ++i)
        array.Set(static_cast<uint32_t>(i), strings[i]);
    return array;
}

Napi::Array toJs(Napi::Env env, const std::vector<engine::Device> &devices) {
    Napi::Array array = Napi::Array::New(env, devices.size());
    for (size_t i = 0; i < devices.size(); ++i) {
        Napi::Object object = Napi::Object::New(env);
        object.Set("name", devices[i].name);
        object.Set("id", devices[i].id);
        array.Set(static_cast<uint32_t>(i), object);
    }
    return array;
}

Napi::Array toJs(Napi::Env env, const std::vector<engine::ScreenCaptureSource> &sources) {
    using Kind = engine::ScreenCaptureSource::Kind;
    Napi::Array array = Napi::Array::New(env, sources.size());
    for (size_t i = 0; i < sources.size(); ++i) {
        const engine::ScreenCaptureSource &source = sources[i];
        Napi::Object object = Napi::Object::New(env);
        object.Set("id", source.id);
        object.Set("kind", source.kind == Kind::Window ? "window" : source.kind == Kind::Screen ? "screen" : "custom");
        object.Set("name", source.name);
        object.Set("minimized", source.minimized);
        object.Set("mainScreen", source.mainScreen);
        if (const engine::Thumbnail &thumbnail = source.thumbnail; !thumbnail.rgba.empty()) {
            Napi::Object picture = Napi::Object::New(env);
            picture.Set("width", thumbnail.size.width);
            picture.Set("height", thumbnail.size.height);
            picture.Set("data", Napi::Buffer<uint8_t>::Copy(env, thumbnail.rgba.data(), thumbnail.rgba.size()));
            object.Set("thumbnail", picture);
        }
        array.Set(static_cast<uint32_t>(i), object);
    }
    return array;
}

Napi::Object toJs(Napi::Env env, const engine::Capabilities &capabilities) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("pusherMethods", toJs(env, capabilities.pusherMethods));
    object.Set("playerMethods", toJs(env, capabilities.playerMethods));
    object.Set("videoSources", toJs(env, capabilities.videoSources));
    object.Set("audioSources", toJs(env, capabilities.audioSources));
    object.Set("userVideoFormats", toJs(env, capabilities.userVideoFormats));
    object.Set("userAudioFormats", toJs(env, capabilities.userAudioFormats));
    object.Set("protocols", toJs(env, capabilities.protocols));
    object.Set("videoEncoders", toJs(env, capabilities.videoEncoders));
    object.Set("hardwareEncoders", toJs(env, capabilities.hardwareEncoders));
    object.Set("audioEncoders", toJs(env, capabilities.audioEncoders));
    object.Set("videoDecoders", toJs(env, capabilities.videoDecoders));
    object.Set("audioDecoders", toJs(env, capabilities.audioDecoders));
    return object;
}

Napi::Object toJs(Napi::Env env, const window::WindowEvent &event) {
    Napi::Object object = Napi::Object::New(env);
    switch (event.kind) {
    case window::WindowEvent::Kind::CloseRequest:
        object.Set("name", "closeRequest");
        break;
    case window::WindowEvent::Kind::Resize:
        object.Set("name", "resize");
        object.Set("width", event.size.width);
        object.Set("height", event.size.height);
        break;
    case window::WindowEvent::Kind::Key:
        object.Set("name", "key");
        object.Set("key", event.key);
        object.Set("repeat", event.repeat);
        object.Set("alt", event.alt);
        object.Set("control", event.control);
        object.Set("shift", event.shift);
        break;
    case window::WindowEvent::Kind::Closed:
        object.Set("name", "closed");
        object.Set("reason", event.reason);
        break;
    }
    return object;
}

Napi::Array eventTableToJs(Napi::Env env) {
    Napi::Array array = Napi::Array::New(env);
    for (const engine::EventInfo &row : engine::eventTable()) {
        Napi::Object object = Napi::Object::New(env);
        object.Set("name", row.name);
        object.Set("code", row.code);
        object.Set("side", row.side == engine::Side::Push ? "push" : "play");
        object.Set("severity", severityName(row.severity));
        object.Set("meaning", row.meaning);
        array.Set(array.Length(), object);
    }
    return array;
}

Napi::Array statusTableToJs(Napi::Env env) {
    Napi::Array array = Napi::Array::New(env);
    for (const engine::StatusKey &row : engine::statusTable()) {
        Napi::Object object = Napi::Object::New(env);
        object.Set("key", row.name);
        object.Set("unit", row.unit);
        array.Set(array.Length(), object);
    }
    return array;
}

} // namespace rtcroom::addon
