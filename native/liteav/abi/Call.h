#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "engine/Error.h"

// How the SDK's methods and callbacks take their arguments: `this` is the first one. On x64 there is one convention and
// a method is an ordinary function; on x86 it is Microsoft's thiscall, which MSVC forbids on free functions.
#if defined(_WIN32) && !defined(_WIN64)
#ifdef _MSC_VER
#error "32-bit builds need mingw or clang: MSVC cannot declare the SDK's callbacks as free thiscall functions"
#endif
#define RTCROOM_SDK_METHOD __attribute__((thiscall))
#else
#define RTCROOM_SDK_METHOD
#endif

namespace rtcroom::liteav {

/// The slot of a method that a revision does not have.
inline constexpr int ABSENT = -1;

/// Calls slot `slot` of the object's virtual table. The slot comes from a table, never from a C++ class: compilers lay
/// out virtual destructors and overloads differently, an array of function pointers they do not. A struct result goes
/// through a pointer argument after `object`, which is what Microsoft's compiler makes of it.
template <typename Result, typename... Arguments> Result callSlot(void *object, int slot, Arguments... arguments) {
    if (object == nullptr || slot < 0)
        throw engine::EngineException(engine::ErrorCode::Unsupported,
                                      "this revision of the LiteAV SDK has no such method; see capabilities");
    using Method = Result(RTCROOM_SDK_METHOD *)(void *, Arguments...);
    void *const *const table = *static_cast<void *const *const *>(object);
    return reinterpret_cast<Method>(table[slot])(object, arguments...);
}

/// A bool of the SDK: only its low byte counts.
using SdkBool = uint8_t;

/// A method that answers with a bool.
template <typename... Arguments> bool callBool(void *object, int slot, Arguments... arguments) {
    return callSlot<SdkBool>(object, slot, arguments...) != 0;
}

} // namespace rtcroom::liteav
