#pragma once

#include <napi.h>

namespace rtcroom::addon {

/// Every row `{ part, name, linux, windows, mac, note }`: why the system lacks it, empty where it has it.
Napi::Array embeddedMatrixToJs(Napi::Env env);

} // namespace rtcroom::addon
