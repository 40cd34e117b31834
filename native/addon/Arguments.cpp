#include "addon/Arguments.h"

#include <cmath>
#include <limits>
#include <span>

#include "engine/Error.h"

namespace rtcroom::addon {
namespace {

constexpr double MAX_SAFE_INTEGER = 9007199254740991.0;

[[noreturn]] void refuse(const std::string &what, const char *expected) {
    throw engine::EngineException(engine::ErrorCode::InvalidArgument, what + " must be " + expected);
}

/// Reads `object[key]` into `field` unless it is undefined, which keeps the default.
template <typename T> void readField(const Napi::Object &object, const char *key, T &field) {
    const Napi::Value value = object.Get(key);
    if (!value.IsUndefined())
        field = argument<T>(value, key);
}

/// A number whose 0 stands for one that is not given.
template <typename T> void readGiven(const Napi::Object &object, const char *key, T &field) {
    readField(object, key, field);
    if (field == 0 && !object.Get(key).IsUndefined())
        refuse(key, "above 0; leave it out for the stream's own");
}

/// Reads one of some words into `field` unless it is undefined, which keeps the default.
template <typename T>
void readChoice(const Napi::Object &object, const char *key, T &field,
                std::initializer_list<std::pair<const char *, T>> choices) {
    const Napi::Value value = object.Get(key);
    if (value.IsUndefined())
        return;
    std::string expected;
    for (const auto &[word, choice] : choices) {
        if (value.IsString() && value.As<Napi::String>().Utf8Value() == word) {
            field = choice;
            return;
        }
        expected += (expected.empty() ? "'" : " or '") + std::string(word) + "'";
    }
    refuse(key, expected.c_str());
}

Napi::Object objectFromJs(const Napi::Value &value, const std::string &what) {
    if (!value.IsObject() || value.IsFunction() || value.IsArray())
        refuse(what, "an object");
    return value.As<Napi::Object>();
}

int64_t timestampFromJs(const Napi::Object &object, const char *key = "timestampMs") {
    const Napi::Value value = object.Get(key);
    if (value.IsUndefined())
        return -1;
    const double number = fromJs<double>(value, key);
    if (number < 0 || number > MAX_SAFE_INTEGER)
        refuse(key, "a number of milliseconds that is not negative");
    return static_cast<int64_t>(number);
}

/// `device` is the name of the source that is a device of the machine.
engine::SourceKind kindFromJs(const Napi::Object &object, const std::string &device, engine::SourceKind deviceKind) {
    const std::string kind = fromJs<std::string>(object.Get("source"), "source");
    if (kind == "synthetic")
        return engine::SourceKind::Synthetic;
    if (kind == "file")
        return engine::SourceKind::File;
    if (kind == "user")
        return engine::SourceKind::User;
    if (kind == device)
        return deviceKind;
    if (kind == "image" && deviceKind == engine::SourceKind::Camera)
        return engine::SourceKind::Image;
    if (kind == "screen" && deviceKind == engine::SourceKind::Camera)
        return engine::SourceKind::Screen;
    refuse("source", deviceKind == engine::SourceKind::Camera
                         ? "'synthetic', 'file', 'image', 'user', 'camera' or 'screen'"
                         : "'synthetic', 'file', 'user' or 'microphone'");
}

std::span<const uint8_t> bytesFromJs(const Napi::Value &value, const char *key) {
    if (value.IsTypedArray()) {
        const auto array = value.As<Napi::TypedArray>();
        return {static_cast<const uint8_t *>(array.ArrayBuffer().Data()) + array.ByteOffset(), array.ByteLength()};
    }
    if (value.IsArrayBuffer()) {
        auto buffer = value.As<Napi::ArrayBuffer>();
        return {static_cast<const uint8_t *>(buffer.Data()), buffer.ByteLength()};
    }
    refuse(key, "a Buffer, a typed array or an ArrayBuffer");
}

/// After all else of the object: what a getter of it does to the buffer cannot come after that.
template <typename T> void readBytes(const Napi::Object &object, T &target) {
    const std::span<const uint8_t> bytes = bytesFromJs(object.Get("data"), "data");
    target.data = bytes.data();
    target.size = bytes.size();
}

void readVideoFormat(const Napi::Object &object, engine::UserVideoFormat &format) {
    readChoice(object, "format", format,
               {{"i420", engine::UserVideoFormat::I420},
                {"nv12", engine::UserVideoFormat::Nv12},
                {"rgba", engine::UserVideoFormat::Rgba},
                {"h264", engine::UserVideoFormat::H264}});
}

void readNetwork(const Napi::Object &object, engine::NetworkOptions &network) {
    readField(object, "connectRetryCount", network.connectRetryCount);
    readField(object, "connectRetryIntervalMs", network.connectRetryIntervalMs);
    readField(object, "connectTimeoutMs", network.connectTimeoutMs);
    readField(object, "dataTimeoutMs", network.dataTimeoutMs);
    readField(object, "proxy", network.proxy);
    const Napi::Value given = object.Get("tls");
    if (given.IsUndefined())
        return;
    const Napi::Object tls = objectFromJs(given, "tls");
    readField(tls, "ca", network.tls.ca);
    readField(tls, "verify", network.tls.verify);
}

} // namespace

template <> bool fromJs(const Napi::Value &value, const std::string &what) {
    if (!value.IsBoolean())
        refuse(what, "a boolean");
    return value.As<Napi::Boolean>();
}

template <> double fromJs(const Napi::Value &value, const std::string &what) {
    if (!value.IsNumber())
        refuse(what, "a number");
    const double number = value.As<Napi::Number>();
    if (!std::isfinite(number))
        refuse(what, "a finite number");
    return number;
}

template <> int fromJs(const Napi::Value &value, const std::string &what) {
    const double number = fromJs<double>(value, what);
    if (number != std::trunc(number) || number < std::numeric_limits<int>::min() ||
        number > std::numeric_limits<int>::max())
        refuse(what, "an integer of 32 bits");
    return static_cast<int>(number);
}

template <> uint64_t fromJs(const Napi::Value &value, const std::string &what) {
    if (value.IsBigInt()) {
        bool lossless = false;
        const uint64_t number = value.As<Napi::BigInt>().Uint64Value(&lossless);
        if (!lossless)
            refuse(what, "a BigInt from 0 to 2^64 - 1");
        return number;
    }
    const double number = fromJs<double>(value, what);
    if (number != std::trunc(number) || number < 0 || number > MAX_SAFE_INTEGER)
        refuse(what, "an integer that is not negative, or a BigInt");
    return static_cast<uint64_t>(number);
}

template <> std::string fromJs(const Napi::Value &value, const std::string &what) {
    if (!value.IsString())
        refuse(what, "a string");
    std::string text = value.As<Napi::String>();
    // Everything below is C strings: what follows a NUL would be cut off unseen.
    if (text.find('\0') != std::string::npos)
        refuse(what, "a string without NUL characters");
    return text;
}

template <> engine::Rect fromJs(const Napi::Value &value, const std::string &what) {
    engine::Rect rect;
    if (value.IsUndefined())
        return rect;
    const Napi::Object object = objectFromJs(value, what);
    readField(object, "left", rect.left);
    readField(object, "top", rect.top);
    readField(object, "right", rect.right);
    readField(object, "bottom", rect.bottom);
    if (rect.right < rect.left || rect.bottom < rect.top)
        refuse(what, "a region whose right and bottom are not before its left and top");
    return rect;
}

template <> engine::Size fromJs(const Napi::Value &value, const std::string &what) {
    engine::Size size;
    if (value.IsUndefined())
        return size;
    const Napi::Object object = objectFromJs(value, what);
    size.width = fromJs<int>(object.Get("width"), "width");
    size.height = fromJs<int>(object.Get("height"), "height");
    if (size == engine::Size{})
        refuse(what, "a size");
    return size;
}

template <> engine::ScreenCaptureProperty fromJs(const Napi::Value &value, const std::string &what) {
    engine::ScreenCaptureProperty property;
    if (!value.IsUndefined())
        readField(objectFromJs(value, what), "captureMouse", property.captureMouse);
    return property;
}

template <> engine::EngineOptions fromJs(const Napi::Value &value, const std::string &what) {
    engine::EngineOptions options;
    if (value.IsUndefined())
        return options;
    const Napi::Object object = objectFromJs(value, what);
    readField(object, "name", options.name);
    readField(object, "sdkPath", options.sdkPath);
    readField(object, "allowUnknownRevision", options.allowUnknownRevision);
    readField(object, "licenceUrl", options.licenceUrl);
    readField(object, "licenceKey", options.licenceKey);
    return options;
}

template <> engine::VideoSourceOptions fromJs(const Napi::Value &value, const std::string &what) {
    const Napi::Object object = objectFromJs(value, what);
    engine::VideoSourceOptions options;
    options.kind = kindFromJs(object, "camera", engine::SourceKind::Camera);
    readField(object, "path", options.path);
    readField(object, "loop", options.loop);
    readField(object, "camera", options.camera);
    readVideoFormat(object, options.userFormat);
    readField(object, "windowHandle", options.windowHandle);
    if (options.kind == engine::SourceKind::File && options.path.empty())
        refuse("path", "the path of a media file");
    if (options.kind == engine::SourceKind::Image && options.path.empty())
        refuse("path", "the path of a picture");
    return options;
}

template <> engine::AudioSourceOptions fromJs(const Napi::Value &value, const std::string &what) {
    const Napi::Object object = objectFromJs(value, what);
    engine::AudioSourceOptions options;
    options.kind = kindFromJs(object, "microphone", engine::SourceKind::Microphone);
    readField(object, "path", options.path);
    readField(object, "loop", options.loop);
    readChoice(object, "format", options.userFormat,
               {{"pcm", engine::UserAudioFormat::Pcm}, {"aac", engine::UserAudioFormat::Aac}});
    return options;
}

template <> engine::PusherOptions fromJs(const Napi::Value &value, const std::string &what) {
    engine::PusherOptions options;
    if (value.IsUndefined())
        return options;
    const Napi::Object object = objectFromJs(value, what);
    readNetwork(object, options.network);
    readChoice(
        object, "videoCodec", options.videoCodec,
        {{"h264", engine::VideoCodec::H264}, {"h265", engine::VideoCodec::H265}, {"av1", engine::VideoCodec::Av1}});
    readChoice(object, "audioCodec", options.audioCodec,
               {{"aac", engine::AudioCodec::Aac}, {"opus", engine::AudioCodec::Opus}});
    readField(object, "gopSeconds", options.gopSeconds);
    readField(object, "audioSampleRate", options.audioSampleRate);
    readField(object, "audioChannels", options.audioChannels);
    readField(object, "audioBitrateKbps", options.audioBitrateKbps);
    readField(object, "streamClock", options.streamClock);
    readField(object, "statusIntervalMs", options.statusIntervalMs);
    return options;
}

template <> engine::PlayerOptions fromJs(const Napi::Value &value, const std::string &what) {
    engine::PlayerOptions options;
    if (value.IsUndefined())
        return options;
    const Napi::Object object = objectFromJs(value, what);
    readNetwork(object, options.network);
    readField(object, "videoFormat", options.videoFormat);
    readField(object, "audioOutput", options.audioOutput);
    readField(object, "speaker", options.speaker);
    readField(object, "statusIntervalMs", options.statusIntervalMs);
    return options;
}

template <> window::WindowOptions fromJs(const Napi::Value &value, const std::string &what) {
    window::WindowOptions options;
    if (value.IsUndefined())
        return options;
    const Napi::Object object = objectFromJs(value, what);
    readField(object, "title", options.title);
    readField(object, "width", options.width);
    readField(object, "height", options.height);
    const auto readEdge = [&object](const char *key, std::optional<int> &edge) {
        const Napi::Value given = object.Get(key);
        if (!given.IsUndefined())
            edge = fromJs<int>(given, key);
    };
    readEdge("left", options.left);
    readEdge("top", options.top);
    readField(object, "fullscreen", options.fullscreen);
    readField(object, "borderless", options.borderless);
    readField(object, "resizable", options.resizable);
    return options;
}

template <> engine::OutputVideoFormat fromJs(const Napi::Value &value, const std::string &what) {
    if (value.IsString()) {
        const std::string text = value.As<Napi::String>();
        if (text == "none")
            return engine::OutputVideoFormat::None;
        if (text == "i420")
            return engine::OutputVideoFormat::I420;
        if (text == "rgba")
            return engine::OutputVideoFormat::RGBA;
    }
    refuse(what, "'none', 'i420' or 'rgba'");
}

template <> engine::OutputVideoOptions fromJs(const Napi::Value &value, const std::string &what) {
    engine::OutputVideoOptions options;
    if (value.IsUndefined())
        return options;
    const Napi::Object object = objectFromJs(value, what);
    readGiven(object, "width", options.width);
    readGiven(object, "height", options.height);
    readGiven(object, "fps", options.fps);
    return options;
}

template <> engine::OutputAudioOptions fromJs(const Napi::Value &value, const std::string &what) {
    engine::OutputAudioOptions options;
    if (value.IsUndefined())
        return options;
    const Napi::Object object = objectFromJs(value, what);
    readGiven(object, "sampleRate", options.sampleRate);
    readGiven(object, "channels", options.channels);
    return options;
}

template <> engine::UserVideo fromJs(const Napi::Value &value, const std::string &what) {
    const Napi::Object object = objectFromJs(value, what);
    engine::UserVideo video;
    readVideoFormat(object, video.format);
    video.timestampMs = timestampFromJs(object);
    if (video.format == engine::UserVideoFormat::H264) {
        video.dtsMs = timestampFromJs(object, "dtsMs");
    } else {
        video.width = fromJs<int>(object.Get("width"), "width");
        video.height = fromJs<int>(object.Get("height"), "height");
    }
    readBytes(object, video);
    return video;
}

template <> engine::UserAudio fromJs(const Napi::Value &value, const std::string &what) {
    const Napi::Object object = objectFromJs(value, what);
    engine::UserAudio audio;
    readChoice(object, "format", audio.format,
               {{"pcm", engine::UserAudioFormat::Pcm},
                {"aac", engine::UserAudioFormat::Aac},
                {"adts", engine::UserAudioFormat::Adts}});
    audio.timestampMs = timestampFromJs(object);
    if (audio.format != engine::UserAudioFormat::Pcm) {
        const Napi::Value config = object.Get("config");
        if (audio.format == engine::UserAudioFormat::Aac && !config.IsUndefined()) {
            const std::span<const uint8_t> bytes = bytesFromJs(config, "config");
            if (bytes.empty() || bytes.size() > 64)
                refuse("config", "an AudioSpecificConfig, 1 to 64 bytes");
            audio.config.assign(bytes.begin(), bytes.end());
        }
    } else {
        audio.sampleRate = fromJs<int>(object.Get("sampleRate"), "sampleRate");
        audio.channels = fromJs<int>(object.Get("channels"), "channels");
    }
    readBytes(object, audio);
    return audio;
}

} // namespace rtcroom::addon
