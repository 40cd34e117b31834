#pragma once

// The part of Win32 that the stand-in uses. Declared here, since it is built where no Windows SDK is.

#include <stddef.h>
#include <stdint.h>

#if defined(__i386__)
#define STANDIN_WINAPI __stdcall
#else
#define STANDIN_WINAPI
#endif
#define STANDIN_IMPORT __declspec(dllimport)

struct HWND__;
using HWND = HWND__ *;
struct tagRECT {
    long left, top, right, bottom;
};
using RECT = tagRECT;

extern "C" {
using Handle = void *;
struct SrwLock {
    void *state;
};
struct MemoryInformation { // MEMORY_BASIC_INFORMATION
    void *base;
    void *allocationBase;
    unsigned long allocationProtect;
#if defined(__x86_64__)
    unsigned short partition;
#endif
    size_t regionSize;
    unsigned long state;
    unsigned long protect;
    unsigned long type;
};
using ThreadStart = unsigned long(STANDIN_WINAPI *)(void *);

STANDIN_IMPORT Handle STANDIN_WINAPI GetProcessHeap();
STANDIN_IMPORT void *STANDIN_WINAPI HeapAlloc(Handle, unsigned long, size_t);
STANDIN_IMPORT int STANDIN_WINAPI HeapFree(Handle, unsigned long, void *);
STANDIN_IMPORT Handle STANDIN_WINAPI CreateThread(void *, size_t, ThreadStart, void *, unsigned long, unsigned long *);
STANDIN_IMPORT Handle STANDIN_WINAPI CreateEventW(void *, int, int, const wchar_t *);
STANDIN_IMPORT int STANDIN_WINAPI SetEvent(Handle);
STANDIN_IMPORT unsigned long STANDIN_WINAPI WaitForSingleObject(Handle, unsigned long);
STANDIN_IMPORT int STANDIN_WINAPI CloseHandle(Handle);
STANDIN_IMPORT void STANDIN_WINAPI Sleep(unsigned long);
STANDIN_IMPORT int STANDIN_WINAPI TerminateProcess(Handle, unsigned);
STANDIN_IMPORT unsigned long STANDIN_WINAPI GetCurrentThreadId();
STANDIN_IMPORT unsigned long long STANDIN_WINAPI GetTickCount64();
STANDIN_IMPORT void STANDIN_WINAPI AcquireSRWLockExclusive(SrwLock *);
STANDIN_IMPORT void STANDIN_WINAPI ReleaseSRWLockExclusive(SrwLock *);
STANDIN_IMPORT size_t STANDIN_WINAPI VirtualQuery(const void *, MemoryInformation *, size_t);
STANDIN_IMPORT unsigned long STANDIN_WINAPI GetEnvironmentVariableW(const wchar_t *, wchar_t *, unsigned long);
STANDIN_IMPORT Handle STANDIN_WINAPI CreateFileW(const wchar_t *, unsigned long, unsigned long, void *, unsigned long,
                                                 unsigned long, Handle);
STANDIN_IMPORT unsigned long STANDIN_WINAPI GetLastError();
STANDIN_IMPORT int STANDIN_WINAPI WriteFile(Handle, const void *, unsigned long, unsigned long *, void *);
STANDIN_IMPORT int STANDIN_WINAPI WideCharToMultiByte(unsigned, unsigned long, const wchar_t *, int, char *, int,
                                                      const char *, int *);
STANDIN_IMPORT int STANDIN_WINAPI MultiByteToWideChar(unsigned, unsigned long, const char *, int, wchar_t *, int);

STANDIN_IMPORT int STANDIN_WINAPI IsWindow(HWND);
STANDIN_IMPORT int STANDIN_WINAPI GetClientRect(HWND, RECT *);
STANDIN_IMPORT Handle STANDIN_WINAPI GetDC(HWND);
STANDIN_IMPORT int STANDIN_WINAPI ReleaseDC(HWND, Handle);
STANDIN_IMPORT int STANDIN_WINAPI FillRect(Handle, const RECT *, Handle);

STANDIN_IMPORT Handle STANDIN_WINAPI CreateSolidBrush(unsigned long);
STANDIN_IMPORT Handle STANDIN_WINAPI CreatePen(int, int, unsigned long);
STANDIN_IMPORT Handle STANDIN_WINAPI SelectObject(Handle, Handle);
STANDIN_IMPORT int STANDIN_WINAPI DeleteObject(Handle);
STANDIN_IMPORT int STANDIN_WINAPI MoveToEx(Handle, int, int, void *);
STANDIN_IMPORT int STANDIN_WINAPI LineTo(Handle, int, int);

void *memset(void *target, int value, size_t size);
void *memcpy(void *target, const void *source, size_t size);
}

inline void *operator new(size_t, void *place) noexcept { return place; }

namespace standin {

class Lock {
  public:
    explicit Lock(SrwLock &lock) : lock_(lock) { AcquireSRWLockExclusive(&lock_); }
    ~Lock() { ReleaseSRWLockExclusive(&lock_); }
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;

  private:
    SrwLock &lock_;
};

/// ms since the DLL's first call; wraps after 49 days.
uint32_t nowMs();

/// True when `size` bytes at `address` can be read now.
bool readable(const void *address, size_t size);

/// True when the environment variable is there and not "0" or empty.
bool environmentFlag(const wchar_t *name);

size_t length(const char *text);
bool contains(const char *text, const char *part);
/// The first place of `part` in `text`, or null.
const char *find(const char *text, const char *part);
bool startsWith(const char *text, const char *part);
bool equal(const char *a, const char *b);
/// Copies at most capacity − 1 bytes, never half a UTF-8 character, and ends the text.
void copyText(char *target, size_t capacity, const char *source);

} // namespace standin
