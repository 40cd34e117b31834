// wine 8 has no bcryptprimitives.dll, which every program and library of a newer Rust (rolldown, libsql) imports this
// one function from. Windows has had it since Vista. Only for the wine prefix of the tests; never shipped.
#include <windows.h>

// RtlGenRandom, under its exported name.
extern "C" __declspec(dllimport) BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

extern "C" __declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
    constexpr ULONG LARGEST = 0x10000;
    while (length > 0) {
        const ULONG part = length < LARGEST ? static_cast<ULONG>(length) : LARGEST;
        if (!SystemFunction036(data, part))
            return FALSE;
        data += part;
        length -= part;
    }
    return TRUE;
}
