// For builds by mingw; cmake-js brings its own for MSVC. The addon's imports from NODE.EXE are bound at their first
// use, to the program that runs, whatever its file is called: node.exe, electron.exe, a packaged kiosk.
#include <windows.h>
// After windows.h.
#include <delayimp.h>

namespace {

FARPROC WINAPI bindToHost(unsigned event, PDelayLoadInfo info) {
    if (event == dliNotePreLoadLibrary && lstrcmpiA(info->szDll, "NODE.EXE") == 0)
        return reinterpret_cast<FARPROC>(GetModuleHandleW(nullptr));
    return nullptr;
}

} // namespace

extern "C" {
extern PfnDliHook __pfnDliNotifyHook2;
PfnDliHook __pfnDliNotifyHook2 = bindToHost;
}
