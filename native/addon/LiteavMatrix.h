#pragma once

#include <napi.h>

namespace rtcroom::addon {

/// Every row `{ object, method, tx2018, interface, v2R2, v2R3, v2R4, note }`.
Napi::Array liteavMatrixToJs(Napi::Env env);

} // namespace rtcroom::addon
