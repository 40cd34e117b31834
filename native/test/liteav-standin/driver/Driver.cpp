// What a test reads and drives the stand-in by; the vendor's DLL has none of it.

#include "runtime/Call.h"
#include "runtime/Scenario.h"

namespace standin {

/// Each generation's own.
bool fireAt(void *object, Kind kind, const char *callback, int a, int b, const char *text);

namespace {

struct Shot {
    int object;
    const char *callback;
    int a, b;
    const char *text;
    bool delivered;
};

unsigned long STANDIN_WINAPI shoot(void *argument) {
    auto &shot = *static_cast<Shot *>(argument);
    Kind kind = Kind::None;
    void *object = objects::addressOf(shot.object, kind);
    shot.delivered = object && fireAt(object, kind, shot.callback, shot.a, shot.b, shot.text);
    return 0;
}

} // namespace
} // namespace standin

#define STANDIN_EXPORT extern "C" __declspec(dllexport)

/// The log since the start or standin_clear(), one JSON line a call; at most 1 MiB.
STANDIN_EXPORT const char *standin_log() { return standin::journal::text(); }
STANDIN_EXPORT void standin_clear() { standin::journal::clear(); }
/// Pushers, players and lists that were not released.
STANDIN_EXPORT int standin_live_objects() { return standin::objects::live(); }
/// Calls that broke a rule of the specification; their log lines have a "fault".
STANDIN_EXPORT int standin_faults() { return standin::journal::faults(); }
STANDIN_EXPORT void standin_hostile(int on) { standin::setHostile(on != 0); }
/// The number of the object that the log gives it; 0 when it does not live.
STANDIN_EXPORT int standin_object(const void *object) {
    constexpr standin::Kind KINDS[] = {standin::Kind::Pusher, standin::Kind::Player};
    for (const standin::Kind kind : KINDS)
        if (const int number = standin::objects::numberOf(object, kind))
            return number;
    return 0;
}
/// Makes one callback of an object on a thread of its own and waits for its return; 1 when it was made. The object must
/// not be released meanwhile.
STANDIN_EXPORT int standin_fire(int object, const char *callback, int a, int b, const char *text) {
    standin::Shot shot{object, callback, a, b, text, false};
    const Handle thread = CreateThread(nullptr, 0, standin::shoot, &shot, 0, nullptr);
    if (!thread)
        return 0;
    WaitForSingleObject(thread, 0xffffffff);
    CloseHandle(thread);
    return shot.delivered;
}
