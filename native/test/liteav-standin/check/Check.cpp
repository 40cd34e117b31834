#include "check/Check.h"

#include "runtime/Text.h"

extern "C" {
STANDIN_IMPORT Handle STANDIN_WINAPI LoadLibraryExW(const wchar_t *, Handle, unsigned long);
STANDIN_IMPORT void *STANDIN_WINAPI GetProcAddress(Handle, const char *);
STANDIN_IMPORT Handle STANDIN_WINAPI GetStdHandle(unsigned long);
STANDIN_IMPORT const wchar_t *STANDIN_WINAPI GetCommandLineW();
[[noreturn]] STANDIN_IMPORT void STANDIN_WINAPI ExitProcess(unsigned);
}

namespace check {

Driver driver;

namespace {

Handle dll;
bool failed;

void print(const standin::Text &line) {
    constexpr auto STDOUT = static_cast<unsigned long>(-11);
    unsigned long written = 0;
    WriteFile(GetStdHandle(STDOUT), line.text(), static_cast<unsigned long>(line.size()), &written, nullptr);
}

void record(void *self, int slot, const Word (&arguments)[7]) {
    auto &observer = *static_cast<Observer *>(self);
    if (observer.calls == 0) { // what a test looks at is the first call after forget()
        observer.thread = GetCurrentThreadId();
        for (int i = 0; i < 7; ++i)
            observer.arguments[i] = arguments[i];
        for (int i = 0; i < 3; ++i) {
            const auto *at = reinterpret_cast<const unsigned char *>(arguments[i]);
            observer.pointed[i] = standin::readable(at, sizeof observer.bytes[i]);
            if (observer.pointed[i])
                memcpy(observer.bytes[i], at, sizeof observer.bytes[i]);
        }
        observer.slot = slot;
    }
    __atomic_fetch_add(&observer.callsOf[slot], 1, __ATOMIC_ACQ_REL);
    __atomic_fetch_add(&observer.calls, 1, __ATOMIC_ACQ_REL);
}

template <int SLOT> Word slotFunction(void *self, Word a, Word b, Word c, Word d, Word e, Word f, Word g) {
    record(self, SLOT, {a, b, c, d, e, f, g});
    return 0;
}

void *table[32];

template <int SLOT> void fillTable() {
    table[SLOT] = reinterpret_cast<void *>(&slotFunction<SLOT>);
    if constexpr (SLOT > 0)
        fillTable<SLOT - 1>();
}

template <class Function> void bind(Function &function, const char *name) {
    function = reinterpret_cast<Function>(need(name));
}

} // namespace

void *need(const char *name) {
    void *function = GetProcAddress(dll, name);
    if (function)
        return function;
    report(false, "export", name);
    ExitProcess(1);
}

void report(bool good, const char *what, const char *detail) {
    failed |= !good;
    standin::Text line;
    line.put(good ? "ok " : "FAIL ");
    line.put(what);
    line.put(" ");
    line.put(detail);
    line.put("\n");
    print(line);
}

void reportNumber(Word seen, Word wanted, const char *what, const char *detail) {
    if (seen == wanted)
        return report(true, what, detail);
    standin::Text text;
    text.put(detail);
    text.put(": saw ");
    text.number(seen);
    text.put(" for ");
    text.number(wanted);
    report(false, what, text.text());
}

Method slotOf(void *object, int slot) { return reinterpret_cast<Method>((*static_cast<void ***>(object))[slot]); }

void expectMethod(void *object, int slot, const char *method) {
    driver.clear();
    callSlot(object, slot);
    standin::Text wanted;
    wanted.put("\"method\":\"");
    wanted.put(method);
    wanted.put("\",");
    report(standin::contains(driver.log(), wanted.text()), "slot of", method);
}

void expectArguments(const char *wanted, const char *what) {
    standin::Text text;
    text.put("\"args\":[");
    text.put(wanted);
    text.put("]");
    const bool good = standin::contains(driver.log(), text.text());
    report(good, what, good ? "" : driver.log());
}

void prepare(Observer &observer) {
    fillTable<31>();
    observer.table = table;
    forget(observer);
}

void forget(Observer &observer) {
    observer.slot = -1;
    observer.calls = 0;
    for (volatile int &count : observer.callsOf)
        count = 0;
}

void expectCallback(void *object, Observer &observer, const char *callback, int slot, int a, int b) {
    forget(observer);
    const int fired = driver.fire(driver.object(object), callback, a, b, "text");
    reportNumber(fired ? observer.slot : -1, slot, "callback slot of", callback);
}

int32_t int32At(const Observer &observer, int argument, int offset) {
    int32_t value = 0;
    memcpy(&value, observer.bytes[argument] + offset, sizeof value);
    return value;
}

Word wordAt(const Observer &observer, int argument, int offset) {
    Word value = 0;
    memcpy(&value, observer.bytes[argument] + offset, sizeof value);
    return value;
}

bool waitFor(const Observer &observer, int slot, int calls) {
    constexpr uint32_t LIMIT_MS = 5000;
    for (const uint32_t start = standin::nowMs(); standin::nowMs() - start < LIMIT_MS; Sleep(5))
        if (__atomic_load_n(&observer.callsOf[slot], __ATOMIC_ACQUIRE) >= calls)
            return true;
    return false;
}

} // namespace check

namespace {

/// The next word of the command line, without its quotes.
const wchar_t *nextWord(const wchar_t *at, wchar_t *target, int capacity) {
    while (*at == L' ')
        ++at;
    const wchar_t end = *at == L'"' ? L'"' : L' ';
    if (*at == L'"')
        ++at;
    int size = 0;
    for (; *at && *at != end; ++at)
        if (size + 1 < capacity)
            target[size++] = *at;
    target[size] = 0;
    return *at ? at + 1 : at;
}

bool same(const wchar_t *a, const wchar_t *b) {
    for (; *a && *a == *b; ++a, ++b) {
    }
    return *a == *b;
}

} // namespace

/// standin_check <r2|r3|r4|r4p|itx|load> <path of liteav.dll>. Exit code 0: all checks passed. With "load" it is the
/// error that the system has for the DLL, 0 when it loads.
extern "C" void start() {
    using namespace check;
    wchar_t program[512];
    wchar_t generation[16];
    wchar_t path[512];
    nextWord(nextWord(nextWord(GetCommandLineW(), program, 512), generation, 16), path, 512);
    constexpr unsigned long OWN_FOLDER_AND_DEFAULTS = 0x1100;
    dll = LoadLibraryExW(path, nullptr, OWN_FOLDER_AND_DEFAULTS);
    if (same(generation, L"load"))
        ExitProcess(dll ? 0 : GetLastError());
    report(dll != nullptr, "the DLL loads");
    if (!dll)
        ExitProcess(1);
    bind(driver.log, "standin_log");
    bind(driver.clear, "standin_clear");
    bind(driver.liveObjects, "standin_live_objects");
    bind(driver.faults, "standin_faults");
    bind(driver.hostile, "standin_hostile");
    bind(driver.object, "standin_object");
    bind(driver.fire, "standin_fire");
    if (same(generation, L"r2"))
        checkV2(2, false);
    else if (same(generation, L"r3"))
        checkV2(3, false);
    else if (same(generation, L"r4"))
        checkV2(4, false);
    else if (same(generation, L"r4p"))
        checkV2(4, true);
    else if (same(generation, L"itx"))
        checkItx();
    else
        report(false, "the generation is unknown");
    standin::Text last;
    last.put("done\n");
    print(last);
    ExitProcess(failed ? 1 : 0);
}
