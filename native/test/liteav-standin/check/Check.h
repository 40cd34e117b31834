#pragma once

#include "runtime/Kernel.h"

// A client of the stand-in that knows the interfaces by numbers only: slots and offsets as the tables of the
// specification give them. It shares no declaration of a vendor's class with the DLL.

namespace check {

using Word = long long;
/// Any method, called through its slot; on x64 the caller cleans up, so further arguments do no harm.
using Method = Word (*)(void *self, Word, Word, Word, Word, Word, Word);

/// The extra exports of the DLL.
struct Driver {
    const char *(*log)();
    void (*clear)();
    int (*liveObjects)();
    int (*faults)();
    void (*hostile)(int on);
    int (*object)(const void *object);
    int (*fire)(int object, const char *callback, int a, int b, const char *text);
};
extern Driver driver;

/// The DLL's function; ends the program with a failure when it is not there.
void *need(const char *name);
/// One line of output: "ok …" or "FAIL …".
void report(bool good, const char *what, const char *detail = "");
void reportNumber(Word seen, Word wanted, const char *what, const char *detail = "");

Method slotOf(void *object, int slot);
inline Word callSlot(void *object, int slot, Word a = 0, Word b = 0, Word c = 0, Word d = 0, Word e = 0, Word f = 0) {
    return slotOf(object, slot)(object, a, b, c, d, e, f);
}
inline Word word(const void *pointer) { return reinterpret_cast<Word>(pointer); }

/// Calls the slot with zeros; the log must name this method.
void expectMethod(void *object, int slot, const char *method);
/// The last logged call must have these arguments, as JSON without the brackets.
void expectArguments(const char *wanted, const char *what);

/// An observer whose table is 32 numbered functions: it tells which slot was called, and with what.
struct Observer {
    void **table;
    volatile int slot; // of the last call
    volatile int calls;
    volatile int callsOf[32];
    volatile unsigned long thread;
    Word arguments[7];
    /// What the first three arguments pointed at, during the call.
    unsigned char bytes[3][96];
    bool pointed[3];
};
void prepare(Observer &observer);
void forget(Observer &observer);
/// Fires the callback; the observer must have been called at this slot.
void expectCallback(void *object, Observer &observer, const char *callback, int slot, int a = 0, int b = 0);
int32_t int32At(const Observer &observer, int argument, int offset);
Word wordAt(const Observer &observer, int argument, int offset);
/// Waits until the slot was called this often, at most 5 s.
bool waitFor(const Observer &observer, int slot, int calls);

/// 2, 3 or 4; `premierLicence`: the Premier has setLicense.
void checkV2(int revision, bool premierLicence);
void checkItx();

} // namespace check
