#pragma once

#include <string>
#include <vector>

#include <napi.h>

#include "engine/Engine.h"
#include "window/VideoWindow.h"

namespace rtcroom::addon {

/// An Error with `code` (ERR_RTC_…) and `nativeCode`.
Napi::Error toJs(Napi::Env env, const engine::Error &error);
/// `{ name, code, nativeCode, severity, message, time, params }`; time in ms since 1970.
Napi::Object toJs(Napi::Env env, const engine::Event &event);
/// The SDK's keys; numbers and strings.
Napi::Object toJs(Napi::Env env, const engine::Status &status);
Napi::Array toJs(Napi::Env env, const std::vector<std::string> &strings);
/// `{ name, id }` each.
Napi::Array toJs(Napi::Env env, const std::vector<engine::Device> &devices);
/// `{ id, kind, name, minimized, mainScreen, thumbnail }` each.
Napi::Array toJs(Napi::Env env, const std::vector<engine::ScreenCaptureSource> &sources);
Napi::Object toJs(Napi::Env env, const engine::Capabilities &capabilities);
/// `{ name }` with `width` and `height` ("resize"), `key` and what was held ("key"), or `reason` ("closed").
Napi::Object toJs(Napi::Env env, const window::WindowEvent &event);

/// Every row `{ name, code, side, severity, meaning }`.
Napi::Array eventTableToJs(Napi::Env env);
/// Every row `{ key, unit }`.
Napi::Array statusTableToJs(Napi::Env env);

} // namespace rtcroom::addon
