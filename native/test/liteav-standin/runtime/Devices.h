#pragma once

#include "runtime/Kernel.h"

namespace standin {

struct DeviceRow {
    const char *name; // UTF-8
    const char *pid;
};

constexpr int DEVICES_OF_A_TYPE = 2;

/// Two devices of each type: 0 microphones, 1 speakers, 2 cameras. Null for another type.
const DeviceRow *devicesOf(int type);
/// −1 when no device of the type has this PID.
int deviceIndex(int type, const char *pid);

struct SourceRow {
    bool screen;
    uintptr_t id;
    const char *name; // UTF-8
    bool minimized;
};
constexpr int SOURCES = 3;
/// The main screen and two windows.
extern const SourceRow SOURCE_ROWS[SOURCES];

} // namespace standin
