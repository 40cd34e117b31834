#include "runtime/Scenario.h"

#include "runtime/Text.h"

namespace standin {

namespace {

struct Refusal {
    const char *word;
    int code;
};
constexpr Refusal REFUSALS[] = {
    {"refuse-3", -3}, {"bad-2", -2}, {"licence-5", -5}, {"unsupported-4", -4}, {"fail-1", -1}};

constexpr uint32_t HANG_MS = 30'000;
constexpr uint32_t LATER_MS = 300;

int hostileByExport; // 0 as the environment says, 1 on, 2 off

/// Every "word-N" of the address becomes a deed.
void planNumbered(const char *url, const char *word, Deed deed, Actor &actor) {
    for (const char *at = find(url, word); at; at = find(at + 1, word)) {
        int value = 0;
        if (parseNumber(at + length(word), value))
            actor.after(LATER_MS, deed, value);
    }
}

/// Windows ends a process for a fault in any of its threads. Under wine it was seen that the thread alone ended,
/// silently, where Node.js had a worker; a second later this does it.
unsigned long STANDIN_WINAPI endProcess(void *) {
    Sleep(1000);
    // The pseudo handle of this process; the status of an access violation.
    TerminateProcess(reinterpret_cast<Handle>(intptr_t{-1}), 0xC0000005U);
    return 0;
}

constexpr size_t LONG_TEXT = 70'000;
char longText[LONG_TEXT + 1];

} // namespace

int scenario::refusal(const char *url) {
    for (const Refusal &refusal : REFUSALS)
        if (contains(url, refusal.word))
            return refusal.code;
    return 0;
}

int scenario::connectDelayMs(const char *url) {
    if (contains(url, "silent"))
        return -1;
    return contains(url, "slow") ? 2000 : 30;
}

void scenario::hang(const char *url, const Actor &actor) {
    if (!contains(url, "hang"))
        return;
    for (const uint32_t start = nowMs(); nowMs() - start < HANG_MS && !actor.ending();)
        Sleep(10);
}

void scenario::plan(const char *url, Actor &actor) {
    planNumbered(url, "error-", Deed::Error, actor);
    planNumbered(url, "warn-", Deed::Warning, actor);
    planNumbered(url, "screen-stop-", Deed::ScreenStopped, actor);
    if (contains(url, "crash"))
        actor.after(LATER_MS, Deed::Crash);
    if (contains(url, "unplug")) {
        actor.after(LATER_MS, Deed::DeviceChanged, 1);
        actor.after(2 * LATER_MS, Deed::DeviceChanged, 0);
    }
    if (contains(url, "size"))
        actor.after(LATER_MS, Deed::Size, 640, 360);
    if (contains(url, "loading")) {
        actor.after(LATER_MS, Deed::Loading);
        actor.after(2 * LATER_MS, Deed::Resumed);
    }
    if (contains(url, "reconnect")) {
        actor.after(LATER_MS, Deed::Reconnecting);
        actor.after(2 * LATER_MS, Deed::Connected, 1);
    }
    if (contains(url, "drop"))
        actor.after(LATER_MS, Deed::Disconnected);
}

bool scenario::audioOnly(const char *url) { return contains(url, "audio-only"); }
bool scenario::videoOnly(const char *url) { return contains(url, "video-only"); }

bool hostile() {
    const int chosen = __atomic_load_n(&hostileByExport, __ATOMIC_ACQUIRE);
    return chosen ? chosen == 1 : environmentFlag(L"LITEAV_STANDIN_HOSTILE");
}

void setHostile(bool on) { __atomic_store_n(&hostileByExport, on ? 1 : 2, __ATOMIC_RELEASE); }

void crash() {
    if (const Handle thread = CreateThread(nullptr, 0, endProcess, nullptr, 0, nullptr))
        CloseHandle(thread);
    *reinterpret_cast<volatile int *>(static_cast<uintptr_t>(8)) = 1; // an access violation
    __builtin_trap();
}

const char *poison::text(uint32_t dice) {
    switch (dice % 6) {
    case 0:
        return nullptr;
    case 1:
        return "";
    case 2:
        return "\xff\xfe\xc0\x80 broken";
    case 3:
        return "cut \xe6\x8e"; // a character without its end
    case 4: {
        static SrwLock lock;
        const Lock hold(lock);
        if (!longText[0])
            memset(longText, 'x', LONG_TEXT);
        return longText;
    }
    default:
        return "\xe7\xbd\x91\xe7\xbb\x9c\xe6\x96\xad\xe5\xbc\x80"; // 网络断开
    }
}

int poison::number(uint32_t dice) {
    constexpr int NUMBERS[] = {0, -1, 0x7fffffff, -0x7fffffff - 1, 123456, -98765, 424242, 1};
    return NUMBERS[dice % 8];
}

#if defined(__x86_64__)
void poison::unknownSlot(void *observer, int slot) {
    using Method = int (*)(void *, intptr_t, intptr_t, intptr_t);
    const auto *table = *static_cast<void ***>(observer);
    reinterpret_cast<Method>(table[slot])(observer, 0, 0, 0);
}
#endif

void *poison::extra() { return reinterpret_cast<void *>(static_cast<uintptr_t>(0x5afe)); }

} // namespace standin
