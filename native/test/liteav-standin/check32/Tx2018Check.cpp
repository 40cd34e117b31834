// A client of the 2018 DLL as the engine is one: mangled names from GetProcAddress, __thiscall, storage of its own. It
// shares no declaration of a vendor's class with the DLL.

#include "runtime/Kernel.h"
#include "runtime/Text.h"

extern "C" {
STANDIN_IMPORT Handle STANDIN_WINAPI LoadLibraryExW(const wchar_t *, Handle, unsigned long);
STANDIN_IMPORT void *STANDIN_WINAPI GetProcAddress(Handle, const char *);
STANDIN_IMPORT Handle STANDIN_WINAPI GetStdHandle(unsigned long);
STANDIN_IMPORT const wchar_t *STANDIN_WINAPI GetCommandLineW();
[[noreturn]] STANDIN_IMPORT void STANDIN_WINAPI ExitProcess(unsigned);
}

namespace {

#define THISCALL __attribute__((thiscall))

Handle dll;
bool failed;
const char *(*logText)();
void (*clearLog)();

void print(const standin::Text &line) {
    constexpr auto STDOUT = static_cast<unsigned long>(-11);
    unsigned long written = 0;
    WriteFile(GetStdHandle(STDOUT), line.text(), static_cast<unsigned long>(line.size()), &written, nullptr);
}

void report(bool good, const char *what) {
    failed |= !good;
    standin::Text line;
    line.put(good ? "ok " : "FAIL ");
    line.put(what);
    line.put("\n");
    print(line);
}

void *need(const char *name) {
    void *function = GetProcAddress(dll, name);
    if (!function) {
        report(false, name);
        ExitProcess(1);
    }
    return function;
}

/// Calls a method by its mangled name; the log must then name it with these arguments.
template <class Result, class... Arguments>
Result call(void *self, const char *mangled, const char *logged, Arguments... arguments) {
    using Method = Result(THISCALL *)(void *, Arguments...);
    clearLog();
    const auto method = reinterpret_cast<Method>(need(mangled));
    const auto check = [logged] { report(standin::contains(logText(), logged), logged); };
    if constexpr (__is_same(Result, void)) {
        method(self, arguments...);
        check();
    } else {
        const Result result = method(self, arguments...);
        check();
        return result;
    }
}

/// What the SDK calls: slot 0 is the destructor, slot 1 the event.
struct Callback {
    void **table;
    volatile int events;
    volatile int first;
    void *volatile userData;
};

void *THISCALL destructor(void *self, unsigned) { return self; }
void THISCALL event(void *self, int id, int, const char **, const char **, void *userData) {
    auto &callback = *static_cast<Callback *>(self);
    if (callback.events == 0) {
        callback.first = id;
        callback.userData = userData;
    }
    __atomic_fetch_add(&callback.events, 1, __ATOMIC_ACQ_REL);
}

bool waitFor(const Callback &callback, int events) {
    constexpr uint32_t LIMIT_MS = 5000;
    for (const uint32_t start = standin::nowMs(); standin::nowMs() - start < LIMIT_MS; Sleep(5))
        if (__atomic_load_n(&callback.events, __ATOMIC_ACQUIRE) >= events)
            return true;
    return false;
}

void checkPusher(void *self, Callback &callback) {
    const RECT area{1, 2, 300, 200};
    const RECT &areaReference = area;
    call<void>(self, "??0TXLivePusher@@QAE@XZ", "\"TXLivePusher\"");
    call<void>(self, "?setCallback@TXLivePusher@@QAEXPAVTXLivePusherCallback@@PAX@Z", "\"setCallback\"",
               static_cast<void *>(&callback), reinterpret_cast<void *>(static_cast<uintptr_t>(77)));
    wchar_t names[2][256];
    wchar_t *places[] = {names[0], names[1]};
    const auto enumerate =
        reinterpret_cast<int (*)(wchar_t **, size_t)>(need("?enumCameras@TXLivePusher@@SAHPAPA_WI@Z"));
    report(enumerate(nullptr, 0) == 2 && enumerate(places, 2) == 2 && names[0][0] == L'内', "enumCameras");
    char name[512];
    report(call<bool>(self, "?micDeviceName@TXLivePusher@@QAE_NIQAD@Z", "\"micDeviceName\",\"args\":[1]", 1u,
                      static_cast<char *>(name)),
           "a microphone's name");
    report(standin::contains(name, "麦克风"), "it is UTF-8");
    report(call<bool>(self, "?startPreview@TXLivePusher@@QAE_NPAUHWND__@@ABUtagRECT@@H@Z",
                      "\"startPreview(camera)\",\"args\":[null,1,2,300,200,1]", static_cast<HWND>(nullptr),
                      &areaReference, 1),
           "the preview starts");
    call<void>(self, "?stopPreview@TXLivePusher@@QAEXXZ", "\"stopPreview\"");
    report(call<bool>(self,
                      "?startPreview@TXLivePusher@@QAE_NW4TXEVideoCaptureSrcType@@PAUHWND__@@ABUtagRECT@@"
                      "W4TXEVideoUserDataFormat@@@Z",
                      "\"startPreview(source)\",\"args\":[2,null,1,2,300,200,0]", 2, static_cast<HWND>(nullptr),
                      &areaReference, 0),
           "the screen's preview starts");
    call<void>(self, "?setVideoQualityParamPreset@TXLivePusher@@QAEXW4TXEVideoQualityParamPreset@@W4TXEVideoRatio@@@Z",
               "\"setVideoQualityParamPreset\",\"args\":[3,1]", 3, 1);
    call<int>(self, "?startLocalRecord@TXLivePusher@@QAEHPBD_K@Z",
              "\"startLocalRecord\",\"args\":[\"C:\\\\a.mp4\",600]", "C:\\a.mp4", 600ull);
    report(!call<bool>(self, "?startPush@TXLivePusher@@QAE_NPBD@Z", "refuse-3", "rtmp://host/live/refuse-3"),
           "a refused push");
    report(call<bool>(self, "?startPush@TXLivePusher@@QAE_NPBD@Z", "\"startPush\"", "rtmp://host/live/a"),
           "a push starts");
    report(waitFor(callback, 6), "events");
    report(callback.userData == reinterpret_cast<void *>(static_cast<uintptr_t>(77)), "userData");
    call<void>(self, "?stopPush@TXLivePusher@@QAEXXZ", "\"stopPush\"");
    call<void>(self, "??1TXLivePusher@@UAE@XZ", "\"~TXLivePusher\"");
}

void checkPlayer(void *self, Callback &callback) {
    callback.events = 0;
    call<void>(self, "??0TXLivePlayer@@QAE@XZ", "\"TXLivePlayer\"");
    call<void>(self, "?setCallback@TXLivePlayer@@QAEXPAVTXLivePlayerCallback@@PAX@Z", "\"setCallback\"",
               static_cast<void *>(&callback), static_cast<void *>(nullptr));
    call<void>(self, "?startPlay@TXLivePlayer@@QAEXPBDW4TXEPlayType@@@Z",
               "\"startPlay\",\"args\":[\"rtmp://host/live/a\",1]", "rtmp://host/live/a", 1);
    report(waitFor(callback, 6) && callback.first == 2001, "events, the connection first");
    report(call<bool>(self, "?isPlaying@TXLivePlayer@@QAE_NXZ", "\"isPlaying\""), "it plays");
    call<void>(self, "?stopPlay@TXLivePlayer@@QAEXXZ", "\"stopPlay\"");
    call<void>(self, "??1TXLivePlayer@@UAE@XZ", "\"~TXLivePlayer\"");
}

} // namespace

/// standin_check32 <path of liteav.dll without blanks>. Exit code 0: all checks passed.
extern "C" void start() {
    const wchar_t *path = GetCommandLineW();
    for (const wchar_t *at = path; *at; ++at)
        if (*at == L' ')
            path = at + 1;
    constexpr unsigned long OWN_FOLDER_AND_DEFAULTS = 0x1100;
    dll = LoadLibraryExW(path, nullptr, OWN_FOLDER_AND_DEFAULTS);
    report(dll != nullptr, "the DLL loads");
    if (!dll)
        ExitProcess(1);
    logText = reinterpret_cast<const char *(*)()>(need("standin_log"));
    clearLog = reinterpret_cast<void (*)()>(need("standin_clear"));
    static void *table[] = {reinterpret_cast<void *>(&destructor), reinterpret_cast<void *>(&event)};
    static Callback callback{table, 0, 0, nullptr};
    alignas(8) static unsigned char storage[64];
    checkPusher(storage, callback);
    checkPlayer(storage, callback);
    report(reinterpret_cast<int (*)()>(need("standin_live_objects"))() == 0, "nothing lives");
    report(reinterpret_cast<int (*)()>(need("standin_faults"))() == 0, "no faults");
    standin::Text last;
    last.put("done\n");
    print(last);
    ExitProcess(failed ? 1 : 0);
}
