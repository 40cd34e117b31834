#pragma once

#include <string>
#include <type_traits>

#include <napi.h>

#include "engine/Options.h"
#include "window/VideoWindow.h"

namespace rtcroom::addon {

/// Reads a value of JavaScript as a T; throws engine::EngineException(InvalidArgument) that names `what` and what it
/// must be. Nothing is coerced: a number in a string is refused.
template <typename T> T fromJs(const Napi::Value &value, const std::string &what);

template <> bool fromJs(const Napi::Value &value, const std::string &what);
template <> int fromJs(const Napi::Value &value, const std::string &what);
/// A BigInt (a window handle) or a number from 0 to 2^53 - 1.
template <> uint64_t fromJs(const Napi::Value &value, const std::string &what);
template <> double fromJs(const Napi::Value &value, const std::string &what);
template <> std::string fromJs(const Napi::Value &value, const std::string &what);
/// `{ left, top, right, bottom }`; undefined is the whole.
template <> engine::Rect fromJs(const Napi::Value &value, const std::string &what);
/// `{ width, height }`; undefined is 0 by 0.
template <> engine::Size fromJs(const Napi::Value &value, const std::string &what);
/// `{ captureMouse }`; undefined is the defaults.
template <> engine::ScreenCaptureProperty fromJs(const Napi::Value &value, const std::string &what);
/// `{ name, sdkPath, allowUnknownRevision, licenceUrl, licenceKey }`; undefined is the automatic choice.
template <> engine::EngineOptions fromJs(const Napi::Value &value, const std::string &what);
template <> engine::VideoSourceOptions fromJs(const Napi::Value &value, const std::string &what);
template <> engine::AudioSourceOptions fromJs(const Napi::Value &value, const std::string &what);
template <> engine::PusherOptions fromJs(const Napi::Value &value, const std::string &what);
template <> engine::PlayerOptions fromJs(const Napi::Value &value, const std::string &what);
/// `{ title, width, height, left, top, fullscreen, borderless, resizable }`; undefined is the defaults.
template <> window::WindowOptions fromJs(const Napi::Value &value, const std::string &what);
/// `{ width, height, fps }` and `{ sampleRate, channels }`; undefined is the stream's own.
template <> engine::OutputVideoOptions fromJs(const Napi::Value &value, const std::string &what);
template <> engine::OutputAudioOptions fromJs(const Napi::Value &value, const std::string &what);
/// 'none', 'i420' or 'rgba'.
template <> engine::OutputVideoFormat fromJs(const Napi::Value &value, const std::string &what);
// The bytes stay those of JavaScript: valid for the duration of the call.
template <> engine::UserVideo fromJs(const Napi::Value &value, const std::string &what);
template <> engine::UserAudio fromJs(const Napi::Value &value, const std::string &what);

/// The SDK's enumerations come as their numbers; the engine knows which exist.
template <typename T>
requires std::is_enum_v<T> T enumFromJs(const Napi::Value &value, const std::string &what) {
    if constexpr (std::is_same_v<T, engine::OutputVideoFormat>)
        return fromJs<T>(value, what);
    else
        return static_cast<T>(fromJs<int>(value, what));
}

template <typename T> T argument(const Napi::Value &value, const std::string &what) {
    if constexpr (std::is_enum_v<T>)
        return enumFromJs<T>(value, what);
    else
        return fromJs<T>(value, what);
}

} // namespace rtcroom::addon
