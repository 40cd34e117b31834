#pragma once

#include "runtime/Text.h"

namespace standin {

/// What an address that was handed out is; also the "class" of its log lines.
enum class Kind { None, Pusher, Player, Premier, DeviceManager, AudioEffects, Beauty, Devices, Device, Sources };

/// The objects that were handed out and not yet released. Numbers start with 1 and are never used twice.
namespace objects {
/// Traps when more than 1024 live at once.
int add(const void *address, Kind kind);
void remove(const void *address);
/// 0 when no such object lives.
int numberOf(const void *address, Kind kind);
/// The address of a live object, or null; locked against release only by the caller's own order.
void *addressOf(int number, Kind &kind);
/// Those that the client has to release: pushers, players, lists.
int live();
} // namespace objects

/// The log: one JSON line a call or callback, in memory (1 MiB, then no more) and in the file that
/// LITEAV_STANDIN_LOG names.
namespace journal {
const char *text();
void clear();
void write(const Text &line);
/// Calls and callbacks that broke a rule of the specification, since the start.
int faults();
void addFault();
} // namespace journal

/// One call of the client: its log line and the checks that every call has. Arguments are added in order.
class Call {
  public:
    /// An export, or a method of `self` (then `self` must be live and of this kind).
    explicit Call(const char *method);
    Call(const void *self, Kind kind, const char *method);
    ~Call();
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    /// False: `self` is not an object of ours, do not touch it.
    explicit operator bool() const { return valid_; }
    bool faulty() const { return fault_ != nullptr; }

    Call &arg(bool value);
    Call &arg(int64_t value);
    Call &arg(int value) { return arg(static_cast<int64_t>(value)); }
    Call &arg(unsigned value) { return arg(static_cast<int64_t>(value)); }
    Call &arg(long value) { return arg(static_cast<int64_t>(value)); }
    Call &arg(unsigned long value) { return arg(static_cast<int64_t>(value)); }
    Call &arg(unsigned long long value) { return arg(static_cast<int64_t>(value)); }
    Call &arg(double value);
    Call &arg(float value) { return arg(static_cast<double>(value)); }
    Call &address(const void *value);
    /// A text of the client's: logged when it is readable UTF-8 of at most 64 KiB, else a fault. Null is logged as
    /// null. Returns null when it must not be read.
    const char *text(const char *value);
    const wchar_t *wide(const wchar_t *value);
    /// A struct or buffer that must be readable; false and a fault when it is not.
    bool memory(const void *value, size_t size);
    void fault(const char *what);

    /// Logs what the call gave back, and returns it.
    int result(int code);
    bool answer(bool value);
    /// Writes the line now (a call that will not return soon).
    void write();

  private:
    void start(const char *method, const char *className, int object);
    void separate();

    Text line_;
    const char *fault_ = nullptr;
    bool valid_ = true;
    bool first_ = true;
    bool closed_ = false;
    bool written_ = false;
};

/// Logs a callback that is about to be made.
void logCallback(const void *self, Kind kind, const char *callback, int64_t value);

const char *nameOf(Kind kind);

} // namespace standin
