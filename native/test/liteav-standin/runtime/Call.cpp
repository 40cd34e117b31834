#include "runtime/Call.h"

namespace standin {

namespace {

struct Entry {
    const void *address;
    Kind kind;
    int number;
};

constexpr int MOST_OBJECTS = 1024;
Entry entries[MOST_OBJECTS];
SrwLock entriesLock;
int lastNumber;
int liveCount;

constexpr size_t LOG_BYTES = 1 << 20;
char memoryLog[LOG_BYTES];
size_t memoryLogSize;
SrwLock logLock;
volatile int faultCount;
constexpr unsigned LONGEST_PATH = 1024;
wchar_t openPath[LONGEST_PATH];
Handle openFile;

/// The file is looked up for every line, so that a test can change it while the DLL is loaded.
Handle logFile() {
    wchar_t path[LONGEST_PATH];
    const unsigned long size = GetEnvironmentVariableW(L"LITEAV_STANDIN_LOG", path, LONGEST_PATH);
    if (size >= LONGEST_PATH)
        return nullptr;
    path[size] = 0;
    bool same = true;
    for (unsigned i = 0; i <= size && same; ++i)
        same = path[i] == openPath[i];
    if (same)
        return openFile;
    if (openFile)
        CloseHandle(openFile);
    openFile = nullptr;
    memcpy(openPath, path, (size + 1) * sizeof(wchar_t));
    if (size == 0)
        return nullptr;
    constexpr unsigned long APPEND = 4;
    constexpr unsigned long SHARE_ALL = 7;
    constexpr unsigned long OPEN_ALWAYS = 4;
    const Handle file = CreateFileW(path, APPEND, SHARE_ALL, nullptr, OPEN_ALWAYS, 0x80, nullptr);
    if (reinterpret_cast<intptr_t>(file) != -1)
        openFile = file;
    return openFile;
}

constexpr size_t LONGEST_TEXT = 64 * 1024;

/// Size of a readable, terminated text; LONGEST_TEXT when it has no end within that.
size_t readableLength(const char *text) {
    for (size_t size = 0; size < LONGEST_TEXT; ++size) {
        // A page is 4096 bytes at least.
        const bool newPage = size == 0 || (reinterpret_cast<uintptr_t>(text + size) & 0xfff) == 0;
        if (newPage && !readable(text + size, 1))
            return LONGEST_TEXT;
        if (text[size] == 0)
            return size;
    }
    return LONGEST_TEXT;
}

/// Managers live as long as their pusher, the Premier as long as the process.
bool mustBeReleased(Kind kind) {
    return kind == Kind::Pusher || kind == Kind::Player || kind == Kind::Devices || kind == Kind::Device ||
           kind == Kind::Sources;
}

} // namespace

const char *nameOf(Kind kind) {
    switch (kind) {
    case Kind::Pusher:
        return "pusher";
    case Kind::Player:
        return "player";
    case Kind::Premier:
        return "premier";
    case Kind::DeviceManager:
        return "deviceManager";
    case Kind::AudioEffects:
        return "audioEffectManager";
    case Kind::Beauty:
        return "beautyManager";
    case Kind::Devices:
        return "deviceCollection";
    case Kind::Device:
        return "deviceInfo";
    case Kind::Sources:
        return "screenSources";
    case Kind::None:
        break;
    }
    return "export";
}

int objects::add(const void *address, Kind kind) {
    const Lock hold(entriesLock);
    for (Entry &entry : entries)
        if (entry.kind == Kind::None) {
            entry = {address, kind, ++lastNumber};
            liveCount += mustBeReleased(kind);
            return entry.number;
        }
    __builtin_trap();
}

void objects::remove(const void *address) {
    const Lock hold(entriesLock);
    for (Entry &entry : entries)
        if (entry.kind != Kind::None && entry.address == address) {
            liveCount -= mustBeReleased(entry.kind);
            entry = {};
            return;
        }
}

int objects::numberOf(const void *address, Kind kind) {
    const Lock hold(entriesLock);
    for (const Entry &entry : entries)
        if (entry.kind == kind && entry.address == address)
            return entry.number;
    return 0;
}

void *objects::addressOf(int number, Kind &kind) {
    const Lock hold(entriesLock);
    for (const Entry &entry : entries)
        if (entry.kind != Kind::None && entry.number == number) {
            kind = entry.kind;
            return const_cast<void *>(entry.address);
        }
    return nullptr;
}

int objects::live() {
    const Lock hold(entriesLock);
    return liveCount;
}

const char *journal::text() { return memoryLog; }

void journal::clear() {
    const Lock hold(logLock);
    memoryLogSize = 0;
    memoryLog[0] = 0;
}

void journal::write(const Text &line) {
    const Lock hold(logLock);
    if (memoryLogSize + line.size() < LOG_BYTES) {
        // The old end is overwritten last: a reader sees whole lines only.
        char *at = memoryLog + memoryLogSize;
        memcpy(at + 1, line.text() + 1, line.size() - 1);
        at[line.size()] = 0;
        __atomic_store_n(at, line.text()[0], __ATOMIC_RELEASE);
        memoryLogSize += line.size();
    }
    if (const Handle file = logFile()) {
        unsigned long written = 0;
        WriteFile(file, line.text(), static_cast<unsigned long>(line.size()), &written, nullptr);
    }
}

int journal::faults() { return __atomic_load_n(&faultCount, __ATOMIC_ACQUIRE); }
void journal::addFault() { __atomic_fetch_add(&faultCount, 1, __ATOMIC_ACQ_REL); }

void Call::start(const char *method, const char *className, int object) {
    line_.put("{\"t\":");
    line_.number(nowMs());
    line_.put(",\"thread\":");
    line_.number(static_cast<int64_t>(GetCurrentThreadId()));
    line_.put(",\"object\":");
    line_.number(object);
    line_.put(",\"class\":\"");
    line_.put(className);
    line_.put("\",\"method\":\"");
    line_.put(method);
    line_.put("\",\"args\":[");
}

Call::Call(const char *method) { start(method, nameOf(Kind::None), 0); }

Call::Call(const void *self, Kind kind, const char *method) {
    const int object = objects::numberOf(self, kind);
    start(method, nameOf(kind), object);
    if (object == 0) {
        valid_ = false;
        fault("this is not a live object of the class");
    }
}

Call::~Call() { write(); }

void Call::separate() {
    if (!first_)
        line_.put(',');
    first_ = false;
}

Call &Call::arg(bool value) {
    separate();
    line_.put(value ? "true" : "false");
    return *this;
}

Call &Call::arg(int64_t value) {
    separate();
    line_.number(value);
    return *this;
}

Call &Call::arg(double value) {
    separate();
    line_.decimal(value);
    return *this;
}

Call &Call::address(const void *value) {
    separate();
    line_.address(value);
    return *this;
}

const char *Call::text(const char *value) {
    separate();
    if (!value) {
        line_.put("null");
        return nullptr;
    }
    const size_t size = readableLength(value);
    if (size == LONGEST_TEXT) {
        line_.address(value);
        fault("a text is not readable, or has no end");
        return nullptr;
    }
    line_.quoted(value);
    for (size_t at = 0; at < size;) {
        const size_t step = utf8Length(value + at);
        if (step == 0) {
            fault("a text is not UTF-8");
            break;
        }
        at += step;
    }
    return value;
}

const wchar_t *Call::wide(const wchar_t *value) {
    separate();
    if (!value) {
        line_.put("null");
        return nullptr;
    }
    int size = 0;
    while (size < 1024 && readable(value + size, sizeof *value) && value[size])
        ++size;
    if (size == 1024 || !readable(value + size, sizeof *value)) {
        line_.address(value);
        fault("a text is not readable, or has no end");
        return nullptr;
    }
    char utf8[3 * 1024 + 1];
    constexpr unsigned UTF8 = 65001;
    utf8[WideCharToMultiByte(UTF8, 0, value, size, utf8, sizeof utf8 - 1, nullptr, nullptr)] = 0;
    line_.quoted(utf8);
    return value;
}

bool Call::memory(const void *value, size_t size) {
    if (readable(value, size))
        return true;
    fault("a struct or buffer is not readable");
    return false;
}

void Call::fault(const char *what) {
    if (!fault_)
        fault_ = what;
    journal::addFault();
}

int Call::result(int code) {
    if (!closed_) {
        line_.put("],\"result\":");
        line_.number(code);
        closed_ = true;
    }
    return code;
}

bool Call::answer(bool value) {
    if (!closed_) {
        line_.put(value ? "],\"result\":true" : "],\"result\":false");
        closed_ = true;
    }
    return value;
}

void Call::write() {
    if (written_)
        return;
    written_ = true;
    if (!closed_)
        line_.put(']');
    if (fault_) {
        line_.put(",\"fault\":\"");
        line_.put(fault_);
        line_.put('"');
    }
    line_.put("}\n");
    if (!line_.full()) {
        journal::write(line_);
        return;
    }
    Text line;
    line.put("{\"fault\":\"a log line was too long\"}\n");
    journal::write(line);
}

void logCallback(const void *self, Kind kind, const char *callback, int64_t value) {
    Text line;
    line.put("{\"t\":");
    line.number(nowMs());
    line.put(",\"thread\":");
    line.number(static_cast<int64_t>(GetCurrentThreadId()));
    line.put(",\"object\":");
    line.number(objects::numberOf(self, kind));
    line.put(",\"class\":\"");
    line.put(nameOf(kind));
    line.put("\",\"callback\":\"");
    line.put(callback);
    line.put("\",\"value\":");
    line.number(value);
    line.put("}\n");
    journal::write(line);
}

} // namespace standin
