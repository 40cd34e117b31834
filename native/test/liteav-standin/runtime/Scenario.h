#pragma once

#include "runtime/Actor.h"

namespace standin {

/// What an address asks for by words in it (README.md lists them).
namespace scenario {

/// The code that a start with this address gives back: "refuse-3" −3, "bad-2" −2, "licence-5" −5, "unsupported-4" −4,
/// "fail-1" −1; else 0.
int refusal(const char *url);
/// ms from the start until the connection stands: 2000 with "slow", never (−1) with "silent", else 30.
int connectDelayMs(const char *url);
/// Blocks up to 30 s when the address has "hang"; ends early when the object is being released.
void hang(const char *url, const Actor &actor);
/// Plans what happens once connected: drop, reconnect, crash, error-N, warn-N, screen-stop-N, unplug, size, loading.
void plan(const char *url, Actor &actor);
/// No sound, or no picture, in what is played.
bool audioOnly(const char *url);
bool videoOnly(const char *url);

} // namespace scenario

/// A build of the DLL that refuses every licence; its exports say so.
bool licenceRefused();

/// Hostile mode: LITEAV_STANDIN_HOSTILE or standin_hostile().
bool hostile();
void setHostile(bool on);

/// Ends the process the way a fault inside an SDK does.
[[noreturn]] void crash();

/// Arguments for hostile callbacks.
namespace poison {
/// A message: null, empty, broken UTF-8, 70,000 bytes, or Chinese.
const char *text(uint32_t dice);
/// A code: unknown, huge, or zero.
int number(uint32_t dice);
/// A pointer that nobody may read.
void *extra();
#if defined(__x86_64__)
/// Calls a slot that the observer may not have; on x64 the caller cleans up, so a padded table stands it.
void unknownSlot(void *observer, int slot);
#endif
} // namespace poison

} // namespace standin
