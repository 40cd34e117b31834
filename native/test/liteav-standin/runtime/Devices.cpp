#include "runtime/Devices.h"

namespace standin {

namespace {

constexpr DeviceRow MICROPHONES[DEVICES_OF_A_TYPE] = {
    {"麦克风阵列 (Realtek Audio)", "{0.0.1.00000000}.{standin-mic-1}"},
    {"USB 麦克风", "{0.0.1.00000000}.{standin-mic-2}"},
};
constexpr DeviceRow SPEAKERS[DEVICES_OF_A_TYPE] = {
    {"扬声器 (Realtek Audio)", "{0.0.0.00000000}.{standin-speaker-1}"},
    {"蓝牙耳机", "{0.0.0.00000000}.{standin-speaker-2}"},
};
constexpr DeviceRow CAMERAS[DEVICES_OF_A_TYPE] = {
    {"内置摄像头", "\\\\?\\usb#standin-camera-1"},
    {"高清 USB 摄像头", "\\\\?\\usb#standin-camera-2"},
};

} // namespace

const DeviceRow *devicesOf(int type) {
    switch (type) {
    case 0:
        return MICROPHONES;
    case 1:
        return SPEAKERS;
    case 2:
        return CAMERAS;
    default:
        return nullptr;
    }
}

int deviceIndex(int type, const char *pid) {
    const DeviceRow *rows = devicesOf(type);
    for (int i = 0; rows && i < DEVICES_OF_A_TYPE; ++i)
        if (equal(rows[i].pid, pid))
            return i;
    return -1;
}

const SourceRow SOURCE_ROWS[SOURCES] = {
    {true, 1, "屏幕 1", false},
    {false, 0x10010, "记事本 - 合同.txt", false},
    {false, 0x10020, "Calculator", true},
};

} // namespace standin
