#include "runtime/Kernel.h"

// What the C run-time library would bring.
extern "C" {
int _fltused = 0x9875;

void *memset(void *target, int value, size_t size) {
    auto *bytes = static_cast<volatile unsigned char *>(target);
    for (size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<unsigned char>(value);
    return target;
}

void *memcpy(void *target, const void *source, size_t size) {
    auto *to = static_cast<volatile unsigned char *>(target);
    const auto *from = static_cast<const unsigned char *>(source);
    for (size_t i = 0; i < size; ++i)
        to[i] = from[i];
    return target;
}

[[noreturn]] int _purecall() { __builtin_trap(); }
}

// Touches the pages of a frame above 4 KiB in order, as the guard page needs; registers stay. The compiler calls it.
#if defined(__x86_64__)
__asm__(".globl __chkstk\n"
        "__chkstk:\n"
        "  pushq %rcx\n"
        "  pushq %rax\n"
        "  leaq 24(%rsp), %rcx\n"
        "1: cmpq $0x1000, %rax\n"
        "  jb 2f\n"
        "  subq $0x1000, %rcx\n"
        "  testq %rcx, (%rcx)\n"
        "  subq $0x1000, %rax\n"
        "  jmp 1b\n"
        "2: subq %rax, %rcx\n"
        "  testq %rcx, (%rcx)\n"
        "  popq %rax\n"
        "  popq %rcx\n"
        "  ret\n");
#else
// In 32 bits it moves the stack pointer, too.
__asm__(".globl __chkstk\n"
        "__chkstk:\n"
        "  pushl %ecx\n"
        "  leal 8(%esp), %ecx\n"
        "1: cmpl $0x1000, %eax\n"
        "  jb 2f\n"
        "  subl $0x1000, %ecx\n"
        "  testl %ecx, (%ecx)\n"
        "  subl $0x1000, %eax\n"
        "  jmp 1b\n"
        "2: subl %eax, %ecx\n"
        "  testl %ecx, (%ecx)\n"
        "  leal 4(%esp), %eax\n"
        "  movl %ecx, %esp\n"
        "  movl -4(%eax), %ecx\n"
        "  pushl (%eax)\n"
        "  ret\n");
#endif

void *operator new(size_t size) {
    constexpr unsigned long ZEROED = 8;
    void *memory = HeapAlloc(GetProcessHeap(), ZEROED, size);
    if (!memory)
        __builtin_trap();
    return memory;
}
void *operator new[](size_t size) { return operator new(size); }
void operator delete(void *memory) noexcept {
    if (memory)
        HeapFree(GetProcessHeap(), 0, memory);
}
void operator delete(void *memory, size_t) noexcept { operator delete(memory); }
void operator delete[](void *memory) noexcept { operator delete(memory); }
void operator delete[](void *memory, size_t) noexcept { operator delete(memory); }

namespace standin {

uint32_t nowMs() {
    static unsigned long long first; // nothing runs before main in a DLL without a run-time library
    static SrwLock lock;
    const Lock hold(lock);
    const auto now = GetTickCount64();
    if (first == 0)
        first = now;
    return static_cast<uint32_t>(now - first);
}

bool readable(const void *address, size_t size) {
    constexpr unsigned long COMMITTED = 0x1000;
    constexpr unsigned long NO_ACCESS = 0x01;
    constexpr unsigned long GUARD = 0x100;
    auto at = reinterpret_cast<uintptr_t>(address);
    if (at < 0x10000 || at + size < at)
        return false;
    const uintptr_t end = at + size;
    while (at < end) {
        MemoryInformation info{};
        if (!VirtualQuery(reinterpret_cast<void *>(at), &info, sizeof info) || info.state != COMMITTED ||
            (info.protect & (NO_ACCESS | GUARD)))
            return false;
        at = reinterpret_cast<uintptr_t>(info.base) + info.regionSize;
    }
    return true;
}

bool environmentFlag(const wchar_t *name) {
    wchar_t value[4];
    const unsigned long size = GetEnvironmentVariableW(name, value, 4);
    return size != 0 && !(size == 1 && value[0] == L'0');
}

size_t length(const char *text) {
    size_t size = 0;
    while (text[size])
        ++size;
    return size;
}

bool startsWith(const char *text, const char *part) {
    for (; *part; ++text, ++part)
        if (*text != *part)
            return false;
    return true;
}

const char *find(const char *text, const char *part) {
    for (; *text; ++text)
        if (startsWith(text, part))
            return text;
    return nullptr;
}

bool contains(const char *text, const char *part) { return find(text, part) != nullptr; }

bool equal(const char *a, const char *b) {
    for (; *a && *a == *b; ++a, ++b) {
    }
    return *a == *b;
}

void copyText(char *target, size_t capacity, const char *source) {
    size_t size = 0;
    while (source[size] && size + 1 < capacity)
        ++size;
    while (source[size] && size > 0 && (source[size] & 0xc0) == 0x80)
        --size;
    for (size_t i = 0; i < size; ++i)
        target[i] = source[i];
    target[size] = 0;
}

} // namespace standin
